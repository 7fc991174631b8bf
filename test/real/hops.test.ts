import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Hop } from '../../src/index.js';
import { ownListeners } from '../support/aftermath.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { type Guarded, id } from '../support/guarded.js';
import { eventually } from '../support/real/eventually.js';
import { signal } from '../support/real/processes.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { type Stage, setStage } from '../support/showing.js';

describeReal('a server behind two jump hosts, each with a user, a key and a host key of its own', () => {
  let server: RealServer;
  let gates: RealServer[];
  let stage: Stage;
  let guarded: Guarded;
  const asHop = ({ host, port, user }: RealServer): Hop => ({ host, port, user });
  const gateOf = (hop: Hop) =>
    gates.find(({ port }) => port === hop.port) ?? expect.fail(`no gate ${hop.port}`);

  beforeAll(async () => {
    [server, ...gates] = (await Promise.all([startRealServer(), startRealServer(), startRealServer()])) as [
      RealServer,
      ...RealServer[],
    ];
    stage = await setStage(server);
  });
  afterAll(async () => {
    await stage?.stop();
    await Promise.all([server, ...(gates ?? [])].map((each) => each?.stop()));
  });
  const behindGates = () => {
    const { host, port, user } = server;
    return stage.guard({
      profiles: [{ id, host, port, user, via: gates.map(asHop) }],
      credentials: {
        of: () => ({ identities: [server.keyFile] }),
        ofHop: (hop) => ({ identities: [gateOf(hop).keyFile] }),
      },
      hostKeys: (_profile, hop) => ({
        mode: 'strict',
        files: [(hop === undefined ? server : gateOf(hop)).writeKnownHosts()],
      }),
    });
  };

  test('is listed and shows a window, and no port is opened here', async () => {
    const before = ownListeners();
    guarded = behindGates();
    await guarded.guardian.start();
    await guarded.until('profile.connected');
    await guarded.until('cache.refreshed');
    const session = await guarded.guardian.startSession(id, {
      kind: 'application',
      command: 'xterm',
      sound: false,
    });
    await eventually('a window', () => stage.screen.colours() > 1, { timeoutMs: 30_000 });
    expect(ownListeners()).toEqual(before);
    expect(gates.map((gate) => gate.connections().length)).toEqual([1, 1]);
    expect(session.state).toBe('running');
  });

  longTest('and after a cut at each of the three hosts the window is back, over one line', async () => {
    for (const cut of [...gates, server]) {
      const began = performance.now();
      // The one that serves the user holds the line, and does not mind the other's end while it only leads on.
      for (const { root, user } of cut.connections())
        for (const pid of [root, user]) if (pid !== undefined) signal(pid, 'SIGKILL');
      await guarded.until('session.recovering', { after: began });
      await guarded.until('session.resumed', { after: began, timeoutMs: 40_000 });
      await eventually('the window again', () => stage.screen.colours() > 1, { timeoutMs: 20_000 });
    }
    await expect.poll(() => [...gates, server].map((each) => each.connections().length)).toEqual([1, 1, 1]);
  });

  test('a hop with another host key than the known one is named, and nothing goes further', async () => {
    const [first] = gates;
    const wrong = stage.guard({
      profiles: [{ id, host: server.host, port: server.port, user: server.user, via: gates.map(asHop) }],
      credentials: {
        of: () => ({ identities: [server.keyFile] }),
        ofHop: (hop) => ({ identities: [gateOf(hop).keyFile] }),
      },
      // The second hop's keys are unknown there.
      hostKeys: { mode: 'strict', files: [first?.writeKnownHosts() ?? ''] },
    });
    await wrong.guardian.start();
    const { record } = await wrong.until('profile.failed');
    expect(record.failure).toMatchObject({
      code: 'hostKey.unknown',
      message: expect.stringContaining(`jump host 127.0.0.1:${gates[1]?.port}, 2 of 2`),
    });
    await wrong.guardian.stop();
  });

  test('at the end nothing is left at any of them', async () => {
    const report = await guarded.guardian.stop();
    expect(report.filter(({ outcome }) => outcome !== 'closed')).toEqual([]);
    expect(guarded.guardian.open).toEqual([]);
    await expect.poll(() => [...gates, server].map((each) => each.connections().length)).toEqual([0, 0, 0]);
  });
});
