import type { AnyActorLogic } from 'xstate';

/** `before`: nothing is acquired yet. `after`: everything is. `told`: at the next event it is sent. */
export type CrashMoment = 'before' | 'after' | 'told';

const armed = new Map<string, { moment: CrashMoment; times: number }>();
let crashes = 0;

/** From now on the leaf of that name crashes, so many times. */
export function arm(leaf: string, moment: CrashMoment, times = 1): void {
  armed.set(leaf, { moment, times });
}

export function disarm(): void {
  armed.clear();
  crashes = 0;
}

/** How often something crashed since disarm(). */
export const crashCount = (): number => crashes;

/** Throws if that leaf is to crash in this moment. */
export function crashHere(leaf: string, moment: CrashMoment): void {
  const plan = armed.get(leaf);
  if (plan === undefined || plan.moment !== moment || plan.times <= 0) return;
  plan.times--;
  crashes++;
  throw new Error(`planted: ${leaf} crashed ${moment}`);
}

/** The same logic with a crash in it, when it is armed. */
export function crashing<Logic extends AnyActorLogic>(leaf: string, logic: Logic): Logic {
  return {
    ...logic,
    start: (state: unknown, scope: never) => {
      crashHere(leaf, 'before');
      logic.start?.(state as never, scope);
      crashHere(leaf, 'after');
    },
    transition: (state: unknown, event: never, scope: never) => {
      crashHere(leaf, 'told');
      return logic.transition(state as never, event, scope);
    },
  };
}
