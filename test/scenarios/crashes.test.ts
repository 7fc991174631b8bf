import { afterEach, describe, expect, test, vi } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { arm, type CrashMoment, crashCount, disarm } from '../support/crashing.js';
import { everyFlag, guard } from '../support/guard.js';
import { census, expectNothingLeft } from '../support/leaks.js';
import { eventually, pause } from '../support/until.js';

// Each port as src/assemble.ts provides it, with a crash that can be armed.
vi.mock('../../src/assemble.js', async (original) => {
  const assembly = await original<typeof import('../../src/assemble.js')>();
  const { assemble } = assembly;
  const { crashing, crashHere } = await import('../support/crashing.js');
  const { sessionMachine } = await import('../../machines/session.js');
  return {
    ...assembly,
    assemble: (...world: Parameters<typeof assemble>) => {
      const { guardian, profile } = assemble(...world);
      const leaves = Object.entries(profile.implementations.actors).map(
        ([name, logic]) => [name, crashing(name, logic as never)] as const,
      );
      const session = sessionMachine.provide({
        actions: { enter: () => crashHere('session', 'told') } as never,
      });
      const provided = profile.provide({
        actors: { ...Object.fromEntries(leaves), session } as never,
        actions: {} as never,
      });
      const actors = { profile: crashing('profile', provided as never) };
      return { profile: provided, guardian: guardian.provide({ actors: actors as never }) };
    },
  };
});

afterEach(disarm);

const quick = {
  ...everyFlag,
  refreshInterval: 100,
  timing: { watchPace: 50, watchRest: 100, desktopsInterval: 100, settleDelay: 100 },
} as const;

/** What shows that a guardian works again after one crash of a leaf. */
const leaves: readonly (readonly [string, CrashMoment])[] = [
  ['transport', 'before'],
  ['transport', 'after'],
  ['survey', 'before'],
  ['survey', 'after'],
  ['desktops', 'before'],
  ['desktops', 'after'],
  ['watch', 'before'],
  ['watch', 'after'],
  ['watch', 'told'],
  ['metronome', 'before'],
  ['metronome', 'after'],
  ['release', 'before'],
  ['release', 'after'],
  ['session', 'told'],
];

describe('a leaf that crashes', () => {
  test.each(leaves)(
    '%s, %s: the guardian goes on, and stop() leaves nothing',
    { timeout: 30_000 },
    async (leaf, moment) => {
      await using server = await startEmulator();
      await using healthy = await startEmulator();
      const before = census();
      await using guarded = await guard({ office: server, home: healthy }, { ...quick, start: false });
      const { guardian, log } = guarded;
      arm(leaf, moment);
      server.sessions.start();
      await guardian.start();
      await eventually('something crashed', () => {
        if (leaf === 'release') void server.faults.reset();
        return crashCount() === 1;
      });
      // The other profile, and this one after at most a reconnect.
      for (const id of ['home', 'office']) {
        await eventually(`${id} is connected`, () => stateOf(id) === 'connected', 8_000);
        await log.until('cache.refreshed', ({ profile }) => profile === id, { after: log.length });
      }
      const started = performance.now();
      const report = await guardian.stop();
      expect(performance.now() - started).toBeLessThan(5_000);
      expect(log.all('guardian.terminated')).toHaveLength(1);
      expect(report.filter(({ kind }) => kind === 'profile').map(({ id }) => id)).toEqual(
        expect.arrayContaining(['office', 'home']),
      );
      await expectNothingLeft({ guardian, servers: [server, healthy], before });

      function stateOf(id: string) {
        return guardian.profiles().find(({ profile }) => profile.id === id)?.state;
      }
    },
  );

  test.each(leaves.filter(([leaf]) => leaf !== 'session'))(
    '%s, %s, again and again: nothing is left after stop()',
    { timeout: 30_000 },
    async (leaf, moment) => {
      await using server = await startEmulator();
      const before = census();
      await using guarded = await guard({ office: server }, { ...quick, start: false });
      const { guardian, log } = guarded;
      arm(leaf, moment, Number.POSITIVE_INFINITY);
      server.sessions.start();
      await guardian.start();
      await eventually('something crashed', () => {
        if (leaf === 'release') void server.faults.reset();
        return crashCount() > 0;
      });
      await pause(500);
      const started = performance.now();
      await guardian.stop();
      expect(performance.now() - started).toBeLessThan(5_000);
      expect(log.all('guardian.terminated')).toHaveLength(1);
      await expectNothingLeft({ guardian, servers: [server], before });
    },
  );
});

describe('a chart that crashes', () => {
  test.each(['after', 'told'] as const)(
    'profile, %s: it is shown as failed and leaves nothing',
    async (moment) => {
      await using server = await startEmulator();
      await using healthy = await startEmulator();
      const before = census();
      await using guarded = await guard({ office: server, home: healthy }, quick);
      const { guardian, log } = guarded;
      if (moment === 'told') {
        for (const id of ['office', 'home'])
          await log.until('profile.connected', ({ profile }) => profile === id);
      }
      arm('profile', moment);
      if (moment === 'after') {
        guardian.addProfile({ id: 'late', host: server.host, port: server.port, user: server.user });
      }
      // Whichever of them is told something first.
      const { profile: crashed, failure } = await log.until('profile.failed');
      expect(crashCount()).toBe(1);
      expect(failure).toMatchObject({ code: 'unexpected', retryable: false });
      const other = crashed === 'home' ? 'office' : 'home';
      await log.until('cache.refreshed', ({ profile }) => profile === other, { after: log.length });
      // Its metronome belongs to the guardian's own scope and goes with it.
      await eventually(`nothing of ${crashed} is open`, () =>
        guardian.open.every(({ kind, id }) => kind === 'timer' || !id.includes(crashed)),
      );
      const report = await guardian.stop();
      expect(log.all('guardian.terminated')).toHaveLength(1);
      expect(report.map(({ kind }) => kind)).toContain('profile');
      await expectNothingLeft({ guardian, servers: [server, healthy], before });
    },
  );
});
