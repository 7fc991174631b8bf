import type { Client } from 'ssh2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { connect, ran } from './support/client.js';
import { createLife } from './support/life.js';
import { channelTo, Heard } from './support/tunnel.js';

let emulator: Emulator;
let client: Client;
beforeEach(async () => {
  emulator = await startEmulator();
  client = await connect(emulator);
});
afterEach(async () => {
  client.end();
  await emulator.stop();
});

const portOf = (session: string) => emulator.sessions.get(session).record.ports?.graphics ?? 0;
const seen = (session: string) => emulator.sessions.get(session);

/** A session that waits for its viewer, and a viewer's line to it. */
async function shown(cookie?: string): Promise<{ session: string; line: Heard }> {
  const session = emulator.sessions.start({ attach: false });
  const line = new Heard(await channelTo(client, portOf(session)));
  line.channel.write(`NXPROXY ${cookie ?? emulator.sessions.cookieOf(session)}\n`);
  return { session, line };
}

test('the right cookie wakes the agent, which sends back what it gets', async () => {
  const { session, line } = await shown();
  await expect.poll(() => line.text).toBe('NXAGENT ok\n');
  expect(seen(session)).toMatchObject({ state: 'RUNNING', shown: true });
  line.channel.write('ping');
  await expect.poll(() => line.text).toBe('NXAGENT ok\nping');
  expect(emulator.tunnels).toBe(1);
});

test('a greeting may come in pieces, and with what follows it', async () => {
  const session = emulator.sessions.start({ attach: false });
  const line = new Heard(await channelTo(client, portOf(session)));
  for (const letter of `NXPROXY ${emulator.sessions.cookieOf(session)}\nand more`) {
    line.channel.write(letter);
    await new Promise(setImmediate);
  }
  await expect.poll(() => line.text).toBe('NXAGENT ok\nand more');
  const other = emulator.sessions.start({ attach: false });
  const hasty = new Heard(await channelTo(client, portOf(other)));
  hasty.channel.write(`NXPROXY ${emulator.sessions.cookieOf(other)}\nin one`);
  await expect.poll(() => hasty.text).toBe('NXAGENT ok\nin one');
});

test.each([
  ['a wrong cookie', `NXPROXY ${'0'.repeat(32)}\n`],
  ['another word', 'SSH-2.0-x\n'],
  ['an endless word', 'x'.repeat(500)],
])('%s makes a new agent abort, and the list does not know', async (_, hello) => {
  const session = emulator.sessions.start({ attach: false });
  const line = new Heard(await channelTo(client, portOf(session)));
  line.channel.write(hello);
  await expect.poll(() => line.closed).toBe(true);
  expect(line.text).toBe('');
  expect(seen(session)).toMatchObject({ state: 'STARTING', agentAlive: false, listed: true, shown: false });
  await expect(channelTo(client, portOf(session))).rejects.toMatchObject({ reason: 2 });
});

test('a connection that says nothing and leaves makes a new agent abort', async () => {
  const session = emulator.sessions.start({ attach: false });
  (await channelTo(client, portOf(session))).end();
  await expect.poll(() => seen(session).agentAlive).toBe(false);
});

test('a second connection is refused, as is a port nobody listens on, and a host that is not this one', async () => {
  const { session, line } = await shown();
  await expect.poll(() => line.text).toBe('NXAGENT ok\n');
  await expect(channelTo(client, portOf(session))).rejects.toMatchObject({ reason: 2 });
  await expect(channelTo(client, 9)).rejects.toMatchObject({ reason: 2 });
  const elsewhere = emulator.sessions.start({ attach: false });
  const away = new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 1, '192.0.2.1', portOf(elsewhere), (cause) =>
      cause ? reject(cause) : resolve(0),
    );
  });
  await expect(away).rejects.toMatchObject({ reason: 2 });
  const other = emulator.sessions.start();
  await expect(channelTo(client, portOf(other))).rejects.toMatchObject({ reason: 2 });
  expect(seen(other).agentAlive).toBe(true);
});

test('a line that ends suspends its session, and a listing tells the data base', async () => {
  const { session, line } = await shown();
  await expect.poll(() => line.text).toBe('NXAGENT ok\n');
  line.channel.end();
  await expect.poll(() => seen(session).state).toBe('SUSPENDED');
  expect(seen(session)).toMatchObject({ shown: false, agentAlive: true, record: { status: 'R' } });
  await expect.poll(() => line.closed).toBe(true);
  await ran(client, 'x2golistsessions');
  expect(seen(session).record.status).toBe('S');
  await expect(channelTo(client, portOf(session))).rejects.toMatchObject({ reason: 2 });
});

test('a connection that is cut suspends what it showed', async () => {
  const { session } = await shown();
  await expect.poll(() => seen(session).state).toBe('RUNNING');
  emulator.faults.deafAgents();
  await emulator.faults.reset();
  await expect.poll(() => seen(session).state).toBe('SUSPENDED');
  expect(emulator.tunnels).toBe(0);
});

test.each([
  ['suspend', 'SUSPENDED', true],
  ['terminate', 'TERMINATED', false],
  ['takeOver', 'RUNNING', true],
  ['abandon', 'SUSPENDED', true],
  ['endApplication', undefined, false],
  ['killAgent', 'RUNNING', false],
] as const)('%s by somebody else closes the line', async (action, state, agentAlive) => {
  const { session, line } = await shown();
  await expect.poll(() => line.text).toBe('NXAGENT ok\n');
  emulator.sessions[action](session);
  await expect.poll(() => line.closed).toBe(true);
  expect(seen(session)).toMatchObject({ agentAlive, shown: false });
  expect(seen(session).state).toBe(state);
  await expect.poll(() => emulator.tunnels).toBe(0);
});

test('a deaf agent reads nothing until it is healed, and then nothing is missing', async () => {
  const { line } = await shown();
  await expect.poll(() => line.text).toBe('NXAGENT ok\n');
  emulator.faults.deafAgents();
  const bytes = Buffer.alloc(6_000_000, 'y');
  const written = new Promise((resolve) => line.channel.write(bytes, resolve));
  let done = false;
  void written.then(() => {
    done = true;
  });
  await ran(client, 'x2gofeaturelist');
  expect([done, line.text.length]).toEqual([false, 11]);
  await emulator.faults.heal();
  await written;
  await expect.poll(() => line.text.length).toBe(11 + bytes.length);
});

test('a viewer that goes is missed by an agent that reads nothing, too', async () => {
  const { session, line } = await shown();
  await expect.poll(() => line.text).toBe('NXAGENT ok\n');
  emulator.faults.deafAgents();
  line.channel.write(Buffer.alloc(3_000_000));
  line.channel.close();
  await expect.poll(() => [emulator.tunnels, seen(session).state]).toEqual([0, 'SUSPENDED']);
});

test('healing agents that are not deaf changes nothing', async () => {
  const { session, line } = await shown();
  await expect.poll(() => seen(session).shown && line.text).toBe('NXAGENT ok\n');
  await emulator.faults.heal();
  line.channel.write('ping');
  await expect.poll(() => line.text).toBe('NXAGENT ok\nping');
  line.channel.end();
  await expect.poll(() => [emulator.tunnels, seen(session).state]).toEqual([0, 'SUSPENDED']);
});

test('refuseForwarding() prohibits tunnels until it is healed', async () => {
  emulator.faults.refuseForwarding();
  const session = emulator.sessions.start({ attach: false });
  await expect(channelTo(client, portOf(session))).rejects.toMatchObject({ reason: 1 });
  expect(seen(session).agentAlive).toBe(true);
  await emulator.faults.heal();
  await channelTo(client, portOf(session));
});

describe('at the pace of a real server', () => {
  let clock: SimulatedClock;
  beforeEach(async () => {
    await emulator.stop();
    clock = new SimulatedClock();
    emulator = await startEmulator({ pace: 1, clock });
    client = await connect(emulator);
  });

  /** What becomes of a session and its line each time it changes, with the second in which it did. */
  function course(session: string, seconds: number): string[] {
    const changes: string[] = [];
    const start = clock.now();
    for (let tenth = 0; tenth <= seconds * 10; tenth++) {
      const { state, agentAlive, shown } = seen(session);
      const text = `${state} ${agentAlive ? 'alive' : 'dead'} ${shown ? 'open' : 'closed'}`;
      if (!changes.at(-1)?.endsWith(` ${text}`))
        changes.push(`${((clock.now() - start) / 1000).toFixed(1)} ${text}`);
      clock.increment(100);
    }
    return changes;
  }
  async function running() {
    const session = emulator.sessions.start({ attach: false });
    clock.increment(2_000);
    const line = new Heard(await channelTo(client, portOf(session)));
    line.channel.write(`NXPROXY ${emulator.sessions.cookieOf(session)}\n`);
    await expect.poll(() => seen(session).shown).toBe(true);
    expect(course(session, 2)).toEqual(['0.0 STARTING alive open', '1.0 RUNNING alive open']);
    await expect.poll(() => line.text).toBe('NXAGENT ok\n');
    return { session, line };
  }

  test('somebody takes a session over: the line ends in the middle of it', async () => {
    const { session, line } = await running();
    emulator.sessions.takeOver(session);
    expect(course(session, 11)).toEqual([
      '0.0 RUNNING alive open',
      '1.4 SUSPENDING alive open',
      '4.5 SUSPENDING alive closed',
      '7.3 SUSPENDED alive closed',
      '9.5 RESUMING alive closed',
      '10.5 RUNNING alive closed',
    ]);
    await expect.poll(() => line.closed).toBe(true);
  });

  test('a viewer that leaves while its session is being taken over stops nothing', async () => {
    const { session, line } = await running();
    emulator.sessions.takeOver(session);
    clock.increment(2_000);
    line.channel.end();
    await expect.poll(() => line.closed).toBe(true);
    expect(course(session, 9).at(-1)).toBe('8.5 RUNNING alive closed');
  });

  test('a viewer leaves: SUSPENDING at once, SUSPENDED within the second', async () => {
    const { session, line } = await running();
    line.channel.end();
    await expect.poll(() => line.closed).toBe(true);
    expect(course(session, 2)).toEqual(['0.0 SUSPENDING alive closed', '0.7 SUSPENDED alive closed']);
    expect(emulator.pendingTimers).toBe(0);
  });

  test('an agent that waits a minute for its viewer gives up: a new one aborts, an old one sleeps', async () => {
    const { record } = await startedByScript();
    expect(course(record.session, 58).at(-1)).toBe('0.0 STARTING alive closed');
    expect(course(record.session, 5).at(-1)).toMatch(/ STARTING dead closed$/);
    const other = emulator.sessions.start();
    clock.increment(5_000);
    emulator.sessions.suspend(other);
    clock.increment(8_000);
    const resuming = createLife(client).resume(other, seen(other).record.agentPid ?? 0);
    await expect.poll(() => emulator.pendingTimers).toBe(2);
    expect(course(other, 63)).toEqual([
      '0.0 SUSPENDED alive closed',
      '2.0 RESUMING alive closed',
      '62.0 SUSPENDED alive closed',
    ]);
    expect(await resuming).toMatchObject({ ok: true });
    expect(emulator.pendingTimers).toBe(0);
  });

  test('a viewer that comes in time is waited for no longer', async () => {
    const { record, cookie } = await startedByScript();
    const line = new Heard(await channelTo(client, record.ports?.graphics ?? 0));
    line.channel.write(`NXPROXY ${cookie}\n`);
    await expect.poll(() => seen(record.session).shown).toBe(true);
    expect(course(record.session, 100).at(-1)).toBe('1.0 RUNNING alive open');
    expect(emulator.pendingTimers).toBe(0);
  });

  /** By x2gostartagent, which takes its time. */
  async function startedByScript() {
    const begun = createLife(client).start();
    await expect.poll(() => emulator.pendingTimers).toBe(2);
    clock.increment(2_000);
    clock.increment(1_400);
    const outcome = await begun;
    if (!outcome.ok) throw new Error(outcome.failure.message);
    return outcome.value;
  }
});
