import { execFileSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { monotonicClock } from '../../src/clock.js';
import { parseDisplayName } from '../../src/proxy/displayName.js';
import { localScreen, openScreen } from '../../src/proxy/localScreen.js';
import { parseSetup } from '../../src/proxy/x11Setup.js';
import { findAuthorization, parseXauthority } from '../../src/proxy/xauthority.js';
import { manualClock } from '../support/manualClock.js';
import { spawnTied } from '../support/real/child.js';
import { makeTempDir } from '../support/real/owner.js';
import { realServerAvailable } from '../support/real/prerequisites.js';
import { startXvfb } from '../support/real/xvfb.js';
import { setupReply, stubScreen } from '../support/stubNxproxy/stubScreen.js';
import { eventually } from '../support/until.js';

let dir: string;
beforeEach(() => {
  dir = makeTempDir('local');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const look = (display: string, env = {}) => localScreen(display, { env, clock: monotonicClock });
const missing = { code: 'screen.missing', retryable: false };

describe('the local screen', () => {
  test('its size and depth, and those of its second screen', async () => {
    const screens = [
      { width: 2560, height: 1440, depth: 24 },
      { width: 640, height: 480, depth: 8 },
    ];
    const screen = await stubScreen(screens);
    expect(await look(screen.display)).toEqual(screens[0]);
    expect(await look(`${screen.display}.1`)).toEqual(screens[1]);
    await expect(look(`${screen.display}.2`)).rejects.toMatchObject(missing);
    await eventually('its connections to be closed', () => screen.open() === 0);
    await screen.stop();
  });

  test('who has his answer listens no more, to it and whether he is to give up', async () => {
    const screen = await stubScreen();
    const { signal } = new AbortController();
    const { socket } = await openScreen(screen.display, { env: {}, clock: monotonicClock, signal });
    expect(socket.listenerCount('data')).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    socket.destroy();
    await screen.stop();
  });

  test('the cookie of that display is shown to it, and to no other', async () => {
    const screen = await stubScreen();
    const file = join(dir, 'xauth');
    const entry = (number: string, data: string) =>
      record(256, hostname(), number, 'MIT-MAGIC-COOKIE-1', data);
    writeFileSync(file, Buffer.concat([entry('7', 'seven'), entry('0', 'nought')]));
    await look(screen.display, { XAUTHORITY: file });
    expect(screen.heard[0]?.toString('latin1')).toContain('MIT-MAGIC-COOKIE-1\0\0nought');
    await look(screen.display, { XAUTHORITY: join(dir, 'absent') });
    expect(screen.heard[1]).toHaveLength(12);
    await screen.stop();
  });

  test.each([
    ['no DISPLAY', '', /DISPLAY is not set/],
    ['nonsense', 'screen', /names no X display/],
    ['a newline in it', ':0\n', /names no X display/],
    ['nobody there', ':59534', /cannot be opened \(E/],
    ['no socket at that path', '/nonexistent/x:0', /cannot be opened \(ENOENT\)/],
  ])('%s: screen.missing, and what to do', async (_, display, message) => {
    await expect(look(display)).rejects.toMatchObject({
      ...missing,
      message: expect.stringMatching(message),
    });
  });

  test.each([
    [
      'refuses',
      Buffer.concat([Buffer.from([0, 19, 11, 0, 0, 0, 5, 0]), Buffer.from('No protocol\x1b[2J now\0\0')]),
      /No protocol now/,
    ],
    ['wants another authentication', Buffer.from([2, 0, 11, 0, 0, 0, 0, 0]), /does not let us in/],
    [
      'talks nonsense',
      Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(4_000)),
      /does not answer as an X server/,
    ],
    [
      'ends within a screen',
      setupReply([{ width: 1, height: 1, depth: 24 }]).fill(0xff, 28, 29),
      /does not answer/,
    ],
  ])('one that %s: screen.missing', async (_, answer, message) => {
    const screen = await stubScreen(answer);
    await expect(look(screen.display)).rejects.toMatchObject({
      ...missing,
      message: expect.stringMatching(message),
    });
    await screen.stop();
  });

  test('one that says nothing is given up after 5 s, and at once when nobody waits any more', async () => {
    const screen = await stubScreen(Buffer.alloc(0));
    const { clock, pass, armed } = manualClock();
    const looking = localScreen(screen.display, { env: {}, clock });
    const outcome = expect(looking).rejects.toMatchObject({
      ...missing,
      message: expect.stringMatching(/no answer/),
    });
    await eventually('it to be asked', () => screen.heard.length === 1);
    pass(4_999);
    expect(armed()).toBe(1);
    pass(1);
    await outcome;
    const stop = new AbortController();
    const stopped = localScreen(screen.display, { env: {}, clock, signal: stop.signal });
    stop.abort(new Error('nobody waits'));
    await expect(stopped).rejects.toThrow('nobody waits');
    expect(armed()).toBe(0);
    await eventually('its connections to be closed', () => screen.open() === 0);
    await screen.stop();
  });

  test('an answer that comes in pieces', async () => {
    const path = join(dir, 'slow:0');
    const reply = setupReply([{ width: 800, height: 600, depth: 16 }]);
    const server = createServer((socket) => {
      socket.on('error', () => {});
      let at = 0;
      const more = () => {
        if (at >= reply.length) return;
        socket.write(reply.subarray(at, at + 7), more);
        at += 7;
      };
      socket.once('data', more);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect(await look(path)).toEqual({ width: 800, height: 600, depth: 16 });
    server.close();
  });
});

describe.runIf(realServerAvailable() === true)('a real X server', () => {
  test('tells its size, and wants its cookie where it has one', async () => {
    const open = await startXvfb(dir);
    expect(await look(open.display)).toEqual({ width: 1280, height: 800, depth: 24 });
    await open.stop();
    const file = join(dir, 'server');
    const cookie = '00112233445566778899aabbccddeeff';
    execFileSync('xauth', ['-q', '-f', file, 'add', ':0', '.', cookie], { stdio: 'ignore' });
    const xvfb = spawnTied('Xvfb', ['-displayfd', '3', '-auth', file, '-screen', '0', '801x602x16'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    let number = '';
    xvfb.stdio[3]?.on('data', (chunk: Buffer) => {
      number += chunk;
    });
    await eventually('it to say its number', () => number.endsWith('\n'));
    const display = `:${number.trim()}`;
    await expect(look(display, { XAUTHORITY: '/nonexistent' })).rejects.toMatchObject({
      ...missing,
      message: expect.stringMatching(/XAUTHORITY/),
    });
    const client = join(dir, 'client');
    execFileSync('xauth', ['-q', '-f', client, 'add', display, '.', cookie], { stdio: 'ignore' });
    expect(await look(display, { XAUTHORITY: client })).toEqual({ width: 801, height: 602, depth: 16 });
    mkdirSync(join(dir, 'home'));
    execFileSync('cp', [client, join(dir, 'home', '.Xauthority')]);
    expect(await look(display, { HOME: join(dir, 'home') })).toMatchObject({ width: 801 });
    xvfb.kill('SIGKILL');
  });
});

describe('names and files', () => {
  test.each([
    [':0', { number: 0, screen: 0 }],
    [':10.2', { number: 10, screen: 2 }],
    ['unix:3', { number: 3, screen: 0 }],
    ['localhost:10.0', { host: 'localhost', number: 10, screen: 0 }],
    ['tcp/far.example:1', { host: 'far.example', number: 1, screen: 0 }],
    ['[::1]:0', { host: '::1', number: 0, screen: 0 }],
    ['::1:0', { host: '::1', number: 0, screen: 0 }],
    ['/private/tmp/x/org.xquartz:0', { path: '/private/tmp/x/org.xquartz:0', number: 0, screen: 0 }],
  ])('%s', (text, wanted) => {
    expect(parseDisplayName(text)).toEqual({ host: undefined, path: undefined, ...wanted });
  });

  test('an entry is taken by family, address and number; a wild one fits everywhere', () => {
    const magic = 'MIT-MAGIC-COOKIE-1';
    const at = { hostname: 'here' };
    const found = (entries: Buffer[], server: Parameters<typeof findAuthorization>[1] = at, display = 0) =>
      findAuthorization(parseXauthority(Buffer.concat(entries)), server, display)?.data.toString();
    expect(found([record(256, 'there', '0', magic, 'no'), record(256, 'here', '0', magic, 'yes')])).toBe(
      'yes',
    );
    expect(found([record(256, 'here', '1', magic, 'no')])).toBeUndefined();
    expect(found([record(256, 'here', '', magic, 'any')], at, 9)).toBe('any');
    expect(found([record(65_535, '', '', magic, 'wild')], { ip: Buffer.from([10, 0, 0, 1]) })).toBe('wild');
    expect(found([record(0, '\x0a\0\0\x01', '0', magic, 'four')], { ip: Buffer.from([10, 0, 0, 1]) })).toBe(
      'four',
    );
    expect(found([record(256, 'here', '0', 'XDM-AUTHORIZATION-1', 'no')])).toBeUndefined();
    const whole = record(256, 'here', '0', magic, 'cut');
    for (let length = 0; length < whole.length; length += 1)
      expect(found([whole.subarray(0, length)])).toBeUndefined();
  });

  test('any bytes can be read as either', () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    const property = fc.property(bytes, (array) => {
      parseXauthority(Buffer.from(array));
      parseSetup(Buffer.from(array));
      const granted = Buffer.concat([setupReply([{ width: 9, height: 9, depth: 24 }]), Buffer.alloc(0)]);
      Buffer.from(array).copy(granted, 8);
      expect(parseSetup(granted).kind).toMatch(/granted|garbled/);
    });
    fc.assert(property, { numRuns: 5_000 });
  });
});

function record(family: number, ...strings: string[]): Buffer {
  const counted = strings.map((text) => {
    const bytes = Buffer.from(text, 'latin1');
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  });
  return Buffer.concat([Buffer.from([family >> 8, family & 255]), ...counted]);
}
