import type { AnyMachineSnapshot } from 'xstate';
import { failureOf } from './about.js';
import { isStep, remember, tagOf } from './history.js';
import { type Seen, timeOf } from './seen.js';
import type { ActorStatus, LastError } from './tree.js';

/** What is new of a chart since it was looked at last. */
export interface Change {
  readonly isMoved: boolean;
  /** It failed with this just now. */
  readonly error: LastError | undefined;
}

const none: Change = { isMoved: false, error: undefined };

/** Looks at a chart after an event, and remembers what is worth it. */
export function look(seen: Seen, snapshot: AnyMachineSnapshot, event: string, at: number): Change {
  const isMoved = snapshot._nodes !== seen.nodes;
  const failure = failureOf(snapshot.context);
  if (!isMoved && failure === seen.failure) return none;
  const isFailed = failure !== undefined && failure !== seen.failure;
  seen.failure = failure;
  const error = isFailed ? { code: failure.code, message: failure.message, at: timeOf(at) } : undefined;
  if (error) seen.error = error;
  if (isMoved || error) note(seen, snapshot, event, at, error);
  return { isMoved, error };
}

function note(
  seen: Seen,
  { tags, value, _nodes }: AnyMachineSnapshot,
  event: string,
  at: number,
  error: LastError | undefined,
): void {
  const to = tagOf(tags);
  const from = seen.nodes === undefined ? null : (seen.tag ?? '');
  seen.nodes = _nodes;
  seen.tags = undefined;
  const isTagChanged = from !== to;
  if (isTagChanged) seen.since = at;
  seen.tag = to;
  if (!isStep(seen.chart, isTagChanged, error)) return;
  remember(seen.steps, { at, order: seen.order, event, from, to, value, ...failureIn(error) });
}

/** How it ended, as the last step of its life. */
export function noteEnd(
  seen: Seen,
  status: Exclude<ActorStatus, 'active'>,
  at: number,
  error: LastError | undefined,
): void {
  const { order, steps, eventType: event, tag } = seen;
  const value = steps.at(-1)?.value ?? '';
  remember(steps, { at, order, event, from: tag ?? null, to: status, value, ...failureIn(error) });
}

const noFailure = {};
const failureIn = (error: LastError | undefined) =>
  error === undefined ? noFailure : { failure: { code: error.code, message: error.message } };
