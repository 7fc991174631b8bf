import { fromPromise, type PromiseActorLogic } from 'xstate';
import type { Outcome } from '../../machines/ports.js';
import type { Answer } from '../../machines/sessionPorts.js';
import type { ProfileId } from '../../machines/vocabulary.js';
import { toFailure } from '../errors.js';
import type { World } from '../world.js';
import type { ScriptAnswer } from './exec.js';
import { runOwned } from './owned.js';

export interface FramedCall<Value> {
  /** What it is called in messages. */
  readonly name: string;
  readonly marker: string;
  readonly text: string;
  readonly read: (answer: ScriptAnswer) => Outcome<Value>;
  /** What it may still take in ms when nobody waits for it any more, and the profile's scope closes. @default it ends with its actor */
  readonly graceMs?: number;
}

const unending = new AbortController().signal;

/** The logic of a port that is one framed script: what went wrong is part of the answer, never a rejection. */
export const framedCall = <Value, Input extends { profile: ProfileId; deadlineMs: number }>(
  world: World,
  /** The call, or the answer where none is needed. */
  callOf: (input: Input, seconds: number) => FramedCall<Value> | Outcome<Value>,
): PromiseActorLogic<Answer<Value>, Input> =>
  fromPromise<Answer<Value>, Input>(async ({ input, signal }) => {
    const { profile, deadlineMs } = input;
    const ask = async (): Promise<Outcome<Value>> => {
      const call = callOf(input, Math.ceil(deadlineMs / 1_000));
      if ('ok' in call) return call;
      const { read, graceMs = 0, ...script } = call;
      const until = graceMs > 0 ? unending : signal;
      return read(await runOwned(world, profile, { ...script, deadlineMs }, until, graceMs));
    };
    const outcome = await ask().catch((cause): Outcome<Value> => ({ ok: false, failure: toFailure(cause) }));
    return { at: world.clock.now(), outcome };
  });
