/** What a session's state allows, and what its viewer's end means: pure functions. */

import type { ExitPolicy } from './orders.js';
import { crashed } from './profileFacts.js';
import type { SessionContext, Wanted } from './sessionModel.js';
import type { ProxyEnd } from './sessionPorts.js';
import type { Failure, SessionTag } from './vocabulary.js';

const all: readonly Wanted[] = ['shown', 'suspended', 'terminated'];

/** By state: what may be asked for. Asking again for what is on its way, or is so already, is no error. */
const allowances: Readonly<Record<SessionTag, readonly Wanted[]>> = {
  virgin: all,
  starting: ['shown', 'terminated'],
  running: all,
  recovering: all,
  suspending: all,
  suspended: all,
  resuming: all,
  terminating: ['terminated'],
  terminated: [],
  faulty: ['terminated'],
};

/** A shared desktop cannot be suspended (PROTOCOL 3.6), nor can a start of somebody else's be shown here. */
export function allowed(context: SessionContext): readonly Wanted[] {
  const wishes = allowances[context.state];
  const isShadow = context.record?.kind === 'shadow' || context.start?.order.kind === 'shadow';
  const isTheirStart = context.state === 'starting' && !context.ours;
  return wishes.filter((wish) => !(isShadow && wish === 'suspended') && !(isTheirStart && wish === 'shown'));
}

const verbs: Readonly<Record<Wanted, string>> = {
  shown: 'resume',
  suspended: 'suspend',
  terminated: 'terminate',
};

export function refusal(context: SessionContext, wanted: Wanted): Failure {
  const name = context.record?.session ?? 'the session';
  const may = allowed(context).map((wish) => verbs[wish]);
  const instead = may.length === 0 ? 'nothing can be asked of it any more' : `it allows ${may.join(', ')}`;
  return {
    code: 'session.notAllowed',
    message: `cannot ${verbs[wanted]} ${name} while it is ${context.state}: ${instead}`,
    retryable: false,
  };
}

/** A viewer that broke, rather than one that was told to end. */
const broken: readonly ProxyEnd['how'][] = ['cut', 'killed', 'failed', 'refused'];

export const isBroken = (end: ProxyEnd | undefined): boolean => end !== undefined && broken.includes(end.how);

const mostRestarts = 3;
const restartWindow = 60_000;

/** At most three times in a minute: what dies that often is not helped by another start. */
export const mayRestart = ({ restarts, at }: SessionContext): boolean =>
  restarts.filter((then) => at - then < restartWindow).length < mostRestarts;

export const unstable = (context: SessionContext): Failure => ({
  code: 'proxy.unstable',
  message: `the viewer of ${context.record?.session} ended ${mostRestarts + 1} times within a minute; the session was left suspended: resume it when the cause is found${
    context.end?.failure ? ` (${context.end.failure.message})` : ''
  }`,
  retryable: true,
});

/** A suspension that has begun is carried out, whatever is wanted after it. */
export const isUnderWay = ({ state }: SessionContext, wanted: Wanted): boolean =>
  state === 'suspending' && wanted === 'suspended';

/** What a picture that nobody waits for any more is taken back to. */
export function insteadOfShown(state: SessionTag): Wanted | undefined {
  if (state === 'starting') return 'terminated';
  return state === 'resuming' ? 'suspended' : undefined;
}

/** What the end means for one session: only what we run is touched. */
export function farewell(context: SessionContext, policy: ExitPolicy): Wanted | undefined {
  if (!context.ours || context.wanted === 'terminated') return undefined;
  const isShadow = context.record?.kind === 'shadow';
  // What has no picture yet cannot be suspended.
  if (context.state === 'starting' || isShadow || policy === 'terminate') return 'terminated';
  return policy === 'suspend' ? 'suspended' : undefined;
}

export const endedFailure = (context: SessionContext): Failure => ({
  code: 'session.ended',
  message: `${context.record?.session ?? 'the session'} has ended`,
  retryable: false,
});

export const calledOff: Failure = {
  code: 'call.aborted',
  message: 'it was called off; what had been begun is taken back on the server',
  retryable: true,
};
export const superseded: Failure = {
  code: 'call.aborted',
  message: 'another call asked for something else of it',
  retryable: true,
};
export const lapsed: Failure = {
  code: 'session.takenOver',
  message: 'it is not shown here any more, and not brought back',
  retryable: true,
};

export const crashedCall: Failure = crashed('server call');

export const lineLost: Failure = {
  code: 'ssh.closed',
  message: 'the line was lost; the session runs on there',
  retryable: true,
};
export const viewerLost: Failure = { code: 'proxy.failed', message: 'its viewer broke', retryable: true };
export const takenOver: Failure = {
  code: 'session.takenOver',
  message: 'another client has the session now',
  retryable: true,
};

export const notSuspended: Failure = {
  code: 'command.timedOut',
  message: 'the server did not suspend the session; terminate it, or try again',
  retryable: true,
};
export const notEnded: Failure = {
  code: 'session.orphaned',
  message: 'what was begun could not be ended; it may still run on the server',
  retryable: false,
};
export const heldBack: Failure = {
  code: 'command.timedOut',
  message: 'the client that shows the session did not let go of it',
  retryable: true,
};
export const agentEnded: Failure = {
  code: 'agent.failed',
  message: 'its agent ended on the server before there was a picture',
  retryable: true,
};
export const pictureless = (failure: Failure | undefined): Failure =>
  failure ?? {
    code: 'proxy.failed',
    message: 'the viewer ended before the picture was there',
    retryable: true,
  };
