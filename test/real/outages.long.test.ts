import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { GuardianOptions, Session } from '../../src/index.js';
import { endAllSessions, leftHere, orphans, viewersHere } from '../support/aftermath.js';
import { describeReal } from '../support/describeReal.js';
import { type Guarded, id } from '../support/guarded.js';
import { startGuardianChild } from '../support/guardianChild.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/real/eventually.js';
import { isAlive, signal } from '../support/real/processes.js';
import { mustRun } from '../support/real/run.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { agentsOf, type Stage, setStage } from '../support/showing.js';

/** How long the server says nothing. */
const silenceMs = 60_000;
const order = { kind: 'application', command: 'xterm', sound: false } as const;

describeReal('sessions of ours through an outage', () => {
  let server: RealServer;
  let stage: Stage;
  let client: OtherClient;
  let guarded: Guarded;
  let frozen: number[] = [];

  beforeAll(async () => {
    server = await startRealServer();
    stage = await setStage(server);
    client = await startOtherClient(server);
  });
  afterAll(async () => {
    await client?.stop();
    await stage?.stop();
    await server?.stop();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') guarded?.tell();
    thaw();
    await server.restartSshd();
    await guarded?.guardian.stop();
    await eventually('nothing to be left here', () => leftHere(stage).length === 0);
    await endAllSessions(server, client);
  });

  const show = async (count = 1, options: Partial<GuardianOptions> = {}): Promise<Session[]> => {
    guarded = stage.guard(options);
    await guarded.guardian.start();
    return Promise.all(
      Array.from({ length: count }, () => guarded.guardian.startSession(id, order, { timeout: 110_000 })),
    );
  };
  const first = async (options: Partial<GuardianOptions> = {}): Promise<Session> => {
    const [session] = await show(1, options);
    if (session === undefined) throw new Error('no session was started');
    return session;
  };
  /** sshd's processes for the guardian stand still: its connection lives, and says nothing. */
  const freeze = () => {
    const roots = guarded.connections();
    frozen = server
      .connections()
      .filter(({ root }) => roots.includes(root))
      .flatMap(({ root, user }) => (user === undefined ? [root] : [root, user]));
    for (const pid of frozen) signal(pid, 'SIGSTOP');
    return performance.now();
  };
  const thaw = () => {
    for (const pid of frozen) signal(pid, 'SIGCONT');
    frozen = [];
  };
  /** No server any more, until restartSshd(). */
  const cut = async () => {
    await server.stopSshd();
    const at = performance.now();
    server.killConnections();
    return at;
  };
  const listed = async () => (await client.list()).map((row) => row.split('|'));
  const until = (what: string, look: () => boolean | Promise<boolean>) =>
    eventually(what, look, { timeoutMs: 40_000, everyMs: 200 });

  test('FAULTS 23: a silent line is noticed within 15 s; its session comes back under its name, once', {
    timeout: 90_000 + silenceMs,
  }, async () => {
    const session = await first();
    const since = freeze();
    const recovering = await guarded.until('session.recovering', { after: since, timeoutMs: 30_000 });
    expect(recovering.at - since).toBeLessThan(soon(15_000));
    await pause(Math.max(0, silenceMs - (performance.now() - since)));
    thaw();
    const resumed = await guarded.until('session.resumed', { after: since, timeoutMs: 40_000 });
    expect(resumed.record).toMatchObject({ session: session.id, by: 'me' });
    // What the old connection still had to say changes nothing.
    await until('one connection to be left', () => guarded.connections().length === 1);
    expect(session.state).toBe('running');
    expect(stage.proxies()).toHaveLength(1);
    expect((await listed()).map(([, name, , , status]) => `${name} ${status}`)).toEqual([`${session.id} R`]);
    expect(guarded.of('session.resumed', since)).toHaveLength(1);
  });

  test('FAULTS 24: three sessions wait for a server that is gone, and are all back when it is, over one line', {
    timeout: 150_000,
  }, async () => {
    const sessions = await show(3);
    const since = await cut();
    for (const { id: name } of sessions)
      await guarded.until('session.recovering', { after: since, where: ({ session }) => session === name });
    // The first attempts find nobody, each after a longer wait than the one before.
    const refused = () => guarded.of('profile.lost', since).map(({ record }) => record.retryInMs);
    await until('two attempts in vain', () => refused().length > 2);
    expect(refused()[1]).toBeGreaterThan(refused()[0] ?? 0);
    await server.restartSshd();
    for (const { id: name } of sessions)
      await guarded.until('session.resumed', {
        after: since,
        where: ({ session, by }) => session === name && by === 'me',
        timeoutMs: 60_000,
      });
    expect(stage.proxies()).toHaveLength(3);
    expect(guarded.connections()).toHaveLength(1);
    expect((await listed()).map(([, , , , status]) => status)).toEqual(['R', 'R', 'R']);
  });

  test('FAULTS 9: a server that is dead holds up the end for seconds, and the report names what may run on there', async () => {
    const session = await first();
    freeze();
    const began = performance.now();
    const report = await guarded.guardian.stop('SIGTERM');
    expect(performance.now() - began).toBeLessThan(soon(8_000));
    expect(guarded.guardian.open).toEqual([]);
    expect(stage.proxies()).toEqual([]);
    const entries = report.filter(({ kind }) => kind === 'session');
    expect(entries).toMatchObject([{ id: session.id, outcome: 'failed' }]);
    expect(entries[0]?.failure).toMatch(/may still run/);
  });

  test('recoverSessions: false: a session whose line broke is left as it is', async () => {
    const session = await first({ recoverSessions: false });
    const since = performance.now();
    server.killConnections();
    await guarded.until('profile.connected', { after: since });
    await guarded.until('session.suspended', { after: since, where: (seen) => seen.session === session.id });
    expect(session.state).toBe('suspended');
    expect(guarded.story(session.id, since)).toEqual(['suspended']);
    expect(stage.proxies()).toEqual([]);
  });

  test('a suspension that is asked for meanwhile is what becomes of it', async () => {
    const session = await first();
    const since = await cut();
    await guarded.until('session.recovering', { after: since });
    const suspended = session.suspend();
    await server.restartSshd();
    await suspended;
    expect(session.state).toBe('suspended');
    expect((await listed()).map(([, , , , status]) => status)).toEqual(['S']);
    expect(guarded.of('session.resumed', since)).toEqual([]);
  });

  test('so is an end', async () => {
    const session = await first();
    const since = await cut();
    await guarded.until('session.recovering', { after: since });
    const terminated = session.terminate();
    await server.restartSshd();
    await terminated;
    expect(session.state).toBe('terminated');
    // A listing that is under way may put the row on the list again, as suspended: its agent is gone all the same.
    expect(agentsOf(server.uid)).toEqual([]);
    expect(await orphans(server, client)).toEqual([]);
    expect(guarded.of('session.resumed', since)).toEqual([]);
  });

  test('FAULTS 43: a runtime directory without room is a failure with a name, and nothing of the start stays', async () => {
    const runtime = process.env.XDG_RUNTIME_DIR ?? '?';
    // Not even a directory fits in.
    await mustRun('mount', ['-t', 'tmpfs', '-o', 'size=4k,nr_inodes=1,mode=700', 'tmpfs', runtime]);
    try {
      guarded = stage.guard();
      await guarded.guardian.start();
      const failure = await guarded.guardian.startSession(id, order).then(
        () => undefined,
        (cause) => cause,
      );
      expect(failure).toMatchObject({ name: 'X2GoError', code: 'file.unwritable' });
      expect(await orphans(server, client)).toEqual([]);
    } finally {
      await mustRun('umount', [runtime]);
    }
  });

  test('FAULTS 49: without file descriptors a start fails with a name, and what runs runs on', async () => {
    await using child = startGuardianChild(
      {
        profiles: [{ id, host: server.host, port: server.port, user: server.user }],
        hostKeys: { mode: 'strict', files: [server.writeKnownHosts()] },
        autoRegisterSessions: true,
        journal: false,
      },
      readFileSync(server.keyFile, 'utf8'),
    );
    const pid = child.process.pid ?? 0;
    child.startSession(id, order);
    await child.seen('session.started', 1, 40_000);
    await eventually('its answer', () => child.sessions.length === 1);
    // The lowest number that is free: no other one is left.
    const taken = readdirSync(`/proc/${pid}/fd`).map(Number);
    const free = Array.from({ length: 1_024 }, (_, n) => n).find((n) => !taken.includes(n));
    await mustRun('prlimit', ['--pid', `${pid}`, `--nofile=${free}:`]);
    child.startSession(id, order);
    await eventually('an answer', () => child.refusals.length + child.sessions.length > 1, {
      timeoutMs: 60_000,
    });
    expect(child.refusals[0]).toMatch(/EMFILE/);
    await mustRun('prlimit', ['--pid', `${pid}`, '--nofile=1024:']);
    expect(child.count('session.recovering')).toBe(0);
    expect(viewersHere().filter(({ ppid }) => ppid === pid)).toHaveLength(1);
    expect(isAlive(pid)).toBe(true);
    await child.stop();
    expect(await orphans(server, client)).toEqual([]);
  });
});
