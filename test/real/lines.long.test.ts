import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { describeReal } from '../support/describeReal.js';
import { type Guarded, guard, id } from '../support/guarded.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { soon } from '../support/real/bounds.js';
import { signal } from '../support/real/processes.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

/** How long the frozen sshd sleeps. */
const freezeMs = 60_000;
const unhurried = { timeout: 60_000 + freezeMs };

describeReal('a line to the server', () => {
  let server: RealServer;
  let client: OtherClient;
  let session: string;
  let guarded: Guarded;

  beforeAll(async () => {
    server = await startRealServer();
    client = await startOtherClient(server);
    const started = await client.startSession({ kind: 'application', command: 'xterm' });
    session = started.session;
    await client.until(started, 'RUNNING');
    // A session that nobody shows depends on no connection at all.
    await client.suspend(started);
    await client.until(started, 'SUSPENDED');
  });
  afterEach(async () => {
    await guarded?.guardian.stop();
  });
  afterAll(async () => {
    await client?.stop();
    await server?.stop();
  });
  const connected = async () => {
    guarded = guard(server, { chance: () => 0.5 });
    await guarded.guardian.start();
    await guarded.until('profile.connected');
    await guarded.until('session.registered');
  };
  /** Back, with what was known before, and over one connection. */
  const expectBack = async (after: number, timeoutMs = 15_000) => {
    const back = await guarded.until('profile.connected', { after, timeoutMs });
    await guarded.until('cache.refreshed', { after: back.at });
    expect(guarded.story()).toEqual(['registered']);
    expect(guarded.guardian.sessions(id)?.value.map((each) => each.session)).toEqual([session]);
    await expect.poll(() => guarded.connections().length).toBe(1);
    return back;
  };

  test('FAULTS 16: whose sshd process is killed is lost within 1 s and made again; no session event is invented', async () => {
    await connected();
    const [root = 0] = guarded.connections();
    const killed = performance.now();
    signal(root, 'SIGKILL');
    const lost = await guarded.until('profile.lost');
    expect(lost.at - killed).toBeLessThan(soon(1_000));
    expect(lost.record).toMatchObject({ profile: id, retryInMs: 1_000, failure: { code: 'ssh.closed' } });
    expect(guarded.guardian.sessions(id)).toBeUndefined();
    await expectBack(lost.at);
    expect(guarded.connections()).not.toContain(root);
  });

  test('FAULTS 24, 25: to an sshd that is restarted is tried 1, 2, 4 s apart until it is there', async () => {
    await connected();
    const before = performance.now();
    await server.stopSshd();
    server.killConnections();
    await guarded.until('profile.lost', { where: ({ attempt }) => attempt === 3 });
    await server.restartSshd();
    await expectBack(before);
    const lost = guarded.of('profile.lost', before);
    expect(lost.map(({ record }) => record.failure.code)).toEqual([
      'ssh.closed',
      'ssh.refused',
      'ssh.refused',
    ]);
    const tries = guarded.of('profile.connecting', before);
    for (const [index, { at, record }] of lost.entries()) {
      expect(record).toMatchObject({ attempt: index + 1, retryInMs: 1_000 * 2 ** index });
      const waited = (tries[index]?.at ?? Infinity) - at;
      expect(waited).toBeGreaterThan(record.retryInMs - 50);
      expect(waited).toBeLessThan(record.retryInMs + soon(700));
    }
  });

  test(
    'FAULTS 23: to a frozen sshd is degraded at 5 s, lost by 15 s, and back as one',
    unhurried,
    async () => {
      await connected();
      const pids = () => [server.sshdPid() ?? 0, ...server.connectionPids()];
      const frozen = pids();
      const froze = performance.now();
      for (const pid of frozen) signal(pid, 'SIGSTOP');
      let woke = Infinity;
      try {
        const degraded = await guarded.until('profile.degraded');
        expect(degraded.at - froze).toBeGreaterThan(3_900); // the last word may be a second old
        expect(degraded.at - froze).toBeLessThan(6_000);
        const lost = await guarded.until('profile.lost');
        expect(lost.record.failure.code).toBe('ssh.silent');
        expect(lost.at - froze).toBeLessThan(15_000);
        await expect
          .poll(() => performance.now() - froze, { timeout: freezeMs + 5_000 })
          .toBeGreaterThan(freezeMs);
      } finally {
        woke = performance.now();
        for (const pid of frozen) signal(pid, 'SIGCONT');
      }
      const back = await expectBack(woke, 50_000);
      await guarded.until('cache.refreshed', { after: back.at + 4_000 });
      expect(guarded.connections()).toHaveLength(1);
      expect(guarded.of('profile.connected', back.at)).toEqual([]);
      expect(guarded.story()).toEqual(['registered']);
    },
  );
});
