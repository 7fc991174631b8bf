import type { Failure, Profile, SessionId } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';
import { createGuardian, type Guardian } from '../guardian.js';
import { factsOf, type LeftSession, reap, settle } from '../journal/reap.js';
import { clean } from '../protocol/text.js';
import { type GuardianEventOf, recordOf } from '../records.js';
import { reapText } from './attachmentWords.js';
import { type Chosen, chooseProfiles } from './chosen.js';
import type { Context, Outcome } from './command.js';
import { Deadline } from './deadline.js';
import { until } from './ending.js';
import { type EndVerb, endAll, endNeeds, endPatience, tellOf } from './endSessions.js';
import { askOnce, cutShort } from './oneShot.js';
import { openQuestions } from './questions.js';
import type { ProfileFailure } from './records.js';
import type { SessionInvocation } from './sessionCommands.js';
import { configOf, openAccess } from './setUp.js';

type Reaping = Extract<SessionInvocation, { readonly command: 'reap' }>;

/** Ends what killed runs of ours left here. The sessions they ran are told of, and ended where that is asked for. */
export async function reapLeft({ options }: Reaping, context: Context): Promise<Outcome> {
  const { printer, ending } = context;
  const reaping = await reap({ hurry: ending.asked });
  const records = factsOf(reaping).map((fact) => recordOf(fact) as GuardianEventOf<'reap.ended'>);
  for (const record of records) {
    if (options.json) printer.printJson(record);
    else if (!options.quiet) printer.print(startText(record, reaping.sessions) ?? reapText(record));
  }
  if (records.length === 0 && !options.json && !options.quiet) printer.print('Nothing was left here.');
  for (const { path, reason } of reaping.skipped)
    printer.say(`x2go-guardian: ${clean(path)} is passed over: ${clean(reason)}`);
  const failures = records.flatMap(stillThere);

  let forced = false;
  for (const verb of ['terminate', 'suspend'] as const) {
    const names = options[verb] ?? [];
    if (names.length === 0 || ending.asked.aborted) continue;
    const { found, unknown } = pickLeft(names, reaping.sessions);
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
function pickLeft(names: readonly string[], left: readonly LeftSession[]) {
  const found = new Map<string, LeftSession>();
  const unknown: ProfileFailure[] = [];
  for (const name of names) {
    const exact = left.filter((entry) => nameOf(entry) === name);
    const fitting = exact.length > 0 ? exact : left.filter((entry) => nameOf(entry).includes(name));
    const [only, ...more] = fitting;
    if (only !== undefined && more.length === 0) found.set(`${only.profile.id} ${nameOf(only)}`, only);
    else unknown.push({ failure: unknownSession(name, more.length > 0 ? fitting : left) });
  }
  return { found: [...found.values()], unknown };
}

function unknownSession(name: string, candidates: readonly LeftSession[]) {
  const list = candidates.map((entry) => clean(nameOf(entry))).join(', ') || 'none';
  const { code, message, retryable } = new X2GoError(
    'session.unknown',
    `${JSON.stringify(name)} is not one session that a killed run left. There are: ${list}`,
  );
  return { code, message, retryable };
}

async function endLeft(
  verb: EndVerb,
  found: readonly LeftSession[],
  options: Reaping['options'],
  context: Context,
): Promise<{ readonly failures: readonly ProfileFailure[]; readonly forced: boolean }> {
  const profiles = [...new Map(found.map(({ profile }) => [profile.id, profile])).values()];
  if (profiles.length === 0) return { failures: [], forced: false };
  const deadline = new Deadline(options.timeout ?? endPatience);
  const config = await configOf(options);
  const configured = config === undefined ? [] : chooseProfiles([], config);
  const chosen = profiles.map((profile) => accessOf(profile, configured));
  const access = await openAccess(
    chosen,
    options,
    context,
    openQuestions(context.io, context.ending, options, deadline.stage),
  );
  // A guardian with a journal takes back the starts that it finds there.
  const starts = found.filter(({ kind }) => kind === 'start');
  const { journal, ...needs } = endNeeds;
  const guardian = createGuardian({ ...access, ...needs, ...(starts.length > 0 ? {} : { journal }) });
  const takenBack = starts.map((start) => untilTakenBack(guardian, nameOf(start)));
  const failures: ProfileFailure[] = [];
  const meant = tellOf(guardian, options, context);
  const forced = await askOnce(guardian, profiles, deadline, context, async (profile) => {
    const mine = found.filter((entry) => entry.profile.id === profile.id);
    const sessions = mine.flatMap((entry) => (entry.kind === 'session' ? [entry.session] : []));
    const which = () => sessions.map(one);
    // One that is not there any more has ended by itself.
    const isFine = ({ code }: Failure, session: SessionId) => code === 'session.unknown' && settle(session);
    const ending = { deadline, context, options, meant, isFine };
    failures.push(...(await endAll(guardian, profile, verb, which, ending)));
    const late = until(deadline.signal).then(() => []);
    if (failures.length === 0) failures.push(...(await Promise.race([Promise.all(takenBack), late])).flat());
    return () => undefined;
  });
  return { failures, forced };
}

/** What could not be taken back of a start that was under way. */
function untilTakenBack(guardian: Guardian, marker: string): Promise<readonly ProfileFailure[]> {
  return new Promise((resolve) => {
    guardian.on('reap.ended', (record) => {
      if (record.id === marker && record.outcome !== 'left') resolve(stillThere(record));
    });
  });
}

const one = (session: SessionId) => () => session;
const nameOf = (entry: LeftSession): string => (entry.kind === 'session' ? entry.session : entry.marker);

/** Of a start that was under way nobody knows yet whether there is a session. */
function startText({ id }: GuardianEventOf<'reap.ended'>, left: readonly LeftSession[]): string | undefined {
  const start = left.find((entry) => entry.kind === 'start' && entry.marker === id);
  if (start === undefined) return undefined;
  const where = clean(start.profile.id);
  return `start ${clean(id)} was under way at ${where}; the next watch there takes it back, or: x2go-guardian reap --terminate ${clean(id)}`;
}

/** Where it ran is what the journal says; how one gets in there may be configured. */
const accessOf = (profile: Profile, configured: readonly Chosen[]): Chosen => ({
  ...configured.find((one) => one.profile.id === profile.id),
  profile,
});
