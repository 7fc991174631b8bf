import { Duplex, PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createActor, type PromiseActorLogic, toPromise } from 'xstate';
import type { Presentation } from '../../machines/orders.js';
import { sound } from '../../src/channels/sound.js';
import { type JournalEntry, noJournal } from '../../src/journal/journal.js';
import { beginLine } from '../../src/protocol/framing.js';
import { parseRequestLine, type ScriptRequest } from '../../src/protocol/request.js';
import { resumeBeginLine } from '../../src/protocol/resumeAgent.js';
import { sessionKey } from '../../src/protocol/sessionKey.js';
import { startBeginLine } from '../../src/protocol/startAgent.js';
import { Scope } from '../../src/scope.js';
import type { Connection } from '../../src/ssh/connection.js';
import { endAgent } from '../../src/ssh/endAgent.js';
import { RefusedSecrets } from '../../src/ssh/refusedSecrets.js';
import { resumeAgent } from '../../src/ssh/resumeAgent.js';
import { runCommand } from '../../src/ssh/runCommand.js';
import { startAgent } from '../../src/ssh/startAgent.js';
import { survey } from '../../src/ssh/survey.js';
import { withdraw } from '../../src/ssh/withdraw.js';
import type { World } from '../../src/world.js';
import { fixture } from '../protocol/fixtures.js';
import { manualClock } from '../support/manualClock.js';

/** What ssh2 gives for a channel, and what was asked on it. */
class FakeChannel extends Duplex {
  readonly stderr = new PassThrough();
  closes = 0;
  asked = '';
  override _read() {}
  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    this.asked += chunk.toString();
    done();
  }
  close() {
    this.closes += 1;
  }
  get request(): ScriptRequest {
    return parseRequestLine(this.asked.slice(2).split('\n')[0] ?? '') ?? expect.fail(`asked ${this.asked}`);
  }
  say(text: string) {
    this.push(text);
  }
  exit(code: number) {
    this.emit('exit', code);
    this.emit('close', code);
  }
}

const profile = 'office';
const session = 'alice-57-1795371806_stRxterm_dp24';
const seven = fixture('x2gostartagent-rootless.txt');
const server = { pid: 77, server: 'vm', time: '2026-11-22T23:41:34', client: '127.0.0.1' };

function setUp(parts: Partial<World> = {}) {
  const time = manualClock();
  const channels: FakeChannel[] = [];
  const scope = new Scope(() => 0);
  const noted: JournalEntry[] = [];
  const connection = {
    open: async (signal: AbortSignal) => {
      signal.throwIfAborted();
      const channel = new FakeChannel();
      channels.push(channel);
      return { channel, free: () => undefined };
    },
  } as unknown as Connection;
  const world: World = {
    clock: time.clock,
    sinceBoot: () => 0,
    chance: () => 0.5,
    scope,
    connections: new Map([[profile, connection]]),
    profileOf: (id) => ({ id, host: 'h', user: 'alice' }),
    credentialsOf: async () => ({}),
    hostKeysOf: () => ({ mode: 'strict', files: [] }),
    journal: {
      ...noJournal,
      note: (entry) => {
        noted.push(entry);
        return () => void noted.splice(noted.indexOf(entry), 1);
      },
    },
    cookies: new Map(),
    viewers: new Map(),
    answers: new Map(),
    refusals: new RefusedSecrets(),
    starts: new Map(),
    unlessUsed: new Set(),
    viewer: undefined,
    riders: { sound },
    ...parts,
  };
  const begin = <Value, Input>(logic: PromiseActorLogic<Value, Input>, input: Input) => {
    const actor = createActor(logic, { input: input as never });
    const answer = toPromise(actor) as Promise<Value>;
    answer.catch(() => undefined);
    actor.start();
    return { answer, stop: () => actor.stop() };
  };
  const channel = async (at = 0): Promise<FakeChannel> => {
    await expect.poll(() => channels[at]?.asked ?? '').toContain('\n}\n');
    return channels[at] ?? expect.fail('no channel');
  };
  return { time, world, scope, noted, channels, begin, channel };
}

const startInput = {
  profile,
  operation: 'start-1',
  order: { kind: 'application', command: 'xterm' } as const,
  deadlineMs: 30_000,
};
const resumeInput = {
  profile,
  session,
  kind: 'application' as const,
  agentPid: 812,
  presentation: {} as Presentation,
  deadlineMs: 60_000,
};

test('an agent that died at once is started again, and the row it left is ended once no start is under way', async () => {
  const { world, begin, channel, channels, time } = setUp();
  const first = begin(startAgent(world), startInput);
  const second = begin(startAgent(world), { ...startInput, operation: 'start-2' });
  const dies = await channel(0);
  const lives = await channel(1);
  dies.say(startBeginLine(dies.request.marker, server));
  await new Promise(setImmediate);
  dies.exit(12);
  await expect.poll(() => time.armed()).toBeGreaterThan(0);
  time.pass(1_000);
  const again = await channel(2);
  expect(again.request).toEqual(dies.request);
  again.say(startBeginLine(again.request.marker, server) + seven);
  await new Promise(setImmediate);
  again.exit(0);
  expect((await first.answer).outcome).toMatchObject({ ok: true });
  // The second one is still under way: its row may have no agent yet.
  expect(channels).toHaveLength(3);
  lives.say(startBeginLine(lives.request.marker, server) + seven);
  await new Promise(setImmediate);
  lives.exit(0);
  const clearing = await channel(3);
  expect(clearing.request).toMatchObject({ verb: 'withdraw' });
  expect(JSON.stringify(clearing.request)).not.toContain(dies.request.marker);
  expect(JSON.stringify(clearing.request)).not.toContain(lives.request.marker);
  clearing.exit(1);
  expect((await second.answer).outcome).toMatchObject({ ok: true });
});

/** A termination under way whose session counts as gone already. */
async function terminatedAsGone() {
  const { world, begin, channel, scope, time } = setUp();
  const input = { profile, session, how: 'terminate' as const, agentPid: 812, deadlineMs: 15_000 };
  const { answer, stop } = begin(endAgent(world), input);
  answer.catch(() => undefined);
  const exec = await channel();
  stop();
  return { exec, scope, time };
}

test('a termination takes the row off the list, too, although its session counts as gone and the line is to be closed', async () => {
  const { exec, scope, time } = await terminatedAsGone();
  let isClosed = false;
  const closing = scope.close().then((report) => {
    isClosed = true;
    return report;
  });
  await new Promise(setImmediate);
  expect([exec.closes, isClosed]).toEqual([0, false]);
  const { marker } = exec.request;
  exec.say(beginLine(marker));
  exec.say(`\n${marker} command 0\ngone\n${marker} agent 0\n\n${marker} end 0\n`);
  await new Promise(setImmediate);
  exec.exit(0);
  expect((await closing).map(({ outcome }) => outcome)).toEqual(['closed']);
  expect(time.armed()).toBe(0);
});

test('a termination that does not come to its end is cut after 3 s', async () => {
  const { exec, scope, time } = await terminatedAsGone();
  const closing = scope.close();
  await new Promise(setImmediate);
  expect(exec.closes).toBe(0);
  time.pass(3_000);
  await closing;
  await expect.poll(() => exec.closes).toBeGreaterThan(0);
});

test('a start is noted before it is sent, and struck out once its session has a name', async () => {
  const { world, begin, channel, noted, time, scope } = setUp();
  const { answer } = begin(startAgent(world), startInput);
  const marker = world.starts.get('start-1') ?? expect.fail('no marker');
  expect(noted).toEqual([{ kind: 'start', marker, profile: { id: profile, host: 'h', user: 'alice' } }]);
  const exec = await channel();
  expect(exec.request).toEqual({ verb: 'start', marker, type: 'R', command: 'xterm' });
  exec.say(startBeginLine(marker, server) + seven);
  await new Promise(setImmediate);
  exec.exit(0);
  const { outcome } = await answer;
  expect(outcome).toMatchObject({ ok: true, value: { user: 'alice', status: 'R' } });
  expect(noted).toHaveLength(1);
  time.pass(0);
  expect(noted).toEqual([]);
  // Until it is shown it may have to be withdrawn.
  expect([...world.starts]).toEqual([['start-1', marker]]);
  expect([...world.cookies.values()]).toEqual([seven.split('\n')[1]]);
  expect(JSON.stringify(outcome)).not.toContain(seven.split('\n')[1]);
  expect(scope.open).toEqual([]);
  expect(time.armed()).toBe(0);
});

test('three starts run on a server at once; the next one begins when one has ended, and a shared desktop waits for none', async () => {
  const { world, begin, channel, channels } = setUp();
  const start = (n: number) => begin(startAgent(world), { ...startInput, operation: `start-${n}` });
  const first = start(1);
  for (const n of [2, 3]) start(n);
  const given = start(4);
  start(5);
  await channel(2);
  const desktop = { user: 'bob', display: 50 };
  begin(startAgent(world), { ...startInput, order: { kind: 'shadow', desktop, mode: 'view' } as const });
  expect((await channel(3)).request).toMatchObject({ type: 'S' });
  given.stop();
  first.stop();
  const next = await channel(4);
  expect(next.request).toMatchObject({ marker: world.starts.get('start-5') });
  expect(channels).toHaveLength(5);
});

test('a start that is stopped closes its channel and stays noted until it is withdrawn', async () => {
  const { world, begin, channel, noted, time, scope, channels } = setUp();
  const { stop } = begin(startAgent(world), startInput);
  const exec = await channel();
  const start = world.starts.get('start-1');
  exec.say(startBeginLine(start ?? '', server) + seven);
  stop();
  await expect.poll(() => exec.closes).toBe(1);
  await expect.poll(() => scope.open).toEqual([]);
  time.pass(1_000);
  expect(noted).toHaveLength(1);

  const { answer } = begin(withdraw(world), { profile, operation: 'start-1', deadlineMs: 20_000 });
  const taken = await channel(1);
  expect(taken.request).toMatchObject({ verb: 'withdraw', start });
  const { marker } = taken.request;
  taken.say(`\n${marker} begin 0\n${session} gone\n\n${marker} withdrawn 0\n\n${marker} end 0\n`);
  expect((await answer).outcome).toEqual({ ok: true, value: undefined });
  expect(noted).toEqual([]);
  expect(channels).toHaveLength(2);
  expect(scope.open).toEqual([]);
});

test('a start that was never sent is withdrawn without asking anybody', async () => {
  const { world, begin, channels } = setUp();
  const { answer } = begin(withdraw(world), { profile, operation: 'other', deadlineMs: 20_000 });
  expect((await answer).outcome.ok).toBe(true);
  expect(channels).toEqual([]);
});

test.each<[string, (exec: FakeChannel, time: ReturnType<typeof manualClock>) => void, string]>([
  ['the line closes', (exec) => exec.emit('close'), 'ssh.closed'],
  ['nothing comes', (_, time) => time.pass(30_000), 'command.timedOut'],
  ['it has no end', (exec) => exec.say('x'.repeat(70_000)), 'command.tooLong'],
])('a start, when %s', async (_, act, code) => {
  const { world, begin, channel, time, scope } = setUp();
  const { answer } = begin(startAgent(world), startInput);
  const exec = await channel();
  act(exec, time);
  const { outcome } = await answer;
  expect(outcome).toMatchObject({ ok: false, failure: { code } });
  expect(exec.closes).toBe(1);
  expect(scope.open).toEqual([]);
  expect(time.armed()).toBe(0);
});

test('what a hook leaves on the channel does not hold up an answer that is there', async () => {
  const { world, begin, channel, time } = setUp();
  const { answer } = begin(startAgent(world), startInput);
  const exec = await channel();
  exec.say(startBeginLine(world.starts.get('start-1') ?? '', server) + seven);
  await new Promise(setImmediate);
  exec.emit('exit', 0);
  time.pass(1_000);
  expect((await answer).outcome.ok).toBe(true);
});

test.each([
  [startAgent, { ...startInput, order: { kind: 'application', command: 'a\nb' } as const }],
  [resumeAgent, { ...resumeInput, presentation: { geometry: 'maximize' } }],
])('what may not be sent is refused without asking the server', async (port, input) => {
  const { world, begin, channels } = setUp();
  const { answer } = begin(port(world) as PromiseActorLogic<{ outcome: unknown }, never>, input as never);
  expect((await answer).outcome).toMatchObject({ ok: false, failure: { code: 'order.invalid' } });
  expect(channels).toEqual([]);
  expect([...world.starts]).toEqual([]);
});

test('a desktop of somebody else runs no command of ours', async () => {
  const { world, begin, channels } = setUp();
  const where = { profile, session, display: 57, agentPid: 812, soundPort: 30_001, sound: false };
  const order = { kind: 'xdmcp', host: 'dm' } as const;
  const { answer } = begin(runCommand(world), { ...where, order, deadlineMs: 5_000 });
  expect((await answer).outcome).toMatchObject({ ok: false, failure: { code: 'order.invalid' } });
  expect(channels).toEqual([]);
});

test('without a line there is no call', async () => {
  const { world, begin } = setUp({ connections: new Map() });
  const { answer } = begin(startAgent(world), startInput);
  expect((await answer).outcome).toMatchObject({ ok: false, failure: { code: 'ssh.closed' } });
});

test('a session that another guardian resumes is locked; the hold ends with the resume', async () => {
  const locked = setUp({ journal: { ...noJournal, hold: () => undefined } });
  const refused = await locked.begin(resumeAgent(locked.world), resumeInput).answer;
  expect(refused.outcome).toMatchObject({ ok: false, failure: { code: 'session.locked' } });
  expect(locked.channels).toEqual([]);

  let holds = 0;
  const hold = (name: string) => {
    expect(name).toBe(session);
    holds += 1;
    return () => {
      holds -= 1;
    };
  };
  const { world, begin, channel } = setUp({ journal: { ...noJournal, hold } });
  const { answer } = begin(resumeAgent(world), resumeInput);
  const exec = await channel();
  expect(holds).toBe(1);
  exec.say(`${resumeBeginLine(exec.request.marker, 77)}gr_port=48913\nsound_port=48914\nfs_port=48915\n`);
  await new Promise(setImmediate);
  exec.exit(0);
  const ports = { graphics: 48_913, sound: 48_914, files: 48_915 };
  expect((await answer).outcome).toEqual({ ok: true, value: ports });
  expect(holds).toBe(0);
});

test('a resume that is stopped before it said its pid is heard out, and then ended', async () => {
  const { world, begin, channel, channels, scope, time } = setUp();
  const { stop } = begin(resumeAgent(world), resumeInput);
  const exec = await channel();
  stop();
  await new Promise(setImmediate);
  expect(exec.closes).toBe(0);
  exec.say(resumeBeginLine(exec.request.marker, 4711));
  const kill = await channel(1);
  expect(kill.request).toMatchObject({ verb: 'kill', pid: 4711 });
  expect(kill.asked).toContain(`x2goresume-session ${session}`);
  expect(exec.closes).toBe(1);
  expect(scope.open).toHaveLength(1);
  const { marker } = kill.request;
  kill.say(`\n${marker} begin 0\n\n${marker} kill 0\n\n${marker} end 0\n`);
  await expect.poll(() => scope.open).toEqual([]);
  expect(channels).toHaveLength(2);
  expect(time.armed()).toBe(0);
});

test('a resume that has run out of time is ended there too, one that has answered is not', async () => {
  const { world, begin, channel, channels, time } = setUp();
  const { answer } = begin(resumeAgent(world), resumeInput);
  const exec = await channel();
  exec.say(resumeBeginLine(exec.request.marker, 4711));
  await new Promise(setImmediate);
  time.pass(60_000);
  const kill = await channel(1);
  const { marker } = kill.request;
  kill.say(`\n${marker} begin 0\n\n${marker} kill 0\n\n${marker} end 0\n`);
  expect((await answer).outcome).toMatchObject({ ok: false, failure: { code: 'command.timedOut' } });

  const again = begin(resumeAgent(world), resumeInput);
  const second = await channel(2);
  second.say(resumeBeginLine(second.request.marker, 4712, 'STARTING'));
  await new Promise(setImmediate);
  second.exit(3);
  expect((await again.answer).outcome).toMatchObject({ failure: { code: 'agent.failed' } });
  expect(channels).toHaveLength(3);
});

test('when nothing may be waited for, a resume is given up at once', async () => {
  const { world, begin, channel, scope } = setUp();
  begin(resumeAgent(world), resumeInput);
  const exec = await channel();
  scope.hurry();
  const entries = await scope.close();
  expect(exec.closes).toBe(1);
  expect(entries.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  expect(scope.open).toEqual([]);
});

test('a listing keeps the cookies of what it lists; one that was learned meanwhile is not lost by it', async () => {
  const { world, begin, channel } = setUp();
  const gone = sessionKey(profile, session.replace('57', '58'));
  const elsewhere = sessionKey('home', session);
  const fresh = sessionKey(profile, session.replace('57', '59'));
  world.cookies.set(gone, 'a').set(elsewhere, 'b');
  const input = { profile, identity: false, sessions: true, mounts: false, shadows: false, agents: [] };
  const { answer } = begin(survey(world), { ...input, deadlineMs: 10_000 });
  const exec = await channel();
  world.cookies.set(fresh, 'c');
  const { marker } = exec.request;
  const rows = fixture('x2golistsessions-running-rootless.txt');
  const [, listed = '', , , , , cookie] = rows.split('|');
  exec.say(`\n${marker} begin 0\n${rows}\n${marker} sessions 0\n\n${marker} states 0\n\n${marker} end 0\n`);
  expect((await answer).listing?.ok).toBe(true);
  expect(JSON.stringify(await answer)).not.toContain(cookie);
  expect([...world.cookies].sort()).toEqual(
    [
      [elsewhere, 'b'],
      [fresh, 'c'],
      [sessionKey(profile, listed), cookie],
    ].sort(),
  );
});
