import { describe, expect, test } from 'vitest';
import type { ReportEntry } from '../../src/index.js';
import { expectNothingLeft } from '../support/leaks.js';
import { type Life, live } from '../support/life.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/until.js';

const sessionsIn = (report: readonly ReportEntry[]) =>
  report.filter(({ kind }) => kind === 'session').map(({ id, outcome }) => ({ id, outcome }));
const until = (what: string, holds: () => boolean) => eventually(what, holds, soon(10_000));

/** Stops it, within bounds, and looks that nothing of ours is open anywhere. */
async function stopped(life: Life, within: number) {
  const before = performance.now();
  const report = await life.guardian.stop();
  expect(performance.now() - before).toBeLessThan(soon(within));
  expect(life.guardian.open).toEqual([]);
  return report;
}

describe.concurrent('stop()', () => {
  test('FAULTS 7: in x2gostartagent, as slow as it is, leaves no orphan', async () => {
    await using life = await live({ server: { pace: 1 } });
    const start = life.start().catch((cause) => cause);
    await until('x2gostartagent', () => life.emulator.sessions.store.all.length === 1);
    const report = await stopped(life, 12_000);
    expect(await start).toMatchObject({
      code: expect.stringMatching(/^(call\.aborted|guardian\.terminated)$/),
    });
    expect(life.living()).toEqual([]);
    expect(sessionsIn(report).map(({ outcome }) => outcome)).toEqual(['closed']);
    await expectNothingLeft({ guardian: life.guardian, servers: [life.emulator] });
  });

  test.each(['at once', 'when its viewer has gone'])(
    'FAULTS 8: in a suspend, %s, suspends it once',
    async (when) => {
      await using life = await live({ server: { pace: 0.3 } });
      const session = await life.start();
      const suspended = session.suspend().then(
        () => 'suspended',
        (cause) => cause.code,
      );
      if (when !== 'at once') await life.log.until('proxy.exited');
      const report = await stopped(life, 5_000);
      expect(await suspended).toMatch(/^(suspended|guardian\.terminated)$/);
      expect(life.served('suspend')).toBeLessThanOrEqual(1);
      await until('it sleeps there', () => life.emulator.sessions.get(session.id).state === 'SUSPENDED');
      expect(sessionsIn(report)).toEqual([{ id: session.id, outcome: 'closed' }]);
    },
  );

  test('FAULTS 9: on a server that says nothing is bounded, and names the session it leaves', async () => {
    await using life = await live();
    const session = await life.start();
    life.emulator.faults.silence();
    const report = await stopped(life, 6_000);
    expect(report.filter(({ kind }) => kind === 'session')).toMatchObject([
      { id: session.id, outcome: 'failed', failure: expect.any(String) },
    ]);
    await life.emulator.faults.heal();
    await expectNothingLeft({ guardian: life.guardian, servers: [life.emulator] });
  });

  test('FAULTS 9: without a line names the session it leaves', async () => {
    await using life = await live();
    const session = await life.start();
    await life.emulator.faults.refuse();
    await life.log.until('profile.lost');
    const report = await stopped(life, 5_000);
    expect(sessionsIn(report)).toEqual([{ id: session.id, outcome: 'failed' }]);
  });

  test('FAULTS 9: with nothing of ours there, has nothing to name', async () => {
    await using life = await live();
    const session = await life.start();
    await session.suspend();
    life.emulator.faults.silence();
    expect(sessionsIn(await stopped(life, 5_000))).toEqual([]);
    await life.emulator.faults.heal();
  });

  test.each([
    ['suspend', 'SUSPENDED'],
    ['terminate', 'TERMINATED'],
  ] as const)('with onExit %s: %s', async (onExit, state) => {
    await using life = await live({ onExit });
    const others = life.emulator.sessions.start();
    const sessions = [await life.start(), await life.start()];
    const report = await stopped(life, 5_000);
    for (const { id } of sessions) expect(life.emulator.sessions.get(id).state).toBe(state);
    expect(life.emulator.sessions.get(others).state).toBe('RUNNING');
    expect(sessionsIn(report).sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
      sessions.map(({ id }) => ({ id, outcome: 'closed' })),
    );
    expect(life.log.names().at(-1)).toBe('guardian.terminated');
    await expectNothingLeft({ guardian: life.guardian, servers: [life.emulator] });
  });

  test('with onExit leave asks nothing of the server', async () => {
    await using life = await live({ onExit: 'leave' });
    const session = await life.start();
    const report = await stopped(life, 5_000);
    expect([life.served('suspend'), life.served('terminate'), life.served('withdraw')]).toEqual([0, 0, 0]);
    expect(life.log.all('session.terminated')).toEqual([]);
    expect(sessionsIn(report)).toEqual([{ id: session.id, outcome: 'closed' }]);
    // Its viewer is gone with us: the agent sleeps by itself.
    await until('it sleeps there', () => life.emulator.sessions.get(session.id).state === 'SUSPENDED');
  });

  test('a shared desktop is not suspended but ended', async () => {
    await using life = await live({ server: { features: ['X2GO_DESKTOPSHARING'] } });
    const desktop = { user: 'carol', display: 61 };
    await life.guardian.shareDesktop('office', { desktop, mode: 'view', sound: false });
    await stopped(life, 5_000);
    expect(life.living()).toEqual([]);
  });

  test('disconnect() suspends what we run there, and keeps the guardian', async () => {
    await using life = await live();
    const session = await life.start();
    await life.guardian.disconnect('office');
    expect(life.emulator.sessions.get(session.id).state).toBe('SUSPENDED');
    await life.guardian.connect('office');
    await life.guardian.resumeSession('office', session.id, { sound: false });
    expect(life.viewer.shows).toEqual([session.id]);
  });

  test('refuses what is asked for after it', async () => {
    await using life = await live();
    const session = await life.start();
    const stopping = life.guardian.stop();
    await expect(life.start()).rejects.toMatchObject({ code: 'guardian.terminated' });
    await expect(session.resume()).rejects.toMatchObject({ code: 'guardian.terminated' });
    await stopping;
  });
});
