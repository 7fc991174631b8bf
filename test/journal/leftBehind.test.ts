/** Whom a guardian tells of what a killed one left on a server, and for how long. */
import { expect, onTestFinished, test } from 'vitest';
import { monotonicClock } from '../../src/clock.js';
import { startEmulator } from '../../src/emulator/index.js';
import { everyFlag, guard } from '../support/guard.js';
import { makePlace, plant } from './support/place.js';
import { startSleeper } from './support/processes.js';

test('a session whose row outlives its agent is told of once more, and then no longer', async () => {
  const place = makePlace();
  onTestFinished(() => place[Symbol.dispose]());
  await using server = await startEmulator();
  const session = server.sessions.start();
  server.sessions.killAgent(session);
  const { host, port, user } = server;
  plant(place, [{ kind: 'session', session, profile: { id: 'office', host, port, user } }]);

  const told = async () => {
    await using guarded = await guard(
      { office: server },
      { ...everyFlag, journal: place.folder, start: false },
    );
    await guarded.guardian.start();
    await guarded.log.until('cache.refreshed', ({ cache }) => cache === 'sessions');
    expect(guarded.guardian.sessions('office')?.value).toMatchObject([{ session, state: 'terminated' }]);
    return guarded.log.all('reap.ended').map(({ id, outcome }) => ({ id, outcome }));
  };
  expect(await told()).toEqual([{ id: session, outcome: 'left' }]);
  expect(await told()).toEqual([]);
});

test('what is being reaped while the guardian ends is killed at once, and told before its end', async () => {
  const place = makePlace();
  onTestFinished(() => place[Symbol.dispose]());
  await using sleeper = await startSleeper();
  await sleeper.stop();
  plant(place, [sleeper.entry]);
  // Its grace does not run out.
  const clock = { ...monotonicClock, now: () => 0 };
  await using guarded = await guard({}, { journal: place.folder, start: false, clock });
  const started = guarded.guardian.start();
  await guarded.guardian.stop();
  await started;
  expect([await sleeper.ended(), sleeper.lives()]).toEqual(['SIGKILL', false]);
  expect(guarded.log.all('reap.ended').map(({ outcome }) => outcome)).toEqual(['ended']);
  expect(place.names()).toEqual([]);
});
