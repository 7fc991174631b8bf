import { type AnyStateMachine, createActor, SimulatedClock } from 'xstate';
import { type GuardianEvent, guardianMachine } from '../../../machines/guardian.js';
import { defaultTiming, noRefresh, refreshPlan, type Timing } from '../../../machines/policy.js';
import type { ReleaseInput } from '../../../machines/ports.js';
import type { ProfileInput } from '../../../machines/profile.js';
import type { Fact, Profile, ReportEntry } from '../../../machines/vocabulary.js';
import { recordTransitions } from './coverage.js';
import { FakePort } from './fakePort.js';

export const profile = (id: string): Profile => ({ id, host: `${id}.example.org`, user: 'alice' });

export const closed = (id: string): ReportEntry => ({ kind: 'profile', id, outcome: 'closed', tookMs: 1 });

/** The guardian's chart over fake profiles, on a simulated clock. */
export function aGuardian(
  ids: readonly string[] = ['a', 'b'],
  setting: { readonly timing?: Partial<Timing>; readonly connect?: boolean } = {},
) {
  const { timing = {}, connect = true } = setting;
  const clock = new SimulatedClock();
  const profiles = new FakePort<ProfileInput>();
  const release = new FakePort<ReleaseInput>();
  const chart = guardianMachine.provide({ actors: { profile: profiles.logic, release: release.logic } });
  const actor = createActor(chart as AnyStateMachine, {
    clock,
    inspect: recordTransitions,
    input: {
      profiles: ids.map(profile),
      plan: refreshPlan(noRefresh),
      timing: { ...defaultTiming, ...timing },
      watch: true,
      identify: true,
      connect,
    },
  });
  const facts: Fact[] = [];
  actor.on('*', (fact) => facts.push(fact as Fact));
  actor.start();
  return {
    release,
    profiles,
    news: () => facts.splice(0),
    told: () => facts.splice(0).map(({ type }) => type),
    send: (...events: readonly GuardianEvent[]) => {
      for (const event of events) actor.send(event);
    },
    /** The latest actor of one profile. */
    of: (id: string) => {
      const call = profiles.calls.findLast(({ input }) => input.profile.id === id);
      if (call === undefined) throw new Error(`${id} has no actor`);
      return call;
    },
    guarded: (): readonly string[] => actor.getSnapshot().context.guarded,
    known: () => Object.keys(actor.getSnapshot().context.profiles),
    tags: (): string[] => [...actor.getSnapshot().tags],
    status: () => actor.getSnapshot().status,
    output: () => actor.getSnapshot().output as readonly ReportEntry[] | undefined,
    pass: (ms: number) => {
      for (let left = ms; left > 0; left -= 50) clock.increment(50);
    },
  };
}

export const start = { type: 'guardian.start' } as const;
export const stop = { type: 'guardian.stop', reason: 'SIGTERM' } as const;
export const force = { type: 'guardian.force' } as const;
