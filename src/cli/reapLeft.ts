import type { Failure, Profile, SessionId } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';
import { createGuardian } from '../guardian.js';
import { factsOf, type LeftSession, reap, settle } from '../journal/reap.js';
import { clean } from '../protocol/text.js';
import { type GuardianEventOf, recordOf } from '../records.js';
import { reapText } from './attachmentWords.js';
import { type Chosen, chooseProfiles } from './chosen.js';
import type { Context, Outcome } from './command.js';
import { Deadline } from './deadline.js';
import { type EndVerb, endAll, endNeeds, endPatience } from './endSessions.js';
import { askOnce, cutShort } from './oneShot.js';
import type { ProfileFailure } from './records.js';
import type { SessionInvocation } from './sessionCommands.js';
import { configOf, openAccess } from './setUp.js';

type Reaping = Extract<SessionInvocation, { readonly command: 'reap' }>;
type Named = Extract<LeftSession, { readonly kind: 'session' }>;

/** Ends what killed runs of ours left here. The sessions they ran are told of, and ended where that is asked for. */
export async function reapLeft({ options }: Reaping, context: Context): Promise<Outcome> {
  const { printer, ending } = context;
  const reaping = await reap({ hurry: ending.asked });
  const records = factsOf(reaping).map((fact) => recordOf(fact) as GuardianEventOf<'reap.ended'>);
  for (const record of records) {
    if (options.json) printer.printJson(record);
    else if (!options.quiet) printer.print(reapText(record));
  }
  if (records.length === 0 && !options.json && !options.quiet) printer.print('Nothing was left here.');
  for (const { path, reason } of reaping.skipped)
    printer.say(`x2go-guardian: ${clean(path)} is passed over: ${clean(reason)}`);
  const failures = records.flatMap(stillThere);

  const named = reaping.sessions.filter((entry): entry is Named => entry.kind === 'session');
  let forced = false;
  for (const verb of ['terminate', 'suspend'] as const) {
    const names = options[verb] ?? [];
    if (names.length === 0 || ending.asked.aborted) continue;
    const { found, unknown } = pickLeft(names, named);
    failures.push(...unknown);
    const ended = await endLeft(verb, found, options, context);
    failures.push(...ended.failures);
    forced ||= ended.forced;
  }
  return cutShort(context, forced) ?? { failures, forced };
}

const stillThere = ({ kind, id, outcome, failure }: GuardianEventOf<'reap.ended'>): ProfileFailure[] => {
  if (outcome !== 'failed') return [];
  const message = `${kind} ${id} could not be ended: ${failure ?? 'it is still there'}`;
  return [{ failure: { code: 'release.forced', message, retryable: false } }];
};

/** Full names, or as much of one as fits one session alone; each once. */
function pickLeft(names: readonly string[], left: readonly Named[]) {
  const found = new Map<string, Named>();
  const unknown: ProfileFailure[] = [];
  for (const name of names) {
    const exact = left.filter(({ session }) => session === name);
    const fitting = exact.length > 0 ? exact : left.filter(({ session }) => session.includes(name));
    const [only, ...more] = fitting;
    if (only !== undefined && more.length === 0) found.set(`${only.profile.id} ${only.session}`, only);
    else unknown.push({ failure: unknownSession(name, more.length > 0 ? fitting : left) });
  }
  return { found: [...found.values()], unknown };
}

function unknownSession(name: string, candidates: readonly Named[]) {
  const list = candidates.map(({ session }) => clean(session)).join(', ') || 'none';
  const { code, message, retryable } = new X2GoError(
    'session.unknown',
    `${JSON.stringify(name)} is not one session that a killed run left. There are: ${list}`,
  );
  return { code, message, retryable };
}

async function endLeft(
  verb: EndVerb,
  found: readonly Named[],
  options: Reaping['options'],
  context: Context,
): Promise<{ readonly failures: readonly ProfileFailure[]; readonly forced: boolean }> {
  const profiles = [...new Map(found.map(({ profile }) => [profile.id, profile])).values()];
  if (profiles.length === 0) return { failures: [], forced: false };
  const deadline = new Deadline(options.timeout ?? endPatience);
  const config = await configOf(options);
  const configured = config === undefined ? [] : chooseProfiles([], config);
  const chosen = profiles.map((profile) => accessOf(profile, configured));
  const access = await openAccess(chosen, options, context, deadline.stage);
  const guardian = createGuardian({ ...access, ...endNeeds });
  const failures: ProfileFailure[] = [];
  const forced = await askOnce(guardian, profiles, deadline, context, async (profile) => {
    const mine = found.filter((entry) => entry.profile.id === profile.id);
    const which = () =>
      mine.map(
        ({ session }) =>
          () =>
            session,
      );
    // One that is not there any more has ended by itself.
    const isFine = ({ code }: Failure, session: SessionId) => code === 'session.unknown' && settle(session);
    const ending = { deadline, context, options, isFine };
    failures.push(...(await endAll(guardian, profile, verb, which, ending)));
    return () => undefined;
  });
  return { failures, forced };
}

/** Where it ran is what the journal says; how one gets in there may be configured. */
const accessOf = (profile: Profile, configured: readonly Chosen[]): Chosen => ({
  ...configured.find((one) => one.profile.id === profile.id),
  profile,
});
