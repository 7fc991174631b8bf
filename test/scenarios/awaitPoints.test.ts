import { expect, test } from 'vitest';
import type { ReportEntry } from '../../src/index.js';
import { atPoint, countingClock } from '../support/awaitPoints.js';
import { expectNothingLeft } from '../support/leaks.js';
import { type Life, live } from '../support/life.js';
import { soon } from '../support/real/bounds.js';

type Verb = 'start' | 'resume' | 'suspend' | 'terminate';

/** Until the verb is asked for, and then the call itself. */
async function ready(life: Life, verb: Verb): Promise<() => Promise<unknown>> {
  if (verb === 'start') return () => life.start();
  const session = await life.start();
  if (verb !== 'resume') return () => session[verb]();
  await session.suspend();
  return () => session.resume({ sound: false });
}

const outcomes = /^(done|call\.aborted|guardian\.terminated|session\.ended)$/;

/** Stops a guardian at the nth await point of a call and looks at all that is left; false: there is no such point. */
async function stopAtPoint(verb: Verb, n: number): Promise<boolean> {
  const { clock, pending } = countingClock();
  await using life = await live({ clock, start: false });
  const { guardian, emulator, log } = life;
  await guardian.start();
  if (verb !== 'start') await guardian.connect('office');
  const call = await ready(life, verb);
  let stopping: Promise<readonly ReportEntry[]> | undefined;
  let seen = 0;
  const isReached = atPoint(guardian, n, () => {
    seen = log.length;
    stopping = guardian.stop();
  });
  const outcome = await call().then(
    () => 'done',
    (cause) => cause.code,
  );
  if (stopping === undefined) return isReached();
  const report = await stopping;

  const told = log.seen.map(
    ({ at, record }) =>
      `${Math.round(at - (log.seen[0]?.at ?? 0))} ${record.event} ${'state' in record ? record.state : ''}`,
  );
  const where = `${verb} ${n}: ${told.join(', ')}; ${emulator.commandsServed.join(' ')}`;
  expect([where, outcome]).toEqual([where, expect.stringMatching(outcomes)]);
  expect([where, life.running()]).toEqual([where, []]);
  expect([where, guardian.open, pending()]).toEqual([where, [], []]);
  await expectNothingLeft({ guardian, servers: [emulator] }, soon(2_000));
  expect([where, life.viewer.shows, emulator.tunnels]).toEqual([where, [], 0]);
  expect([where, report.filter(({ outcome }) => outcome === 'failed' || outcome === 'forced')]).toEqual([
    where,
    [],
  ]);
  // What it ran was seen to before, or is in the report.
  const sawTo = log.seen
    .slice(0, seen)
    .some(
      ({ record }) => ['session.suspended', 'session.terminated'].includes(record.event) && verb !== 'resume',
    );
  const sessions = report.filter(({ kind }) => kind === 'session');
  if (emulator.sessions.store.all.length > 0 && !sawTo && verb !== 'resume') {
    expect([where, sessions.length]).toEqual([where, 1]);
  }
  return true;
}

const lanes = 4;

// A few at once: most of it is waiting, but an end has only some seconds to be one.
test.each<[Verb, number]>([
  ['start', 7],
  ['resume', 5],
  ['suspend', 3],
  ['terminate', 4],
])(
  'stop() at every await point of %s leaves nothing running and nothing open',
  { timeout: 120_000 },
  async (verb, least) => {
    let next = 1;
    let last = Number.POSITIVE_INFINITY;
    const lane = async () => {
      while (next < last) {
        const n = next++;
        if (!(await stopAtPoint(verb, n))) last = Math.min(last, n);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    expect(last - 1).toBeGreaterThanOrEqual(least);
  },
);
