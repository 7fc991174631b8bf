import { mkdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { failureTable } from '../../machines/vocabulary.js';
import type { Session } from '../../src/index.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { besides, type Guarded, id } from '../support/guarded.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/real/eventually.js';
import { type FakeSharing, fakeSharing } from '../support/real/fakeSharing.js';
import { processesOf } from '../support/real/processes.js';
import { windowsOn } from '../support/real/windows.js';
import { startXvfb, type Xvfb } from '../support/real/xvfb.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { agentsOf, type Stage, setStage } from '../support/showing.js';

const quiet = { sound: false } as const;
const command = 'xterm -bg red -e sleep 600';
const patient = { timeout: 60_000 };

describeReal('a desktop that is shared', () => {
  let sharing: FakeSharing;
  let server: RealServer;
  let stage: Stage;
  /** One each, so that what is seen is the share's picture and not the desktop's own. */
  let screens: Readonly<Record<'0' | '1', Xvfb>>;
  let owner: Guarded;
  let watcher: Guarded;
  let partner: Guarded;
  let desktop: Session;
  let watched: Session;
  let joined: Session;

  const displayOf = (session: string) => Number(/-([0-9]+)-[0-9]+_st/.exec(session)?.[1]);
  /** An agent has a helper of the same name for a moment. */
  const agents = () => [...new Set(agentsOf(server.uid).map(({ cmdline }) => cmdline))].sort();
  const agentOf = (session: string) => agents().find((cmdline) => cmdline.includes(`X2GO-${session} `));

  beforeAll(async () => {
    sharing = fakeSharing();
    server = await startRealServer({ inside: sharing.inside });
    stage = await setStage(server);
    const folders = ['view', 'full'].map((name) => besides(server, name));
    for (const folder of folders) mkdirSync(folder);
    const [looking, joining] = await Promise.all(folders.map(startXvfb));
    if (!looking || !joining) throw new Error('no screens');
    screens = { '0': looking, '1': joining };
    [owner, watcher, partner] = [stage.guard(), stage.guard(), stage.guard()];
    await Promise.all([owner, watcher, partner].map(({ guardian }) => guardian.start()));
    const order = { ...quiet, kind: 'desktop', command, geometry: '800x600' } as const;
    desktop = await owner.guardian.startSession(id, order);
    const share = { ...quiet, desktop: { user: server.user, display: displayOf(desktop.id) } };
    [watched, joined] = await Promise.all([
      watcher.guardian.shareDesktop(id, { ...share, mode: 'view', screen: looking.display }, patient),
      partner.guardian.shareDesktop(id, { ...share, mode: 'full', screen: joining.display }, patient),
    ]);
  }, 120_000);
  afterAll(async () => {
    await stage?.stop();
    await Promise.all(Object.values(screens ?? {}).map((screen) => screen.stop()));
    await server?.stop();
    sharing?.remove();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') for (const each of [watcher, partner]) each?.tell();
  });

  test.each([
    ['to look at', () => watched, () => watcher, '0'],
    ['to take part in', () => joined, () => partner, '1'],
  ] as const)(
    '%s: its picture is there, and the agent was told how much is allowed',
    async (_, of, who, mode) => {
      const { id: session, state } = of();
      const screen = screens[mode];
      expect(session).toContain(`_stS${mode}XSHAD${server.user}XSHADPP${displayOf(desktop.id)}_`);
      expect(state).toBe('running');
      expect(agentOf(session)).toContain(` -shadow :${displayOf(desktop.id)} -shadowmode ${mode} `);
      await eventually('its window', async () =>
        (await windowsOn(screen.display)).some(({ name }) => name === `X2GO-${session}`),
      );
      await eventually('what the desktop shows', () => screen.colours() > 1);
      const recordOf = <Name extends 'session.registered' | 'session.started'>(name: Name) =>
        who()
          .of(name)
          .find(({ record }) => record.session === session)?.record;
      expect(who().story(session)).toEqual(['registered', 'started']);
      expect(recordOf('session.registered')).toMatchObject({ kind: 'shadow', by: 'me' });
      // No command runs in it: it is somebody else's.
      expect(Object.keys(recordOf('session.started')?.phases ?? {})).toEqual([
        'agent',
        'tunnel',
        'proxy',
        'picture',
      ]);
    },
  );

  test('a share cannot be suspended: that is said, with what can be done instead', async () => {
    const error = await watched.suspend().catch((cause) => cause);
    expect(error).toMatchObject({ code: 'session.notAllowed', retryable: false });
    expect(error.message).toContain('terminate');
    expect(watched.state).toBe('running');
  });

  test('a desktop that does not exist', async () => {
    const share = { ...quiet, desktop: { user: server.user, display: 4_711 }, mode: 'view' } as const;
    const before = agents();
    const error = await watcher.guardian.shareDesktop(id, share, patient).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'desktop.unknown', retryable: false });
    expect(failureTable['desktop.unknown'].exit).toBe(66);
    expect(agents()).toEqual(before);
  });

  /** Somebody else's, on this machine: only its number counts, since nobody is really asked. */
  const foreign = () => ({
    ...quiet,
    desktop: { user: 'root', display: Number(stage.screen.display.slice(1)) },
    mode: 'full' as const,
  });

  test('a desktop of another user, who says no', async () => {
    sharing.become('refusing');
    const began = performance.now();
    const error = await watcher.guardian.shareDesktop(id, foreign(), patient).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'session.denied', retryable: false });
    expect(failureTable['session.denied'].exit).toBe(79);
    expect(watcher.of('session.failed', began)[0]?.record.failure.code).toBe('session.denied');
  });

  longTest(
    'a desktop of another user, who says nothing: the call ends in time, and nothing is left asking',
    async () => {
      sharing.become('silent');
      const isAsking = () => processesOf(server.uid).some(({ cmdline }) => cmdline.includes('sleep 700'));
      const call = watcher.guardian.shareDesktop(id, foreign(), { timeout: 12_000 }).catch((cause) => cause);
      await eventually('the owner to be asked', isAsking, { timeoutMs: 11_000 });
      expect(await call).toMatchObject({ code: 'call.timedOut', retryable: true });
      const isLeft = () =>
        processesOf(server.uid).some(({ cmdline }) => /sleep 700|\/x2gostartagent/.test(cmdline));
      await eventually('nobody to ask any more', () => !isLeft(), { timeoutMs: soon(10_000) });
    },
  );

  test('a share is terminated by the end of its guardian, and the desktop goes on', async () => {
    const report = await partner.guardian.stop();
    expect(report.filter(({ outcome }) => outcome !== 'closed')).toEqual([]);
    expect(report.map((entry) => entry.id)).toContain(joined.id);
    expect(agentOf(joined.id)).toBeUndefined();
    expect(partner.of('session.terminated').at(-1)?.record).toMatchObject({ session: joined.id, by: 'me' });
    expect(agentOf(desktop.id)).toBeDefined();
    expect(stage.proxies()).toHaveLength(2);
  });

  test('a share ends with the desktop it shows', async () => {
    const began = performance.now();
    await desktop.terminate();
    const ended = await watcher.until('session.terminated', {
      after: began,
      where: ({ session }) => session === watched.id,
    });
    expect(ended.record).toMatchObject({ by: 'other', reason: 'ended' });
    expect(watched.state).toBe('terminated');
    await eventually('its viewer to leave', () => stage.proxies().length === 0, { timeoutMs: 2_000 });
    await eventually('every agent to be gone', () => agentsOf(server.uid).length === 0);
  });
});
