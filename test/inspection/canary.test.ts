import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createActor, createMachine, fromPromise, waitFor } from 'xstate';
import type { FeedLine } from '../../src/inspection/feed.js';
import { plain } from '../../src/inspection/plain.js';
import { record } from '../../src/inspection/recording.js';
import type { ActorNode } from '../../src/inspection/tree.js';
import { XStateWire } from '../../src/inspection/xstateWire.js';
import { everyFlag } from '../support/guard.js';
import { live } from '../support/life.js';

const password = 'canary-password-7c1';
const passphrase = 'canary-passphrase-9d2';

const all = (node: ActorNode): ActorNode[] => [node, ...node.children.flatMap(all)];

test.each(['info', 'debug', 'trace'])(
  'no secret is in what is seen of a guardian, logged at %s',
  async (level) => {
    const folder = mkdtempSync(join(tmpdir(), 'canary-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'run.ndjson');
    const seen: string[] = [];
    const cookies = new Set<string>();
    const wire = new XStateWire();
    const messages: string[] = [];
    wire.join((message) => void messages.push(message));
    const logger = pino({ level }, { write: (line: string) => void seen.push(line) });
    {
      await using life = await live({
        ...everyFlag,
        logger,
        start: false,
        refreshInterval: 100,
        server: { password },
        login: () => ({ password, passphrase, ask: async () => password }) as never,
        inspect: (event) => {
          seen.push(inspected(event));
          wire.inspect(event);
        },
      });
      const { guardian, log, emulator } = life;
      const history = () => all(guardian.inspect().root).map(({ id }) => guardian.history(id));
      const look = () => {
        wire.join((message) => void messages.push(message))();
        for (const { cookie } of emulator.sessions.store.all) cookies.add(cookie);
        seen.push(
          JSON.stringify([
            guardian.inspect(),
            history(),
            guardian.actor.getSnapshot(),
            guardian.actor.getPersistedSnapshot(),
          ]),
        );
      };
      guardian.feed((line: FeedLine) => void seen.push(JSON.stringify(line)));
      const recording = record(file, (listener, options) => guardian.feed(listener, options), {
        version: '1',
        trouble: () => undefined,
      });
      await guardian.start();
      const session = await life.start();
      look();
      await emulator.faults.reset();
      await log.until('session.resumed');
      look();
      seen.push(guardian.why('office', session.id));
      await session.suspend();
      look();
      await guardian.stop();
      await recording.close();
    }
    seen.push(readFileSync(file, 'utf8'));
    expect(cookies.size).toBeGreaterThan(0);
    const text = [...seen, ...messages].join('\n');
    for (const told of ['"type":"@xstate.actor"', '"type":"xstate.done.actor.start"', '"type":"session.ask"'])
      expect(messages.join('\n')).toContain(told);
    expect(text).toContain('session.suspended');
    for (const secret of [password, passphrase, ...cookies]) expect(text.split(secret)).toHaveLength(1);
  },
  30_000,
);

/** XState's own inspection: actors as what they were started with. */
const inspected = (event: object): string =>
  JSON.stringify(event, (key, value) =>
    key === 'actorRef' || key === 'sourceRef'
      ? value?.options?.input
      : ['machine', '_nodes', '_transitions', 'children'].includes(key)
        ? undefined
        : value,
  );

test('a secret under a telling name does not get into a recording', () => {
  const told = {
    type: 'x',
    password: 'p',
    deep: [{ private_key: 'k', Passphrase: 's', x2go_cookie: 'c', token: 't' }],
    'alice-50-cookie-shop': 'kept',
    error: Object.assign(new Error('why'), { code: 'E' }),
    run: () => undefined,
    none: undefined,
  };
  expect(plain(told)).toEqual({
    type: 'x',
    password: '[secret]',
    deep: [{ private_key: '[secret]', Passphrase: '[secret]', x2go_cookie: '[secret]', token: '[secret]' }],
    'alice-50-cookie-shop': 'kept',
    error: { name: 'Error', message: 'why', code: 'E' },
  });
});

test('secrets under telling names are in no message of the official wire: of events, contexts, answers and errors', () => {
  const hidden = { password, deep: [{ passphrase, x2go_cookie: 'canary-cookie-1a2' }] };
  const chart = createMachine({
    id: 'teller',
    context: hidden,
    initial: 'asking',
    on: { told: {} },
    states: {
      asking: {
        invoke: { src: fromPromise(async () => hidden), id: 'answer', input: hidden, onDone: 'told' },
      },
      told: { type: 'final' },
    },
    output: hidden,
  });
  const wire = new XStateWire();
  const messages: string[] = [];
  wire.join((message) => void messages.push(message));
  const actor = createActor(chart, { inspect: wire.inspect, input: hidden });
  actor.start();
  actor.send({ type: 'told', ...hidden });
  return waitFor(actor, ({ status }) => status === 'done').then(() => {
    const text = messages.join('\n');
    for (const told of ['xstate.done.actor.answer', '"type":"told"', '"output":', '"context":', '[secret]'])
      expect(text).toContain(told);
    expect(text).not.toContain('canary');
  });
});
