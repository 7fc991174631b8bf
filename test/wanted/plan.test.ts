import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sessionTags } from '../../machines/vocabulary.js';
import type { Declared, Mark, PlanRules, SeenSession, Situation, Step } from '../../src/wanted/model.js';
import { planWanted } from '../../src/wanted/plan.js';

const profile = 'office';
const file = '/home/alice/sessions.json';
const keeping: PlanRules = { file, keeps: true, prune: false };
const once: PlanRules = { ...keeping, keeps: false };
const pruning: PlanRules = { ...keeping, prune: true };

const declared = (name: string, more: Partial<Declared> & { command?: string } = {}): Declared => {
  const { command = 'xterm', ...rest } = more;
  const order = { kind: 'application', command } as const;
  return { profile, name, state: 'running', adopt: false, order, presentation: {}, ...rest };
};
const seen = (number: number, more: Partial<SeenSession> = {}): SeenSession => {
  const command = more.command ?? 'xterm';
  const session = `alice-${number}-17953718${number}_stR${command}_dp24`;
  return { session, kind: 'application', command, state: 'running', ageSeconds: 60, ours: false, ...more };
};
const mark = (name: string, { session }: SeenSession, more: Partial<Mark> = {}): Mark => ({
  name,
  session,
  file,
  ...more,
});
const plan = (rules: PlanRules, situation: Partial<Situation>) =>
  planWanted(profile, { declared: [], marks: [], sessions: [], ...situation }, rules);
const actions = (steps: readonly Step[]) => steps.map(({ name, action }) => `${name} ${action}`);

describe('a declared session', () => {
  test('is started where there is none, and others like it are left alone, and counted', () => {
    const [step] = plan(keeping, { declared: [declared('mail')], sessions: [seen(50), seen(51)] });
    expect(step).toMatchObject({ action: 'start', adopts: false });
    expect(step?.reason).toBe('there is none yet; 2 like it that others started are left alone');
  });

  test.each([
    ['running', 'running', 'none', 'none'],
    ['running', 'starting', 'none', 'none'],
    ['running', 'recovering', 'none', 'none'],
    ['running', 'suspending', 'none', 'none'],
    ['running', 'suspended', 'resume', 'none'],
    ['running', 'terminated', 'start', 'start'],
    ['running', 'terminating', 'none', 'none'],
    ['suspended', 'running', 'suspend', 'suspend'],
    ['suspended', 'resuming', 'suspend', 'suspend'],
    ['suspended', 'suspended', 'none', 'none'],
    ['suspended', 'terminated', 'start', 'start'],
  ] as const)('wanted %s that is %s: %s while it is kept, %s once', (state, is, kept, at) => {
    const own = seen(50, { state: is });
    const situation = {
      declared: [declared('mail', { state })],
      marks: [mark('mail', own)],
      sessions: [own],
    };
    expect(actions(plan(keeping, situation))).toEqual([`mail ${kept}`]);
    expect(actions(plan(once, situation))).toEqual([`mail ${at}`]);
  });

  test('takes one that others started where it may: as it is wanted first, then the oldest; each once', () => {
    const young = seen(50, { ageSeconds: 5, state: 'suspended' });
    const old = seen(51, { ageSeconds: 500 });
    const other = seen(52, { command: 'gimp' });
    const sessions = [other, young, old];
    const both = [
      declared('a', { adopt: true, state: 'suspended' }),
      declared('b', { adopt: true, state: 'suspended' }),
    ];
    const steps = plan(keeping, { declared: both, sessions });
    expect(steps).toMatchObject([
      { action: 'adopt', session: young.session, adopts: true },
      { action: 'suspend', session: old.session, adopts: true },
    ]);
    expect(
      actions(plan(keeping, { declared: [...both, declared('c', { adopt: true })], sessions })).at(-1),
    ).toBe('c start');
  });

  test('never takes what another name, of whatever file, has', () => {
    const own = seen(50);
    const marks = [mark('theirs', own, { file: '/elsewhere.json' })];
    expect(
      actions(plan(keeping, { declared: [declared('mail', { adopt: true })], marks, sessions: [own] })),
    ).toEqual(['mail start']);
  });
});

describe('what the file does not name any more, or names otherwise', () => {
  const own = seen(50, { command: 'gimp' });
  const marks = [mark('mail', own)];

  test('is left and told of; with prune it is ended first, and what is said is started', () => {
    const situation = { declared: [declared('mail')], marks, sessions: [own] };
    expect(actions(plan(keeping, situation))).toEqual(['mail none']);
    expect(plan(keeping, situation)[0]?.reason).toContain('it runs gimp');
    expect(actions(plan(pruning, situation))).toEqual(['mail terminate', 'mail start']);
    expect(actions(plan(keeping, { marks, sessions: [own] }))).toEqual(['mail none']);
    expect(actions(plan(pruning, { marks, sessions: [own] }))).toEqual(['mail terminate']);
  });

  test('is not touched when it is of another file', () => {
    const theirs = [mark('mail', own, { file: '/elsewhere.json' })];
    expect(plan(pruning, { marks: theirs, sessions: [own] })).toEqual([]);
  });
});

/** Does a plan in a world in which everything works. */
function apply(situation: Situation, rules: PlanRules): Situation {
  let { marks, sessions } = situation;
  let next = 70;
  const set = (session: string | undefined, more: Partial<SeenSession>) => {
    sessions = sessions.map((one) => (one.session === session ? { ...one, ...more } : one));
  };
  const note = (name: string, session: string) => {
    marks = [...marks.filter((one) => one.name !== name), { name, session, file: rules.file }];
  };
  for (const { action, name, session, declared: one, adopts } of planWanted(profile, situation, rules)) {
    if (adopts && session !== undefined) note(name, session);
    if (action === 'resume') set(session, { state: 'running', ours: true });
    if (action === 'suspend') set(session, { state: 'suspended' });
    if (action === 'terminate') {
      sessions = sessions.filter((each) => each.session !== session);
      marks = marks.filter((each) => each.name !== name);
    }
    if (action === 'start' && one?.order.kind === 'application') {
      const isKept = one.state === 'running' && rules.keeps;
      const made = seen(next++, {
        command: one.order.command,
        state: isKept ? 'running' : 'suspended',
        ours: isKept,
      });
      sessions = [...sessions, made];
      note(name, made.session);
    }
  }
  return { ...situation, marks, sessions };
}

const commands = fc.constantFrom('xterm', 'gimp');
const names = ['a', 'b', 'c', 'd'];
const situations: fc.Arbitrary<Situation> = fc
  .record({
    sessions: fc.array(
      fc.record({ command: commands, state: fc.constantFrom(...sessionTags), ageSeconds: fc.nat(1_000) }),
      { maxLength: 6 },
    ),
    wishes: fc.subarray(names),
    states: fc.array(fc.constantFrom('running' as const, 'suspended' as const), {
      minLength: 4,
      maxLength: 4,
    }),
    kinds: fc.array(commands, { minLength: 4, maxLength: 4 }),
    adopts: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    marked: fc.array(fc.tuple(fc.constantFrom(...names), fc.nat(8), fc.boolean()), { maxLength: 4 }),
  })
  .map(({ sessions, wishes, states, kinds, adopts, marked }) => {
    const there = sessions.map((one, at) => seen(50 + at, one));
    const marks = new Map<string, Mark>();
    for (const [name, at, own] of marked) {
      const session = there[at] ?? seen(90);
      if ([...marks.values()].some((one) => one.session === session.session)) continue;
      marks.set(name, mark(name, session, own ? {} : { file: '/elsewhere.json' }));
    }
    const wanted = wishes.map((name, at) =>
      declared(name, {
        state: states[at] ?? 'running',
        command: kinds[at] ?? 'xterm',
        adopt: adopts[at] ?? false,
      }),
    );
    return { declared: wanted, marks: [...marks.values()], sessions: there };
  });
const rules = fc.record({ file: fc.constant(file), keeps: fc.boolean(), prune: fc.boolean() });

test('whatever there is: once a plan was done, there is nothing left to do', () => {
  fc.assert(
    fc.property(situations, rules, (situation, rule) => {
      const after = planWanted(profile, apply(situation, rule), rule);
      expect(after.filter(({ action }) => action !== 'none')).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});

test('whatever there is: what nobody marked and nobody may adopt is never touched', () => {
  fc.assert(
    fc.property(situations, rules, (situation, rule) => {
      const ours = new Set(situation.marks.map(({ session }) => session));
      for (const step of planWanted(profile, situation, rule))
        if (step.action !== 'none' && step.session !== undefined)
          expect(ours.has(step.session) || (step.adopts && step.declared?.adopt)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('what is not declared any more is ended with prune only, and never by another file', () => {
  fc.assert(
    fc.property(situations, rules, (situation, rule) => {
      for (const { action, session } of planWanted(profile, situation, rule))
        if (action === 'terminate') {
          expect(rule.prune).toBe(true);
          expect(situation.marks.find((one) => one.session === session)?.file).toBe(file);
        }
    }),
    { numRuns: 1_000 },
  );
});
