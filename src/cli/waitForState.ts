import type { ListedSession, Profile, SessionId, SessionTag } from '../../machines/vocabulary.js';
import { toFailure, X2GoError } from '../errors.js';
import { createGuardian, type Guardian } from '../guardian.js';
import { isSessionId } from '../protocol/sessionName.js';
import { clean } from '../protocol/text.js';
import { type Context, done, failed, type Outcome } from './command.js';
import { Deadline } from './deadline.js';
import { until } from './ending.js';
import { firstSessions } from './firstListing.js';
import { lineTrouble } from './lineTrouble.js';
import { cutShort } from './oneShot.js';
import type { SessionInvocation } from './sessionCommands.js';
import { checkNames, findSession, pickSession } from './sessionWords.js';
import { setUp, splitTargets } from './setUp.js';
import { onlyOne } from './stay.js';

/** Where --timeout does not say: as long as it takes, which a timer takes for 24 days. */
const patience = 2 ** 31 - 1;

type Waiting = Extract<SessionInvocation, { readonly command: 'wait' }>;

/** Waits until a session has a state, whoever brings it there. */
export async function waitForState({ words, options }: Waiting, context: Context): Promise<Outcome> {
  const { ending, printer } = context;
  const { targets, names, sources } = await splitTargets(words, options);
  checkNames(names, options, 1);
  const deadline = new Deadline(options.timeout ?? patience);
  const ready = await setUp({ targets, options, sources }, context, deadline.stage);
  const { profile } = onlyOne(ready.chosen);
  const guardian = createGuardian({
    ...ready.options,
    identifyServers: false,
    autoUpdateListSessionsCache: true,
    autoRegisterSessions: true,
    journal: false,
  });
  const pick = (sessions: readonly ListedSession[]) =>
    names[0] === undefined ? pickSession(options, sessions) : findSession(names[0], sessions);
  let meant: SessionId | undefined;
  if (options.json)
    guardian.on('*', (record) => {
      if (record.event === 'cache.refreshed') return;
      if (!('session' in record) || record.session === (meant ?? record.session)) printer.printJson(record);
    });
  guardian.actor.subscribe({ error: (cause) => ending.crash(cause) });
  const wait = async (): Promise<Outcome> => {
    try {
      const sessions = await firstSessions(guardian, profile, deadline);
      const { state: wanted } = options;
      // A full name that is not there any more was there once.
      if (wanted === 'terminated' && isGone(names[0], sessions)) return done;
      meant = pick(sessions);
      await comesTo(guardian, profile, meant, wanted, deadline);
      if (!options.json && !options.quiet) printer.print(`${clean(meant)}: ${wanted}`);
      return done;
    } catch (cause) {
      return { failures: [{ profile: profile.id, failure: toFailure(cause) }] };
    }
  };
  const trouble = lineTrouble(guardian, profile.id).catch((cause) => failed(toFailure(cause)));
  ending.forced.addEventListener('abort', () => guardian.force());
  let outcome: Outcome | undefined;
  let forced = false;
  try {
    await guardian.start();
    deadline.start();
    outcome = (await Promise.race([wait(), trouble, until(ending.asked)])) ?? undefined;
  } finally {
    deadline.close();
    const report = await guardian.stop(ending.asked.aborted ? ending.reason : 'nothing more is waited for');
    forced = report.some((entry) => entry.outcome === 'forced' || entry.outcome === 'failed');
  }
  return cutShort(context, forced) ?? { ...done, ...outcome, forced };
}

const isGone = (name: string | undefined, sessions: readonly ListedSession[]): boolean =>
  name !== undefined && isSessionId(name) && !sessions.some(({ session }) => session === name);

/** Resolves when it has the state. Throws session.ended when it cannot have it any more, call.timedOut. */
function comesTo(
  guardian: Guardian,
  { id: profile }: Profile,
  id: SessionId,
  wanted: SessionTag,
  deadline: Deadline,
): Promise<void> {
  const session = guardian.session(profile, id);
  let wasHeard = false;
  return new Promise((resolve, reject) => {
    const settle = (error?: X2GoError) => {
      isSettled = true;
      if (error === undefined) resolve();
      else reject(error);
    };
    let isSettled = false;
    const look = () => {
      const { state } = session;
      wasHeard ||= state !== 'terminated' && state !== 'virgin';
      if (isSettled || !wasHeard) return;
      if (state === wanted) return settle();
      const never = impossible(state, wanted);
      if (never !== undefined) settle(new X2GoError('session.ended', `${id} ${never}`));
    };
    const late = () =>
      settle(
        new X2GoError(
          'call.timedOut',
          `${id} was not ${wanted} within ${deadline.ms} ms: it is ${session.state}`,
        ),
      );
    deadline.signal.addEventListener('abort', late, { once: true });
    // Not every state is told of: the charts themselves are watched.
    guardian.actor.system.inspect((inspected) => {
      if (inspected.type === '@xstate.snapshot') queueMicrotask(look);
    });
    look();
  });
}

/** Why a session will never have a state any more. */
function impossible(state: SessionTag, wanted: SessionTag): string | undefined {
  if (state === 'terminated') return `has ended and will never be ${wanted}`;
  if (wanted === 'starting') return `is ${state}: it starts only once`;
  return undefined;
}
