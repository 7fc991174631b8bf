import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Presentation } from '../../machines/orders.js';
import { type Clock, monotonicClock } from '../../src/clock.js';
import { nxproxy } from '../../src/proxy/nxproxy.js';
import { nameWindow } from '../../src/proxy/windowTitle.js';
import { parseMessage, parseText, parseTree, splitMessages } from '../../src/proxy/x11Messages.js';
import {
  changeProperty,
  getProperty,
  internAtom,
  queryTree,
  telling,
  tellOf,
} from '../../src/proxy/x11Requests.js';
import { manualClock } from '../support/manualClock.js';
import { nextSocket } from '../support/nextSocket.js';
import { stubNxproxy } from '../support/stubNxproxy/stubNxproxy.js';
import { stubScreen } from '../support/stubNxproxy/stubScreen.js';
import { eventually } from '../support/until.js';
import { aWorld, profile, run, session } from './support/aWorld.js';
import { fakeAgent } from './support/fakeAgent.js';
import { type FakeX, fakeX } from './support/fakeX.js';

let screen: FakeX;
let ending: AbortController;
beforeEach(async () => {
  screen = await fakeX();
  ending = new AbortController();
});
afterEach(async () => {
  ending.abort();
  await screen.stop();
});
const agents = `X2GO-${session}`;
const desktop = 0x20;
function name(presentation: Presentation, { of = session, clock = monotonicClock as Clock } = {}) {
  const input = { profile, session: of, display: 50, port: 1, presentation };
  return nameWindow(input, { env: { DISPLAY: screen.display }, clock, signal: ending.signal });
}
const names = () => screen.given.filter(([, property]) => property === 'WM_NAME').map(([, , , text]) => text);

describe('the window of a session', () => {
  test('that is there already gets its title, and no other window does', async () => {
    screen.add(0x10, 'X2GO-another');
    screen.add(0x11, `${agents}1`);
    screen.add(desktop, agents);
    void name({ title: 'Büro 1' });
    await eventually('the title', () => screen.given.length === 4);
    expect(screen.given).toEqual([
      [desktop, 'WM_NAME', 'STRING', 'Büro 1'],
      [desktop, 'WM_ICON_NAME', 'STRING', 'Büro 1'],
      [desktop, '_NET_WM_NAME', 'UTF8_STRING', 'Büro 1'],
      [desktop, '_NET_WM_ICON_NAME', 'UTF8_STRING', 'Büro 1'],
    ]);
  });

  test('is found in the frames that a window manager put around it', async () => {
    screen.add(0x10);
    screen.add(0x11, '', 0x10);
    screen.add(desktop, agents, 0x11);
    void name({ title: '事務所' });
    await eventually('the title', () => names().length > 0);
    expect(screen.given[0]).toEqual([desktop, 'WM_NAME', 'UTF8_STRING', '事務所']);
  });

  test('that comes later, and is named after that, and named by its agent once more', async () => {
    void name({ title: 'mine' });
    await eventually('it to look', () => screen.asked === 5);
    screen.add(desktop);
    await eventually('it to look there', () => screen.asked === 7);
    screen.name(desktop, agents);
    await eventually('the title', () => names().length === 1);
    screen.name(desktop, agents);
    await eventually('the title again', () => names().length === 2);
    screen.remove(desktop);
    screen.add(desktop, agents);
    await eventually('the title of its successor', () => names().length === 3);
    expect(new Set(names())).toEqual(new Set(['mine']));
  });

  test('a program that insists on another name has its way', async () => {
    screen.add(desktop, agents);
    void name({ title: 'mine' });
    for (let times = 1; times <= 10; times += 1) {
      // A late look finds the name that was given since: then it is named twice for one.
      await eventually('the title', () => names().length >= times);
      screen.name(desktop, agents);
    }
    const before = screen.asked;
    screen.name(desktop, agents);
    await eventually('another look', () => screen.asked > before + 1);
    expect(names()).toHaveLength(10);
  });

  test('windows that are gone while they are looked at disturb nobody', async () => {
    void name({ title: 'mine' });
    await eventually('it to look', () => screen.asked === 5);
    // Told of, and gone: the server answers with errors.
    screen.say(event(16, 0x100, 0x77));
    await eventually('it to look there', () => screen.asked === 7);
    screen.add(desktop, agents);
    await eventually('the title', () => names().length === 1);
  });

  test.each([
    ['\x1b]0;gone\x07My\n \x9b31mdesk\u202etop ', 'My desktop'],
    ['x'.repeat(500), `${'x'.repeat(199)}…`],
  ])('control characters and what is too long are cut: %j', async (title, expected) => {
    screen.add(desktop, agents);
    void name({ title });
    await eventually('the title', () => names().length === 1);
    expect(names()).toEqual([expected]);
  });

  test.each([
    ['no title', session, {}],
    ['nothing in it', session, { title: ' \x1b[0m\n' }],
    ["the agent's own", session, { title: agents }],
    ['an application', 'alice-50-1795371806_stRxterm_dp24', { title: 'mine' }],
    ['published applications', 'alice-50-1795371806_stRPUBLISHED_dp24', { title: 'mine' }],
    ['no session', 'nonsense', { title: 'mine' }],
  ])('%s: nobody is asked', async (_, of, presentation) => {
    screen.add(desktop, `X2GO-${of}`);
    await name(presentation, { of });
    expect([screen.asked, screen.connections]).toEqual([0, 0]);
  });
});

describe('it never lasts, and never fails', () => {
  test('after 15 s the line to the screen is closed', async () => {
    const time = manualClock();
    const named = name({ title: 'mine' }, { clock: time.clock });
    await eventually('it to look', () => screen.asked === 5);
    time.pass(14_999);
    expect(screen.connections).toBe(1);
    time.pass(1);
    await named;
    await eventually('the line to be closed', () => screen.connections === 0);
    expect(time.armed()).toBe(0);
    expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
  });

  test('told to end, at once', async () => {
    const time = manualClock();
    const named = name({ title: 'mine' }, { clock: time.clock });
    await eventually('it to look', () => screen.asked === 5);
    ending.abort();
    await named;
    await eventually('the line to be closed', () => screen.connections === 0);
    expect(time.armed()).toBe(0);
    await name({ title: 'mine' });
    expect(screen.connections).toBe(0);
  });

  test('a screen that is gone, that lets nobody in, that ends in the middle', async () => {
    const refusal = Buffer.concat([Buffer.from([0, 2, 11, 0, 0, 0, 1, 0]), Buffer.from('no\0\0')]);
    const refusing = await stubScreen(refusal);
    await name({ title: 'mine', screen: '/nonexistent/x:0' });
    await name({ title: 'mine', screen: refusing.display });
    await refusing.stop();
    const named = name({ title: 'mine' });
    await eventually('it to look', () => screen.asked === 5);
    await screen.stop();
    await named;
  });

  test('an answer too long to be true closes the line; nonsense is passed over', async () => {
    const named = name({ title: 'mine' }, { clock: manualClock().clock });
    await eventually('it to look', () => screen.asked === 5);
    screen.say(event(1, 0, 7));
    screen.say(event(99, 1));
    screen.add(desktop, agents);
    await eventually('the title', () => names().length === 1);
    const endless = event(1);
    endless.writeUInt32LE(1 << 20, 4);
    screen.say(endless);
    await named;
  });

  test('one that is told to end in the very moment when the screen lets it in leaves no line', async () => {
    nextSocket((socket) => socket.once('data', () => queueMicrotask(() => ending.abort())));
    const time = manualClock();
    await name({ title: 'mine' }, { clock: time.clock });
    await eventually('the line to be closed', () => screen.connections === 0);
    expect([ending.signal.aborted, time.armed()]).toEqual([true, 0]);
  });

  test('the whole of it goes with nxproxy', async () => {
    const stub = stubNxproxy();
    const agent = await fakeAgent();
    const { world } = aWorld();
    const env = stub.env({ DISPLAY: screen.display });
    const proxy = run(nxproxy(world, { env }), { port: agent.port, presentation: { title: 'mine' } });
    await proxy.fact('proxy.up');
    screen.add(desktop, agents);
    await eventually('the title', () => names().length === 1);
    expect(screen.connections).toBe(1);
    proxy.ask('proxy.end');
    await proxy.fact('proxy.ended');
    await eventually('the line to be closed', () => screen.connections === 0);
    expect(world.scope.open).toEqual([]);
    proxy.stop();
    await agent.stop();
    stub.remove();
  });
});

function event(code: number, ...words: number[]): Buffer {
  const bytes = Buffer.alloc(32);
  bytes[0] = code;
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, 4 + 4 * index);
  return bytes;
}

describe('the words of X11', () => {
  /** As the protocol's encoding has them (X Window System Protocol, appendix B). */
  test.each([
    ['ChangeWindowAttributes', tellOf(0x1234, telling.property), '02000400 34120000 00080000 00004000'],
    ['of substructure', tellOf(0x1234, telling.substructure), '02000400 34120000 00080000 00000800'],
    ['QueryTree', queryTree(0x1234), '0f000200 34120000'],
    ['InternAtom', internAtom('ABCDE'), '10000400 05000000 41424344 45000000'],
    ['GetProperty', getProperty(0x1234, 39, 256), '14000600 34120000 27000000 00000000 00000000 40000000'],
    [
      'ChangeProperty',
      changeProperty(0x1234, 39, 31, Buffer.from('Hi')),
      '12000700 34120000 27000000 1f000000 08000000 02000000 48690000',
    ],
  ])('%s', (_, request, hex) => {
    expect(request.toString('hex')).toBe(hex.replaceAll(' ', ''));
  });

  test('messages are cut where they end, however they come', () => {
    const long = Buffer.alloc(40);
    long.set([1, 0, 7, 0, 2]);
    const stream = Buffer.concat([event(16, 1, 2), long, event(28 | 0x80, 5, 39), event(0)]);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
        let rest: Buffer = Buffer.alloc(0);
        const kinds = places.slice(1).flatMap((to, index) => {
          const split = splitMessages(Buffer.concat([rest, stream.subarray(places[index], to)]));
          rest = split?.rest ?? rest;
          return split?.messages.map((message) => parseMessage(message).kind) ?? [];
        });
        expect(kinds).toEqual(['created', 'reply', 'changed', 'error']);
        expect(rest).toHaveLength(0);
      }),
    );
  });

  test('any bytes will do', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (array) => {
        for (const message of splitMessages(Buffer.from(array))?.messages ?? []) {
          parseMessage(message);
          expect(parseTree(message).length).toBeLessThanOrEqual(message.length / 4);
          expect(parseText(message).length).toBeLessThanOrEqual(message.length);
        }
      }),
    );
  });
});
