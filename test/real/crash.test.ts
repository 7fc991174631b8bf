import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ourselves } from '../../src/journal/owner.js';
import { processesIn } from '../../src/journal/processes.js';
import { entryText, ownerText, recordText } from '../../src/journal/record.js';
import { endAllSessions, leftHere, orphans, viewersHere } from '../support/aftermath.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { type Guarded, id } from '../support/guarded.js';
import { type GuardianChild, startGuardianChild } from '../support/guardianChild.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/real/eventually.js';
import { findProcesses, isAlive, lookAt } from '../support/real/processes.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { agentsOf, type Stage, setStage } from '../support/showing.js';

const order = { kind: 'application', command: 'xterm', sound: false } as const;

describeReal('FAULTS 5: a guardian that is killed', () => {
  let server: RealServer;
  let stage: Stage;
  let client: OtherClient;
  let child: GuardianChild | undefined;

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
  afterEach(async () => {
    await child?.[Symbol.asyncDispose]();
    child = undefined;
    await endAllSessions(server, client);
  });

  const begin = (): GuardianChild => {
    child = startGuardianChild(
      {
        profiles: [{ id, host: server.host, port: server.port, user: server.user }],
        hostKeys: { mode: 'strict', files: [server.writeKnownHosts()] },
        autoRegisterSessions: true,
        journal: stage.journal,
      },
      readFileSync(server.keyFile, 'utf8'),
    );
    return child;
  };
  const run = async (count: number): Promise<GuardianChild> => {
    const running = begin();
    for (let n = 0; n < count; n += 1) running.startSession(id, order);
    await running.seen('session.started', count, 60_000);
    // The call is settled after the event; a kill in between would lose its name here.
    await eventually('the starts to be settled', () => running.sessions.length === count);
    return running;
  };
  const kill = async ({ process: killed }: GuardianChild) => {
    const gone = once(killed, 'exit');
    killed.kill('SIGKILL');
    await gone;
    return performance.now();
  };
  const folders = () => readdirSync(process.env.XDG_RUNTIME_DIR ?? '?');
  const told = (guarded: Guarded, kind: string) =>
    guarded
      .of('reap.ended')
      .filter(({ record }) => record.kind === kind)
      .map(({ record }) => record);
  const next = async (): Promise<Guarded> => {
    const guarded = stage.guard();
    await guarded.guardian.start();
    return guarded;
  };

  test('takes its viewers along; the next one clears up after it, and may go on with its sessions', async () => {
    const killed = await run(2);
    const viewers = viewersHere().filter(({ ppid }) => ppid === killed.process.pid);
    expect(viewers).toHaveLength(2);
    expect(folders()).toHaveLength(2);
    const at = await kill(killed);
    await eventually('every nxproxy to be gone', () => !viewers.some(({ pid }) => isAlive(pid)));
    expect(performance.now() - at).toBeLessThan(soon(1_000));
    // Each has a helper, which keeps its cache and shows nothing: that one notices within some seconds.
    await eventually('their helpers to be gone', () => viewersHere().length === 0);
    const [first = '', second = ''] = killed.sessions;
    for (const session of [first, second]) await client.until({ session }, 'SUSPENDED');

    const guarded = await next();
    const { guardian } = guarded;
    expect(folders()).toEqual([]);
    expect(told(guarded, 'directory').map(({ outcome }) => outcome)).toEqual(['ended', 'ended']);
    expect(told(guarded, 'child').map(({ outcome }) => outcome)).toEqual(['gone', 'gone']);
    const sessions = told(guarded, 'session');
    expect(sessions).toHaveLength(2);
    for (const session of [first, second])
      expect(sessions).toContainEqual(expect.objectContaining({ id: session, outcome: 'left', profile: id }));
    const adopted = await guardian.resumeSession(id, first, { sound: false });
    expect(adopted.state).toBe('running');
    expect(adopted.inspect().ours).toBe(true);
    await guardian.stop();

    const third = await next();
    expect(told(third, 'session').map((record) => record.id)).toEqual([second]);
    await third.guardian.terminateSession(id, second);
    await third.guardian.stop();
    const fourth = await next();
    expect(told(fourth, 'session')).toEqual([]);
    await fourth.guardian.stop();
    expect(leftHere(stage)).toEqual([]);
  });

  longTest('sessions that ended meanwhile are told of once more, and then no longer', async () => {
    const killed = await run(1);
    await kill(killed);
    await endAllSessions(server, client);
    const guarded = await next();
    expect(told(guarded, 'session').map((record) => record.id)).toEqual(killed.sessions);
    await guarded.until('cache.refreshed', { where: ({ source }) => source === 'listing' });
    await guarded.guardian.stop();
    const after = await next();
    expect(told(after, 'session')).toEqual([]);
    await after.guardian.stop();
  });

  longTest(
    'in the middle of a start: what it began is taken back when the next one is connected',
    async () => {
      const starting = begin();
      starting.startSession(id, order);
      // Its agent lives, and nobody was told its name yet.
      const noted = () =>
        existsSync(stage.journal) &&
        readdirSync(stage.journal).some((name) =>
          readFileSync(join(stage.journal, name), 'utf8').includes('"kind":"start"'),
        );
      await eventually('the start to be noted', noted);
      await eventually(
        'x2gostartagent to run',
        () =>
          findProcesses(({ uid, cmdline }) => uid === server.uid && cmdline.includes('x2gostartagent'))
            .length > 0,
      );
      await kill(starting);
      const guarded = await next();
      const [begun] = told(guarded, 'session');
      expect(begun).toMatchObject({ outcome: 'left', profile: id });
      const ended = await guarded.until('reap.ended', {
        where: ({ kind, outcome }) => kind === 'session' && outcome !== 'left',
        timeoutMs: 30_000,
      });
      expect(ended.record).toMatchObject({ id: begun?.id, outcome: 'ended', profile: id });
      expect(await orphans(server, client)).toEqual([]);
      expect(agentsOf(server.uid)).toEqual([]);
      await guarded.guardian.stop();
      const after = await next();
      expect(told(after, 'session')).toEqual([]);
      await after.guardian.stop();
    },
  );

  test('a stranger that has the number of a child of its survives', async () => {
    const stranger: ChildProcess = spawn('sleep', ['300'], { stdio: 'ignore' });
    const pid = stranger.pid ?? 0;
    try {
      const us = ourselves(processesIn());
      const dead = { ...us, pid: 2 ** 22 - 1, startTime: '1' };
      const another = { kind: 'child', pid, startTime: '12345', command: 'sleep 300' } as const;
      const startTime = lookAt(pid)?.startedAt ?? '';
      const renamed = { kind: 'child', pid, startTime, command: 'nxproxy -S options=/x:50' } as const;
      mkdirSync(stage.journal, { recursive: true, mode: 0o700 });
      for (const [n, entry] of [another, renamed].entries())
        writeFileSync(
          join(stage.journal, `journal-${dead.pid}-1-${`${n}`.padStart(16, '0')}.json`),
          recordText(ownerText(dead), [entryText(entry)]),
          { mode: 0o600 },
        );
      const guarded = await next();
      expect(told(guarded, 'child')).toEqual([
        expect.objectContaining({ id: String(pid), outcome: 'left' }),
        expect.objectContaining({ id: String(pid), outcome: 'left' }),
      ]);
      expect(isAlive(pid)).toBe(true);
      await guarded.guardian.stop();
      expect(leftHere(stage)).toEqual([]);
    } finally {
      stranger.kill('SIGKILL');
    }
  });
});
