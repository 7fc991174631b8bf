import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { ReportEntry } from '../../src/index.js';
import { describeReal } from '../support/describeReal.js';
import { type Guarded, guard, id } from '../support/guarded.js';
import { makeTempDir } from '../support/real/owner.js';
import { childrenOf, processesOf, signal } from '../support/real/processes.js';
import { findFreePort } from '../support/real/sshd.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

/** What is open in this process; vitest's own share is taken off by comparing. */
const localTraces = () => ({
  sockets: process.getActiveResourcesInfo().filter((name) => /TCPSocket|TCPConnect|PipeConnect/.test(name))
    .length,
  children: childrenOf(process.pid).filter(({ cmdline }) => !cmdline.includes('/usr/sbin/sshd')).length,
  folders: readdirSync(tmpdir()),
});

describeReal('stop()', () => {
  let server: RealServer;
  let temporary: string;
  let guarded: Guarded;
  let before: ReturnType<typeof localTraces>;

  beforeAll(async () => {
    server = await startRealServer();
    // From here on temporary files are ours alone.
    temporary = makeTempDir('clean');
    vi.stubEnv('TMPDIR', temporary);
    vi.stubEnv('XDG_RUNTIME_DIR', temporary);
  });
  afterEach(async () => {
    await guarded?.guardian.stop();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    if (temporary) rmSync(temporary, { recursive: true });
    await server?.stop();
  });
  const begin = (options: Parameters<typeof guard>[1] = {}) => {
    before = localTraces();
    guarded = guard(server, {
      autoUpdateListDesktopsCache: true,
      autoUpdateListMountsCache: true,
      ...options,
    });
    return guarded.guardian.start();
  };
  /** Ours on the server: sshd's processes for us, and what they run. */
  const remoteTraces = () => [
    ...server.connections().map(({ root }) => `sshd ${root}`),
    ...processesOf(server.uid).map(({ cmdline }) => cmdline),
  ];
  const expectNothingLeft = async (withinMs = 2_000) => {
    expect(guarded.guardian.open).toEqual([]);
    await expect.poll(remoteTraces, { timeout: withinMs }).toEqual([]);
    await expect.poll(localTraces, { timeout: withinMs }).toEqual(before);
  };
  const stopped = async (withinMs: number): Promise<readonly ReportEntry[]> => {
    const asked = performance.now();
    const report = await guarded.guardian.stop();
    expect(performance.now() - asked).toBeLessThan(withinMs);
    expect(guarded.seen.at(-1)?.record).toMatchObject({ event: 'guardian.terminated', report });
    expect(report.find(({ kind }) => kind === 'profile')).toMatchObject({ id });
    return report;
  };
  const transportOf = (report: readonly ReportEntry[]) => report.find(({ kind }) => kind === 'transport');

  test('while idle closes the watch and the transport, and leaves nothing', async () => {
    await begin();
    await guarded.until('cache.refreshed', { where: ({ cache }) => cache === 'desktops' });
    await guarded.until('cache.refreshed', { where: ({ source }) => source === 'watch' });
    expect(remoteTraces()).not.toEqual([]);
    const report = await stopped(1_500);
    expect(report.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      'watch closed',
      'transport closed',
      'profile closed',
    ]);
    await expectNothingLeft();
  });

  test('while connecting', async () => {
    await begin();
    await guarded.until('profile.connecting');
    await expect.poll(() => server.connections().length, { interval: 5 }).toBeGreaterThan(0);
    expect(guarded.of('profile.connected')).toEqual([]);
    expect(transportOf(await stopped(1_500))).toMatchObject({ id });
    await expectNothingLeft();
  });

  test.each(['the first listing', 'a later listing'])('in the middle of %s', async (which) => {
    await begin();
    if (which === 'a later listing') {
      await guarded.until('cache.refreshed', { where: ({ source }) => source === 'watch' });
      guarded.guardian.refresh(id);
    }
    const listing = () => processesOf(server.uid).some(({ cmdline }) => cmdline.includes('x2golistsessions'));
    await expect.poll(listing, { interval: 5, timeout: 5_000 }).toBe(true);
    expect(transportOf(await stopped(2_500))).toMatchObject({ id, outcome: 'closed' });
    await expectNothingLeft();
  });

  test('while waiting to reconnect, and while reconnecting to a port where nobody listens', async () => {
    await begin();
    await guarded.until('profile.connected');
    await server.stopSshd();
    server.killConnections();
    await guarded.until('profile.lost', { where: ({ failure }) => failure.code === 'ssh.refused' });
    expect(transportOf(await stopped(1_000))).toMatchObject({ id });
    await expectNothingLeft();
    await server.restartSshd();
  });

  test('to a profile that never had a transport', async () => {
    await begin({
      profiles: [{ id, host: '127.0.0.1', port: await findFreePort(), user: 'x' }],
      autoConnect: false,
    });
    expect((await stopped(1_000)).map(({ kind }) => kind)).toEqual(['profile']);
    await expectNothingLeft();
  });

  test('FAULTS 9: with the sshd frozen is done within 5 s, and nothing is left when it wakes', async () => {
    await begin();
    await guarded.until('cache.refreshed', { where: ({ source }) => source === 'watch' });
    const frozen = [server.sshdPid() ?? 0, ...server.connectionPids()];
    for (const pid of frozen) signal(pid, 'SIGSTOP');
    try {
      const report = await stopped(5_000);
      expect(transportOf(report)).toMatchObject({ id, outcome: 'cut' });
      expect(guarded.guardian.open).toEqual([]);
      await expect.poll(localTraces).toEqual(before);
    } finally {
      for (const pid of frozen) signal(pid, 'SIGCONT');
    }
    await expectNothingLeft(5_000);
  });

  test('a planted leak of each kind is seen by the checks', async () => {
    await begin();
    await guarded.until('profile.connected');
    expect(guarded.guardian.open).not.toEqual([]);
    expect(remoteTraces().length).toBeGreaterThan(1);
    expect(localTraces().sockets).toBeGreaterThan(before.sockets);
    await stopped(1_500);
    await expectNothingLeft();
    const child = spawn('setpriv', ['--reuid', String(server.uid), '--clear-groups', 'sleep', '1000']);
    await expect.poll(remoteTraces).toEqual(['sleep 1000']);
    await expect.poll(() => localTraces().children).toBe(before.children + 1);
    const folder = makeTempDir('leak');
    expect(localTraces().folders).toHaveLength(1);
    rmSync(folder, { recursive: true });
    child.kill();
    await once(child, 'close');
    await expectNothingLeft();
  });
});
