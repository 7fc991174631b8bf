/** What a profile asks for when it is first connected: which of its suspended sessions are brought back, or what is started. */
import { expect, test } from 'vitest';
import type { ListedSession } from '../machines/vocabulary.js';
import { autoStart, type StartWish } from '../src/autoStart.js';
import { X2GoError } from '../src/errors.js';

const session = (name: string, ageSeconds: number, more: Partial<ListedSession> = {}) =>
  ({ session: name, ageSeconds, state: 'suspended', kind: 'desktop', ...more }) as ListedSession;
const listed = [
  session('day', 86_400),
  session('week', 604_800),
  session('hour', 3_600),
  session('of another', 60, { kind: 'shadow' }),
  session('on a screen', 30, { state: 'running' }),
  session('oldest of all, and running', 9_000_000, { state: 'running' }),
];
const mate = { kind: 'desktop', command: 'MATE' } as const;

/** A guardian that lists these sessions, and notes what it is asked for. */
function aGuardian(sessions: readonly ListedSession[], refuse: readonly string[] = []) {
  let tell = (_record: { profile: string; cache: string }) => {};
  const asked: string[] = [];
  const signals: AbortSignal[] = [];
  const ask = (what: string, { signal }: { signal: AbortSignal }) => {
    asked.push(what);
    signals.push(signal);
    return refuse.includes(what)
      ? Promise.reject(new X2GoError('session.denied', `no ${what}`))
      : Promise.resolve();
  };
  const guardian = {
    on: (_: string, listener: typeof tell) => {
      tell = listener;
      return () => {
        tell = () => {};
      };
    },
    sessions: () => ({ value: sessions }),
    resumeSession: (_: string, id: string, _how: unknown, options: { signal: AbortSignal }) =>
      ask(`resume ${id}`, options),
    startSession: (_: string, { kind }: { kind: string }, options: { signal: AbortSignal }) =>
      ask(`start ${kind}`, options),
  } as unknown as Parameters<typeof autoStart>[0];
  /** The profile has been listed; gives what was asked for by then. */
  const list = async (profile = 'office', cache = 'sessions') => {
    tell({ profile, cache });
    await new Promise((resolve) => setImmediate(resolve));
    return asked;
  };
  return { guardian, asked, list, signals };
}

test.each<[NonNullable<StartWish['resume']>, string[]]>([
  ['newest', ['resume hour']],
  ['oldest', ['resume week']],
  ['all', ['resume hour', 'resume day', 'resume week']],
  ['none', ['start desktop']],
])('%s: of the suspended ones %j, and a new one where there was none', async (resume, wanted) => {
  const { guardian, list } = aGuardian(listed);
  autoStart(guardian, [{ profile: 'office', resume, start: mate }]);
  expect(await list()).toEqual(wanted);
  // Once: a line that comes back brings its sessions back by itself.
  expect(await list()).toEqual(wanted);
});

test('where nothing is suspended one is started, or nothing, as was wished', async () => {
  const running = listed.filter(({ state }) => state === 'running');
  for (const [start, wanted] of [
    [{ start: mate }, ['start desktop']],
    [{}, []],
  ] as const) {
    const { guardian, list } = aGuardian(running);
    autoStart(guardian, [{ profile: 'office', resume: 'all', ...start }]);
    expect(await list()).toEqual(wanted);
  }
});

test('waits for the sessions of its own profile, and does nothing once it is taken back', async () => {
  const { guardian, list } = aGuardian(listed);
  const stop = autoStart(guardian, [{ profile: 'office', resume: 'all' }]);
  expect(await list('office', 'desktops')).toEqual([]);
  expect(await list('lab')).toEqual([]);
  stop();
  expect(await list()).toEqual([]);
});

test('taken back, it gives up what is under way', async () => {
  const { guardian, list, signals } = aGuardian(listed);
  const stop = autoStart(guardian, [{ profile: 'office', resume: 'all' }]);
  await list();
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false]);
  stop();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
});

test('one that cannot be resumed is told, and keeps no other back', async () => {
  const { guardian, list } = aGuardian(listed, ['resume day']);
  const told: string[] = [];
  autoStart(guardian, [{ profile: 'office', resume: 'all' }], (profile, { code, message }) =>
    told.push(`${profile} ${code} ${message}`),
  );
  expect(await list()).toHaveLength(3);
  expect(told).toEqual(['office session.denied no resume day']);
});
