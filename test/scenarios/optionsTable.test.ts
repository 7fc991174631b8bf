import { expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import type { GuardianOptions } from '../../src/options.js';
import { guard } from '../support/guard.js';
import { pause } from '../support/until.js';

/** DESIGN's table of the guardian's options. */
const flags = [
  'autoUpdateListSessionsCache',
  'autoUpdateListDesktopsCache',
  'autoUpdateListMountsCache',
  'autoUpdateSessionRegistry',
  'autoRegisterSessions',
  'skipPublishedSessions',
] as const;
type Flags = Record<(typeof flags)[number], boolean>;

const combinations = Array.from({ length: 64 }, (_, n) => {
  const entries = flags.map((flag, bit) => [flag, Boolean(n & (1 << bit))] as const);
  return Object.fromEntries(entries) as Flags;
});
const named = (options: Flags) => flags.filter((flag) => options[flag]).join(' + ') || 'nothing';

/** What is to come of them, written down apart from the code: each flag works alone. */
const expected = (options: Flags) => {
  const lists =
    options.autoUpdateListSessionsCache ||
    options.autoUpdateListMountsCache ||
    options.autoUpdateSessionRegistry ||
    options.autoRegisterSessions;
  return {
    asked: [
      ...(lists ? ['survey'] : []),
      ...(options.autoUpdateListDesktopsCache ? ['desktops'] : []),
    ].sort(),
    cached: {
      // Whatever a listing was made for, what it showed is kept.
      sessions: lists,
      desktops: options.autoUpdateListDesktopsCache,
      mounts: options.autoUpdateListMountsCache,
    },
    refreshed: [
      ...(options.autoUpdateListDesktopsCache ? ['desktops'] : []),
      ...(options.autoUpdateListMountsCache ? ['mounts'] : []),
      ...(lists ? ['sessions'] : []),
    ],
    registered: options.autoRegisterSessions
      ? ['desktop', ...(options.skipPublishedSessions ? [] : ['published'])]
      : [],
    suspended: options.autoRegisterSessions ? 1 : 0,
  };
};

async function observed(options: GuardianOptions) {
  await using server = await startEmulator();
  const desktop = server.sessions.start({ kind: 'desktop' });
  server.sessions.start({ kind: 'published' });
  server.sessions.addMount(desktop, '/home/me');
  await using guarded = await guard(
    { office: server },
    {
      ...options,
      refreshInterval: 100,
      stateWatch: false,
      identifyServers: false,
      timing: { desktopsInterval: 100 },
    },
  );
  const { guardian, log } = guarded;
  await log.until('profile.connected');
  await pause(400);
  server.sessions.suspend(desktop);
  if (options.autoRegisterSessions) await log.until('session.suspended');
  await pause(300);
  const refreshed = log.all('cache.refreshed');
  // What is refreshed is refreshed at every tick, not once.
  for (const { cache } of refreshed) {
    expect(refreshed.filter((other) => other.cache === cache).length, cache).toBeGreaterThan(2);
  }
  return {
    asked: [...new Set(server.commandsServed)].sort(),
    cached: {
      sessions: guardian.sessions('office') !== undefined,
      desktops: guardian.desktops('office') !== undefined,
      mounts: guardian.mounts('office') !== undefined,
    },
    refreshed: [...new Set(refreshed.map(({ cache }) => cache))].sort(),
    registered: log
      .all('session.registered')
      .map(({ kind }) => kind)
      .sort(),
    suspended: log.all('session.suspended').length,
  };
}

for (let from = 0; from < combinations.length; from += 16) {
  test.concurrent.each(
    combinations.slice(from, from + 16).map((options) => [named(options), options] as const),
  )('with %s', async (_, options) => {
    expect(await observed(options)).toEqual(expected(options));
  });
}
