import { expect, test } from 'vitest';
import type { FactType } from '../../machines/vocabulary.js';
import { startEmulator } from '../../src/emulator/index.js';
import type { EventLog } from '../support/eventLog.js';
import { everyFlag, guard } from '../support/guard.js';
import { eventually } from '../support/until.js';
import { complaints } from './support/eventSchema.js';
import { factSamples } from './support/samples.js';

const quick = {
  refreshInterval: 100,
  stateWatch: false,
  timing: {
    desktopsInterval: 200,
    settleDelay: 50,
    orphanAfter: 300,
    degradedAfter: 600,
    listingDeadline: 5_000,
  },
} as const;

/** What is told of a session that this guardian runs, and of what a killed one left. */
const ofOurOwn: ReadonlySet<string> = new Set([
  'session.progress',
  'session.recovering',
  'tunnel.opened',
  'tunnel.stalled',
  'tunnel.closed',
  'tunnel.failed',
  'proxy.started',
  'proxy.stalled',
  'proxy.exited',
  'reap.ended',
] satisfies FactType[]);

function expectAsPublished({ seen }: EventLog): void {
  for (const { record } of seen) {
    const line = JSON.parse(JSON.stringify(record));
    expect(complaints(line)).toEqual([]);
    expect(Object.keys(line).slice(0, 3)).toEqual(['v', 'time', 'event']);
    expect(line, 'nothing is lost on the way to a line').toEqual(record);
  }
}

test('every record of a lively guardian is as the schema says, and no event is left out', async () => {
  await using server = await startEmulator({ desktops: [{ user: 'bob', display: 51 }] });
  const { sessions, faults } = server;
  const [shown, orphan, killed] = [sessions.start(), sessions.start({ kind: 'desktop' }), sessions.start()];
  sessions.start({ kind: 'published' });
  sessions.start({ kind: 'shadow' });
  sessions.addMount(shown, '/home/alice/music');
  await using guarded = await guard(
    { office: server, stranger: server },
    {
      ...everyFlag,
      ...quick,
      login: (id) => ({ identities: id === 'office' ? [{ privateKey: server.clientKey }] : [] }),
    },
  );
  const { guardian, log } = guarded;
  await log.until('profile.failed');
  await eventually('all are registered', () => log.all('session.registered').length === 5);
  await log.until('cache.refreshed', ({ cache }) => cache === 'desktops');

  const begun = sessions.start({ attach: false });
  await log.until('session.registered', ({ session, state }) => session === begun && state === 'starting');
  sessions.writeState(begun, 'RUNNING');
  await log.until('session.started', ({ session }) => session === begun);
  sessions.suspend(shown);
  await log.until('session.suspended', ({ session }) => session === shown);
  const suspended = log.length;
  sessions.resume(shown);
  await log.until('session.resumed', ({ session }) => session === shown);
  sessions.takeOver(shown, { client: '192.0.2.9' });
  await log.until('session.suspended', ({ session }) => session === shown, { after: suspended });
  sessions.terminate(shown);
  await log.until('session.terminated', ({ reason }) => reason === 'ended');
  sessions.killAgent(killed);
  await log.until('session.terminated', ({ reason }) => reason === 'agentGone');
  sessions.terminate(orphan, { orphan: true });
  await log.until('session.failed', ({ session }) => session === orphan);

  for (const command of ['x2golistsessions', 'x2golistdesktops'] as const) faults.fail(command);
  for (const name of ['sessions', 'mounts', 'desktops'] as const) {
    await log.until('cache.failed', ({ cache }) => cache === name);
  }
  await faults.heal();
  faults.silence();
  await log.until('profile.degraded');
  await faults.heal();
  await log.until('profile.recovered');
  await faults.reset();
  await log.until('profile.lost');
  await log.until('profile.connected', undefined, { after: log.length });
  await guardian.disconnect('office');
  await guardian.stop();

  const watched = Object.keys(factSamples).filter((event) => !ofOurOwn.has(event));
  expect([...new Set(log.names())].sort()).toEqual(watched.sort());
  expectAsPublished(log);
});

test('so are those of a listing answered from the state watch, and of a server that is not asked who it is', async () => {
  await using server = await startEmulator();
  server.sessions.start();
  await using guarded = await guard(
    { office: server },
    { ...everyFlag, refreshInterval: 100, timing: { watchPace: 20 }, identifyServers: false },
  );
  const { guardian, log } = guarded;
  await log.until('cache.refreshed', ({ source }) => source === 'watch');
  await guardian.stop('the app ends');
  const [terminated] = log.all('guardian.terminated');
  expect(terminated?.report.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['watch', 'transport', 'profile']),
  );
  expectAsPublished(log);
});
