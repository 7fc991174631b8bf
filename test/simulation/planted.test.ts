/** Each rule of the simulation catches a bug that is planted for it; without the bug the same life breaks none. */
import { describe, expect, test } from 'vitest';
import { fromCallback, fromPromise } from 'xstate';
import type { Ports } from '../../src/assemble.js';
import type { World } from '../../src/world.js';
import type { Breakage, Life, Setting } from './life.js';
import { type Plan, simulate } from './simulate.js';
import type { Action, Step } from './steps.js';

const setting: Setting = {
  profiles: 1,
  onExit: 'suspend',
  recoverSessions: true,
  stateWatch: false,
  registers: true,
  found: 1,
  calm: true,
};
const order = { kind: 'application', command: 'xterm', sound: false } as const;
const step = (ms: number, action: Action): Step => ({ points: Number.POSITIVE_INFINITY, ms, at: 0, action });
const start = step(2_000, { do: 'start', order, patienceMs: 60_000 });
const suspend = step(20_000, { do: 'ask', verb: 'suspend', nth: 1 });
const resume = step(20_000, { do: 'ask', verb: 'resume', nth: 1 });
const cut = step(20_000, { do: 'cut' });
const wait = step(20_000, { do: 'refresh' });

const life = (steps: readonly Step[], more: Partial<Setting> = {}): Plan => ({
  seed: 3,
  setting: { ...setting, ...more },
  steps,
});
const usual = life([start, cut, suspend, resume, wait]);

test('without a planted bug that life breaks no rule', async () => {
  const { violation, trace } = await simulate(usual);
  expect(violation).toBe(undefined);
  const told = trace().join('\n');
  for (const event of ['session.started', 'session.recovering', 'session.suspended', 'session.resumed'])
    expect(told).toContain(event);
});

const others = life([
  step(9_000, { do: 'other', verb: 'suspend', nth: 0 }),
  step(20_000, { do: 'other', verb: 'resume', nth: 0 }),
  wait,
]);

interface Planted {
  readonly what: string;
  readonly rule: string;
  readonly bug: Breakage;
  readonly plan?: Plan;
}

/** A port that does something else beside its work, or in its place. */
const port = (make: (world: World) => Partial<Ports>): Breakage => ({ ports: make });
const inWorld = (world: (life: Life) => void): Breakage => ({ world });

/** What of it is told is changed before anybody hears it. */
const hearing = (change: (record: { event: string }, hear: () => void) => void): Breakage =>
  inWorld(({ world }) => {
    const { events } = world;
    const push = events.push.bind(events);
    events.push = (...records) => {
      for (const record of records) change(record, () => push(record));
      return events.length;
    };
  });

const leaks: readonly Planted[] = [
  {
    what: 'a timer that is never cleared',
    rule: 'nothing is left open',
    bug: port((world) => ({
      metronome: fromCallback(({ sendBack, input }) => {
        const { intervalMs } = input as { intervalMs: number };
        const beat = () => {
          sendBack({ type: 'clock.ticked', at: world.clock.now() });
          world.clock.setTimeout(beat, intervalMs);
        };
        beat();
      }) as Ports['metronome'],
    })),
  },
  {
    what: 'a line that is not closed',
    rule: 'nothing is left open',
    bug: inWorld(({ world }) => {
      const { connections } = world.inside;
      const set = connections.set.bind(connections);
      connections.set = (id, line) => set(id, Object.assign(line, { close: async () => 'closed' as const }));
    }),
    plan: life([wait]),
  },
  {
    what: 'a viewer that nobody ends',
    rule: 'nothing is left open',
    bug: inWorld(({ world }) => {
      world.viewers.alive.delete = () => true;
    }),
    plan: life([start, wait], { calm: false }),
  },
  {
    what: 'a port that is not closed',
    rule: 'nothing is left open',
    bug: inWorld(({ world }) => {
      const { listen } = world.viewers;
      world.viewers.listen = (door) => ({ ...listen.call(world.viewers, door), close: () => undefined });
    }),
    plan: life([start, wait], { calm: false }),
  },
  {
    what: 'a lock that is never released',
    rule: 'nothing is left open',
    bug: inWorld(({ world }) => {
      const hold = world.journal.hold.bind(world.journal);
      world.journal.hold = (session) => {
        hold(session);
        return () => undefined;
      };
    }),
  },
  {
    what: 'a call that nobody settles',
    rule: 'nothing is left open',
    bug: inWorld(({ world }) => {
      world.guardian.refresh = () => undefined;
      world.guardian.suspendSession = () => new Promise(() => undefined);
    }),
    plan: life([start, suspend, wait], { calm: false }),
  },
];

const untruths: readonly Planted[] = [
  {
    what: 'an event is dropped',
    rule: 'no event is lost or doubled',
    bug: hearing((record, hear) => {
      if (record.event !== 'session.suspended') hear();
    }),
    plan: others,
  },
  {
    what: 'an event is told twice',
    rule: 'no event is lost or doubled',
    bug: hearing((record, hear) => {
      hear();
      if (record.event === 'session.suspended') hear();
    }),
    plan: others,
  },
  {
    what: 'a session is registered twice',
    rule: 'no event is doubled',
    bug: hearing((record, hear) => {
      hear();
      if (record.event === 'session.registered') hear();
    }),
  },
  {
    what: 'a suspension is told that never was',
    rule: 'no state the server never had',
    bug: hearing((record, hear) => {
      if (record.event === 'session.started')
        Object.assign(record, { event: 'session.suspended', state: 'suspended' });
      hear();
    }),
    plan: life([wait]),
  },
  {
    what: 'a listing that shows for ever what it showed at first',
    rule: 'what is told becomes what is',
    bug: inWorld(({ world }) => {
      const { store } = world.server('p0');
      const rows = store.rows.bind(store);
      let first: string | undefined;
      store.rows = (shadows) => {
        if (shadows) return rows(true);
        const now = rows(false);
        first ??= now === '' ? undefined : now;
        return first ?? now;
      };
    }),
    plan: life([wait, step(1_000, { do: 'otherStart', nth: 0 })]),
  },
  {
    what: 'something is told after the last word',
    rule: 'the last word',
    bug: hearing((record, hear) => {
      hear();
      if (record.event === 'guardian.terminated') hear();
    }),
  },
];

const ends: readonly Planted[] = [
  {
    what: 'a disposer that never comes to an end',
    rule: 'stop() is bounded',
    bug: port((world) => ({
      watch: fromCallback(({ input }) => {
        const { profile } = input as { profile: string };
        world.scope.of(profile).own('watch', profile, () => new Promise(() => undefined));
      }) as Ports['watch'],
    })),
    plan: life([wait], { stateWatch: true, calm: false }),
  },
  {
    what: 'a session that is left running without a word',
    rule: 'every session is suspended, finished or reported',
    bug: inWorld(({ world }) => {
      const stop = world.guardian.stop.bind(world.guardian);
      world.guardian.stop = async (reason) => {
        const report = await stop(reason);
        return report.filter(({ kind }) => kind !== 'session');
      };
      world.server('p0').plant('x2goterminate-session', { kind: 'fail', code: 1, stderr: '' });
      world.server('p0').plan.outlives = 'signals';
    }),
    plan: life([start, wait], { onExit: 'terminate', calm: false }),
  },
  {
    what: 'a chart that crashes',
    rule: 'no chart crashes',
    bug: port(() => ({
      survey: fromPromise(async () => {
        throw new Error('planted');
      }) as Ports['survey'],
    })),
  },
  {
    what: 'a call that breaks',
    rule: 'no call breaks',
    bug: inWorld(({ world }) => {
      world.guardian.suspendSession = async () => {
        throw new TypeError('planted');
      };
    }),
  },
];

const bounds: readonly Planted[] = [
  {
    what: 'what is remembered of each listing',
    rule: 'memory is bounded',
    bug: inWorld(({ world }) => {
      const { store } = world.server('p0');
      const rows = store.rows.bind(store);
      let count = 0;
      store.rows = (shadows) => {
        count += 1;
        world.inside.cookies.set(`leaked ${count}`, '');
        return rows(shadows);
      };
    }),
  },
  {
    what: 'a second line of a profile',
    rule: 'one line a profile',
    bug: inWorld(({ world }) => {
      const { lines } = world.server('p0');
      const add = lines.add.bind(lines);
      lines.add = (line) => {
        add(line);
        const other = { isReady: true, channels: 0, cut: () => undefined, heal: () => undefined };
        return add(other as unknown as typeof line);
      };
    }),
  },
  {
    what: 'a second viewer of a session',
    rule: 'one viewer a session',
    bug: inWorld(({ world }) => {
      const { alive } = world.viewers;
      const add = alive.add.bind(alive);
      alive.add = (run) => {
        add(run);
        return add(Object.assign(Object.create(run), {}));
      };
    }),
  },
  {
    what: 'channels without end',
    rule: 'channels are capped',
    bug: inWorld(({ world }) => {
      const { lines } = world.server('p0');
      const add = lines.add.bind(lines);
      lines.add = (line) => add(Object.defineProperty(line, 'channels', { get: () => 17 }));
    }),
  },
  {
    what: 'a session that is not written down',
    rule: 'what we run is in the journal',
    bug: inWorld(({ world }) => {
      world.journal.note = () => () => undefined;
    }),
  },
];

describe.each([
  ['a leak', leaks],
  ['an untruth', untruths],
  ['at the end', ends],
  ['without bound', bounds],
])('%s', (_, planted) => {
  test.each(planted)('$what: $rule', async ({ bug, rule, plan = usual }) => {
    const { violation } = await simulate(plan, bug);
    expect(violation?.rule).toBe(rule);
  });
});
