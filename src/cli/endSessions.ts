import type { Failure, ListedSession, Profile, SessionId } from '../../machines/vocabulary.js';
import { toFailure } from '../errors.js';
import { createGuardian, type Guardian } from '../guardian.js';
import { settle } from '../journal/reap.js';
import { clean } from '../protocol/text.js';
import type { GuardianEventRecord } from '../records.js';
import { spanText } from './ages.js';
import type { Context, Outcome } from './command.js';
import { Deadline } from './deadline.js';
import { firstSessions } from './firstListing.js';
import { askOnce, cutShort } from './oneShot.js';
import type { CommonOptions } from './options.js';
import type { ProfileFailure } from './records.js';
import type { SessionInvocation } from './sessionCommands.js';
import { checkNames, findSession, pickSession } from './sessionWords.js';
import { setUp, splitTargets } from './setUp.js';
import { isSweep } from './sieve.js';
import { onlyOne } from './stay.js';
import { timely } from './timely.js';

export type EndVerb = 'suspend' | 'terminate';
/** Suspending takes 7 s at most where all is well, ending an agent that will not about 20. */
export const endPatience = 60_000;
const did: Readonly<Record<EndVerb, string>> = { suspend: 'suspended', terminate: 'terminated' };

type Ending = Extract<SessionInvocation, { readonly command: EndVerb }>;

/** Suspends or ends sessions, whoever shows them; what becomes of each is told. */
export async function endSessions({ command, words, options }: Ending, context: Context): Promise<Outcome> {
  if (command === 'terminate' && isSweep(options))
    return (await import('./sweep.js')).sweep(words, options, context);
  const { targets, names, sources } = await splitTargets(words, options);
  checkNames(names, options, Number.POSITIVE_INFINITY);
  const deadline = new Deadline(options.timeout ?? endPatience);
  const ready = await setUp({ targets, options, sources }, context, deadline.stage);
  const { profile } = onlyOne(ready.chosen);
  const guardian = createGuardian({ ...ready.options, ...endNeeds });
  const find = (sessions: readonly ListedSession[]) =>
    names.length === 0
      ? [() => pickSession(options, sessions)]
      : names.map((name) => () => findSession(name, sessions));
  const failures: ProfileFailure[] = [];
  const meant = tellOf(guardian, options, context);
  const forced = await askOnce(guardian, [profile], deadline, context, async () => {
    const ending = { deadline, context, options, meant };
    failures.push(...(await endAll(guardian, profile, command, find, ending)));
    return () => undefined;
  });
  return cutShort(context, forced) ?? { failures, forced };
}

/** One listing, so that a part of a name will do. What is done is confirmed by looking, not by a loop on the server. */
export const endNeeds = {
  identifyServers: false,
  stateWatch: false,
  autoUpdateListSessionsCache: true,
  autoRegisterSessions: true,
  journal: false,
} as const;

/** With --json: what happens to the sessions that are put into the set it gives. */
export function tellOf(guardian: Guardian, options: CommonOptions, { printer }: Context): Set<SessionId> {
  const meant = new Set<SessionId>();
  if (options.json) guardian.on('*', (record) => isAbout(record, meant) && printer.printJson(record));
  return meant;
}

interface EndingContext {
  readonly deadline: Deadline;
  readonly context: Context;
  readonly options: CommonOptions;
  /** What tellOf() gave. */
  readonly meant: Set<SessionId>;
  /** Of a termination: called off where somebody uses the session by then. */
  readonly unlessUsed?: boolean;
  /** A failure that is none after all. */
  readonly isFine?: (failure: Failure, session: SessionId) => boolean;
}

/** What could not be done, and why. Never rejects. */
export async function endAll(
  guardian: Guardian,
  guarded: Profile,
  verb: EndVerb,
  find: (sessions: readonly ListedSession[]) => readonly (() => SessionId)[],
  { deadline, context: { printer }, options, meant, unlessUsed = false, isFine = () => false }: EndingContext,
): Promise<readonly ProfileFailure[]> {
  const { id: profile } = guarded;
  const endOne = async (which: () => SessionId): Promise<readonly ProfileFailure[]> => {
    const begun = performance.now();
    let session = '';
    try {
      session = which();
      meant.add(session);
      await timely(deadline, `${session} was not ${did[verb]}`, (call) =>
        verb === 'suspend'
          ? guardian.suspendSession(profile, session, call)
          : guardian.terminateSession(profile, session, { ...call, unlessUsed }),
      );
      settle(session);
      const took = spanText(performance.now() - begun);
      if (!options.json && !options.quiet) printer.print(`${clean(session)}: ${did[verb]} in ${took}`);
      return [];
    } catch (cause) {
      const failure = toFailure(cause);
      return isFine(failure, session) ? [] : [{ profile, failure }];
    }
  };
  try {
    const sessions = await firstSessions(guardian, guarded, deadline);
    return (await Promise.all(find(sessions).map(endOne))).flat();
  } catch (cause) {
    return [{ profile, failure: toFailure(cause) }];
  }
}

/** Of all that is found there, what is about the sessions that are meant. */
const isAbout = (record: GuardianEventRecord, meant: ReadonlySet<SessionId>): boolean =>
  !('session' in record) || record.session === undefined || meant.has(record.session);
