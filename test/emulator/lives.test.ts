import type { Client } from 'ssh2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SessionOrder } from '../../machines/orders.js';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { resumePid } from '../../src/protocol/resumeAgent.js';
import { connect, newMarker, survey } from './support/client.js';
import { createLife } from './support/life.js';
import { channelTo, Heard } from './support/tunnel.js';

let emulator: Emulator;
let client: Client;
let life: ReturnType<typeof createLife>;
const begin = async (options?: Parameters<typeof startEmulator>[0]) => {
  emulator = await startEmulator(options);
  client = await connect(emulator);
  life = createLife(client);
};
beforeEach(() => begin({ now: () => 1_795_371_806_000 }));
afterEach(async () => {
  client.end();
  await emulator.stop();
});

const seen = (session: string) => emulator.sessions.get(session);
const failure = (code: string) => ({ ok: false, failure: { code } });

async function started(order?: SessionOrder) {
  const outcome = await life.start(order);
  if (!outcome.ok) throw new Error(outcome.failure.message);
  return outcome.value;
}
/** Started, and shown through a tunnel. */
async function shown() {
  const { record, cookie } = await started();
  const line = new Heard(await channelTo(client, record.ports?.graphics ?? 0));
  line.channel.write(`NXPROXY ${cookie}\n`);
  await expect.poll(() => seen(record.session).state).toBe('RUNNING');
  return { session: record.session, pid: record.agentPid ?? 0, line };
}

describe('a start', () => {
  test.each<[SessionOrder, string]>([
    [{ kind: 'application', command: '/usr/bin/xterm -e top' }, 'alice-50-1795371806_stRxterm_dp24'],
    [
      { kind: 'desktop', command: 'openbox-session', depth: 16 },
      'alice-50-1795371806_stDopenbox-session_dp16',
    ],
    [{ kind: 'published' }, 'alice-50-1795371806_stRPUBLISHED_dp24'],
    [{ kind: 'xdmcp', host: 'dm.example.org' }, 'alice-50-1795371806_stDXDMCP_dp24_dm.example.org'],
    [{ kind: 'rdp', host: 'win' }, 'alice-50-1795371806_stRrdesktop_dp24'],
    [
      { kind: 'shadow', desktop: { user: 'alice', display: 82 }, mode: 'view' },
      'alice-50-1795371806_stS0XSHADaliceXSHADPP82_dp24',
    ],
  ])('of %j is the session that is listed then', async (order, name) => {
    const { record, cookie } = await started(order);
    expect(record.session).toBe(name);
    expect(emulator.sessions.list()).toEqual([record]);
    expect(emulator.sessions.cookieOf(name)).toBe(cookie);
    expect(seen(name)).toMatchObject({ state: 'STARTING', agentAlive: true, shown: false });
  });

  test.each<[string, () => void, string]>([
    ['a limit', () => emulator.faults.limitSessions(), 'session.limit'],
    ['an agent that dies', () => emulator.faults.agentDies(), 'agent.failed'],
    ['a server without X2Go', () => emulator.faults.missing(), 'x2go.missing'],
    ['other words', () => emulator.faults.garbage('x2gostartagent', 'one\ntwo\n'), 'command.garbled'],
    ['a failure', () => emulator.faults.fail('x2gostartagent', 10), 'agent.failed'],
    ['a shell that does nothing', () => emulator.faults.noLogin(), 'shell.unusable'],
  ])('meets %s', async (_, plant, code) => {
    plant();
    expect(await life.start()).toMatchObject(failure(code));
    expect(emulator.sessions.list()).toEqual([]);
    await emulator.faults.heal();
    expect(await life.start()).toMatchObject({ ok: true });
  });

  test('a limit counts suspended sessions too', async () => {
    emulator.faults.limitSessions(2);
    emulator.sessions.suspend(emulator.sessions.start());
    await started();
    expect(await life.start()).toMatchObject(failure('session.limit'));
  });

  test("another user's desktop is shared when the package is there and its owner agrees", async () => {
    const order = { kind: 'shadow', desktop: { user: 'bob', display: 50 }, mode: 'full' } as const;
    expect(await life.start(order)).toMatchObject(failure('session.denied'));
    client.end();
    await emulator.stop();
    await begin({ features: ['X2GO_DESKTOPSHARING'] });
    expect((await started(order)).record).toMatchObject({ kind: 'shadow', command: '1XSHADbobXSHADPP50' });
    emulator.faults.denyShadow();
    expect(await life.start(order)).toMatchObject(failure('session.denied'));
  });

  test('an agent that dies afterwards leaves its row', async () => {
    emulator.faults.agentDies('afterwards');
    const { record } = await started();
    expect(seen(record.session)).toMatchObject({ listed: true, state: 'STARTING', agentAlive: false });
  });

  test.each(['start', 'x2gostartagent'] as const)('the line is cut in the middle of %s', async (what) => {
    // The begin line has some 90 bytes, the seven lines about 110.
    emulator.faults.cut(what, 50);
    const { talk, marker } = await life.begin();
    await talk.closed;
    expect(talk.bytes).toBe(what === 'start' ? 50 : talk.out.indexOf('\n', 1) + 1 + 50);
    expect(talk.code).toBeUndefined();
    await expect.poll(() => emulator.connections).toBe(0);
    const [left] = emulator.sessions.list();
    expect(seen(left?.session ?? '').agentAlive).toBe(true);
    await emulator.faults.heal();
    client = await connect(emulator);
    expect(await createLife(client).withdraw(marker)).toEqual({ ok: true, value: [left?.session] });
    expect(emulator.sessions.list()).toEqual([]);
  });
});

describe('a withdrawal', () => {
  test('ends what a start has made, and nothing else', async () => {
    const marker = newMarker();
    const other = emulator.sessions.start();
    const mine = (await started()).record.session;
    const begun = await life.start(undefined, marker);
    const session = begun.ok ? begun.value.record.session : '';
    expect(await life.withdraw(marker)).toEqual({ ok: true, value: [session] });
    expect(seen(session)).toMatchObject({ listed: false, agentAlive: false });
    expect(emulator.sessions.list().map((row) => row.session)).toEqual([other, mine]);
    expect(await life.withdraw(marker)).toEqual({ ok: true, value: [] });
  });

  test('ends a start that hangs with a row in the data base, and leaves no row', async () => {
    emulator.faults.hang('x2gostartagent');
    const { marker, talk } = await life.begin();
    await expect.poll(() => emulator.sessions.list()).toHaveLength(1);
    await emulator.faults.heal();
    expect(await life.withdraw(marker)).toEqual({ ok: true, value: [] });
    await talk.closed;
    expect(talk.code).toBeNull();
    expect(emulator.sessions.list()).toEqual([]);
  });

  test('waits for a start that is on its way', async () => {
    emulator.sessions.pace = 0.1;
    const { marker, done } = await life.begin();
    await expect.poll(() => emulator.sessions.list()).toHaveLength(1);
    const [row] = emulator.sessions.list();
    expect([row?.agentPid, row?.client]).toEqual([undefined, '']);
    const sections = await survey(client);
    expect(sections.get('sessions')?.body).toMatch(/^\|alice-50-.*\|R\|[^|]*\|\|\|\|\|/);
    expect(await life.withdraw(marker)).toEqual({ ok: true, value: [row?.session] });
    expect(await done).toMatchObject({ ok: true });
    expect(emulator.sessions.list()).toEqual([]);
  });

  test('ends the row of a start that was killed before its agent came', async () => {
    emulator.sessions.pace = 0.1;
    const { marker, talk, done } = await life.begin();
    const begun = await talk.until((out) => /begin [0-9]+ .*\n/.test(out));
    await life.kill(Number(/begin ([0-9]+)/.exec(begun)?.[1]), 'x2gostartagent');
    await done;
    expect(talk.code).toBeNull();
    await expect.poll(() => emulator.pendingTimers).toBe(0);
    expect(emulator.sessions.list()).toMatchObject([{ status: 'R' }]);
    expect(emulator.sessions.list()[0]).not.toHaveProperty('agentPid');
    // Somebody else's start is waited for, and left alone.
    const other = emulator.sessions.start();
    expect(await life.withdraw(marker)).toEqual({ ok: true, value: [] });
    expect(emulator.sessions.list()).toMatchObject([{ session: other, agentPid: expect.any(Number) }]);
  });

  test.each(['first', 'all'] as const)('outlives %s, and is ended all the same', async (which) => {
    emulator.faults.outliveTerminate(which);
    const marker = newMarker();
    const begun = await life.start(undefined, marker);
    expect(await life.withdraw(marker)).toEqual({
      ok: true,
      value: [begun.ok ? begun.value.record.session : ''],
    });
  });

  test('an agent that nothing ends is reported', async () => {
    emulator.faults.outliveTerminate('signals');
    const marker = newMarker();
    await life.start(undefined, marker);
    expect(await life.withdraw(marker)).toMatchObject(failure('session.orphaned'));
  });
});

describe('an end', () => {
  test('suspends: the line closes, the agent lives', async () => {
    const { session, pid, line } = await shown();
    expect(await life.end('suspend', session, pid)).toEqual({ ok: true, value: { alive: true } });
    expect(seen(session)).toMatchObject({ state: 'SUSPENDED', record: { status: 'S' } });
    await expect.poll(() => line.closed).toBe(true);
  });

  test('cannot suspend an agent that never met its viewer', async () => {
    const { record } = await started();
    expect(await life.end('suspend', record.session, record.agentPid)).toMatchObject({ ok: true });
    expect(seen(record.session)).toMatchObject({ state: 'STARTING', record: { status: 'R' } });
  });

  test.each([undefined, 'first', 'all'] as const)('terminates an agent that outlives %s', async (which) => {
    const { session, pid, line } = await shown();
    if (which) emulator.faults.outliveTerminate(which);
    expect(await life.end('terminate', session, pid)).toEqual({ ok: true, value: { alive: false } });
    expect(seen(session)).toMatchObject({ listed: false, agentAlive: false });
    await expect.poll(() => line.closed).toBe(true);
  });

  test('tells of an agent that nothing ends, and of one that is gone', async () => {
    const { session, pid } = await shown();
    emulator.faults.outliveTerminate('signals');
    expect(await life.end('terminate', session, pid)).toEqual({ ok: true, value: { alive: true } });
    expect(seen(session).listed).toBe(false);
    const other = emulator.sessions.start();
    emulator.sessions.killAgent(other);
    expect(await life.end('suspend', other)).toEqual({ ok: true, value: { alive: false } });
    expect(await life.end('terminate', 'bob-50-1795371806_stRxterm_dp24')).toMatchObject({ ok: true });
  });

  test('the plain command leaves an agent that outlives it SUSPENDED', async () => {
    const { session } = await shown();
    emulator.faults.outliveTerminate();
    emulator.sessions.terminate(session, { orphan: true });
    expect(seen(session)).toMatchObject({
      listed: false,
      agentAlive: true,
      state: 'SUSPENDED',
      shown: false,
    });
  });
});

describe('a resume', () => {
  test('gives the ports, and the agent takes a viewer again', async () => {
    const { session, pid, line } = await shown();
    line.channel.end();
    await expect.poll(() => seen(session).state).toBe('SUSPENDED');
    const ports = seen(session).record.ports;
    expect(await life.resume(session, pid)).toEqual({ ok: true, value: ports });
    expect(seen(session)).toMatchObject({ state: 'RESUMING', record: { status: 'R' } });
    const again = new Heard(await channelTo(client, ports?.graphics ?? 0));
    again.channel.write(`NXPROXY ${emulator.sessions.cookieOf(session)}\n`);
    await expect.poll(() => again.text).toBe('NXAGENT ok\n');
    expect(seen(session)).toMatchObject({ state: 'RUNNING', shown: true });
  });

  test('of a running session closes the line that it has', async () => {
    const { session, pid, line } = await shown();
    expect(await life.resume(session, pid)).toMatchObject({ ok: true });
    await expect.poll(() => line.closed).toBe(true);
    expect(seen(session)).toMatchObject({ state: 'RESUMING', shown: false });
    const other = emulator.sessions.start();
    expect(await life.resume(other, seen(other).record.agentPid ?? 0)).toMatchObject({ ok: true });
    expect(seen(other).state).toBe('RESUMING');
  });

  test('a wrong cookie puts a resuming agent to sleep again', async () => {
    const session = emulator.sessions.start();
    await life.resume(session, seen(session).record.agentPid ?? 0);
    (await channelTo(client, seen(session).record.ports?.graphics ?? 0)).write('NXPROXY no\n');
    await expect.poll(() => seen(session)).toMatchObject({ state: 'SUSPENDED', agentAlive: true });
  });

  test('gives another port where somebody took the old one', async () => {
    const session = emulator.sessions.start();
    emulator.sessions.suspend(session);
    const before = seen(session).record.ports ?? { graphics: 0, sound: 0, files: 0 };
    emulator.faults.takePort(before.graphics);
    emulator.faults.takePort(before.sound);
    const outcome = await life.resume(session, seen(session).record.agentPid ?? 0);
    const after = outcome.ok ? outcome.value : before;
    expect(after).toEqual(seen(session).record.ports);
    expect([after.graphics === before.graphics, after.sound === before.sound]).toEqual([false, false]);
    expect(after.files).toBe(before.files);
  });

  test('says why it cannot be', async () => {
    const waiting = (await started()).record;
    expect(await life.resume(waiting.session, waiting.agentPid ?? 0)).toMatchObject(failure('agent.failed'));
    const { session, pid } = await shown();
    emulator.sessions.killAgent(session);
    expect(await life.resume(session, pid)).toMatchObject(failure('session.ended'));
    const ended = emulator.sessions.start();
    emulator.sessions.writeState(ended, 'TERMINATED');
    expect(await life.resume(ended, seen(ended).record.agentPid ?? 0)).toMatchObject(
      failure('session.ended'),
    );
    // Somebody else's agent under that pid: the command itself finds no such session.
    const stranger = await life.resume('bob-50-1795371806_stRxterm_dp24', seen(ended).record.agentPid ?? 0);
    expect(stranger).toMatchObject(failure('agent.failed'));
  });

  test('goes on when its channel closes, and is ended by its pid', async () => {
    emulator.faults.hang('x2goresume-session');
    const session = emulator.sessions.start();
    const { request, talk, done } = await life.beginResume(session, seen(session).record.agentPid ?? 0);
    await talk.until((out) => resumePid(request, out) !== undefined);
    const pid = resumePid(request, talk.out) ?? 0;
    expect((await life.kill(pid, `x2goresume-session ${session}`)).out).toMatch(/ kill 0\n\n\S+ end 0\n$/);
    await done;
    expect(talk.code).toBeNull();
  });

  test('that is ended on its way leaves the agent asleep', async () => {
    const session = emulator.sessions.start();
    emulator.sessions.pace = 0.1;
    const { request, talk, done } = await life.beginResume(session, seen(session).record.agentPid ?? 0);
    await talk.until((out) => resumePid(request, out) !== undefined);
    await life.kill(resumePid(request, talk.out) ?? 0, `x2goresume-session ${session}`);
    await done;
    await expect.poll(() => emulator.pendingTimers).toBe(0);
    expect(seen(session)).toMatchObject({ state: 'SUSPENDED', agentAlive: true });
  });
});

describe('what runs in a session', () => {
  test('is what x2goruncommand was given', async () => {
    const session = emulator.sessions.start();
    emulator.sessions.pace = 0.5;
    expect(await life.run(session, "xterm -T 'it''s' -e top")).toEqual({ ok: true, value: undefined });
    expect(emulator.pendingTimers).toBe(0);
    expect(seen(session).commands).toEqual(["xterm -T 'it''s' -e top"]);
  });

  test('a program that is not there ends its agent', async () => {
    client.end();
    await emulator.stop();
    await begin({ missingCommands: ['nosuch'] });
    const session = emulator.sessions.start();
    expect(await life.run(session, '/opt/nosuch --now')).toMatchObject(failure('command.notFound'));
    expect(seen(session)).toMatchObject({ listed: false, agentAlive: false, state: 'TERMINATED' });
  });

  test('a server without x2goruncommand says so, one whose command hangs does not', async () => {
    const session = emulator.sessions.start();
    emulator.faults.hang('x2goruncommand');
    expect(await life.run(session, 'xterm')).toMatchObject({ ok: true });
    await emulator.faults.heal();
    emulator.faults.missing();
    expect(await life.run(session, 'xterm')).toMatchObject(failure('x2go.missing'));
  });
});

describe('files for a session', () => {
  test('are kept byte for byte', async () => {
    const session = emulator.sessions.start();
    const cookie = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const files = [
      { name: '.pulse-cookie', content: cookie },
      { name: 'empty', content: Buffer.alloc(0) },
      { name: '.pulse-client.conf', content: Buffer.from('default-server=127.0.0.1:30001\n') },
    ];
    expect(await life.files(session, files)).toEqual({ ok: true, value: undefined });
    expect(seen(session).files).toEqual(
      Object.fromEntries(files.map(({ name, content }) => [name, content])),
    );
  });

  test('have no place in a session whose folder is gone', async () => {
    const session = emulator.sessions.start();
    emulator.sessions.endApplication(session);
    expect(await life.files(session, [])).toMatchObject(failure('session.ended'));
    emulator.faults.fail('files', 1, 'No space left on device\n');
    expect(await life.files(session, []).catch(({ message }: Error) => message)).toContain('channel closed');
  });
});

test('nothing is left of starts, resumes and runs that hang', async () => {
  const session = emulator.sessions.start();
  emulator.sessions.pace = 1;
  for (const name of ['x2gostartagent', 'x2goresume-session', 'x2goruncommand'] as const)
    emulator.faults.hang(name);
  const talks = [
    (await life.begin()).talk,
    (await life.beginResume(session, seen(session).record.agentPid ?? 0)).talk,
  ];
  await Promise.all(talks.map((talk) => talk.until((out) => out.includes(' begin '))));
  void life.run(session, 'xterm').catch(() => {});
  await expect.poll(() => emulator.pendingTimers).toBe(1);
  emulator.sessions.start();
  emulator.sessions.takeOver(session);
  await emulator.stop();
  await Promise.all(talks.map(({ closed }) => closed));
  expect([emulator.pendingTimers, emulator.channels, emulator.tunnels]).toEqual([0, 0, 0]);
});
