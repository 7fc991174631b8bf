import type { ListedSession, Profile } from '../../machines/vocabulary.js';
import { toFailure, X2GoError } from '../errors.js';
import { createGuardian } from '../guardian.js';
import { guardedSessions } from '../journal/guarded.js';
import { isSessionId } from '../protocol/sessionName.js';
import type { Context, Outcome } from './command.js';
import { Deadline } from './deadline.js';
import { endNeeds, endPatience, tellOf } from './endSessions.js';
import { firstSessions } from './firstListing.js';
import { askOnce, cutShort } from './oneShot.js';
import type { Questions } from './questions.js';
import type { ProfileFailure } from './records.js';
import type { EndOptions } from './sessionOptions.js';
import { type SetUp, setUp } from './setUp.js';
import { checkSieve, passes, type Sieve } from './sieve.js';
import { endFound } from './sweepEnding.js';
import { question, tellFound } from './sweepText.js';

/** What was found on one profile. */
export interface Found {
  readonly profile: Profile;
  readonly chosen: readonly ListedSession[];
  /** These would be chosen, and run here. */
  readonly guarded: readonly ListedSession[];
}

/** Ends the sessions that pass a sieve: told first, asked about, and looked at once more before each is ended. */
export async function sweep(
  words: readonly string[],
  options: EndOptions,
  context: Context,
): Promise<Outcome> {
  check(words, options);
  const sieve: Sieve = { ...options, state: options.state ?? 'suspended' };
  const deadline = new Deadline(options.timeout ?? endPatience);
  const every = options.all ? ({ every: 'asWell' } as const) : {};
  const ready = await setUp({ targets: words, options, ...every }, context, deadline.stage);
  const { chosen, left, questions } = ready;
  if (!options.dryRun && !options.yes && questions === undefined)
    throw wrong('Nobody can be asked here: say --yes to end what is chosen, or --dry-run to see it');
  const profiles = chosen.map(({ profile }) => profile);
  const failures: ProfileFailure[] = [];
  // The line is kept while a person thinks; the server is not asked again and again meanwhile.
  const guardian = createGuardian({ ...calm(ready), ...endNeeds });
  const found = new Map<Profile, Found>();
  const decision = decide(profiles.length, async () => {
    const all = eachOnce(profiles.flatMap((profile) => found.get(profile) ?? []));
    for (const one of all) found.set(one.profile, one);
    tellFound(all, options, context);
    return mayEnd(all, options, questions);
  });
  const meant = options.dryRun ? undefined : tellOf(guardian, options, context);
  const forced = await askOnce(guardian, profiles, deadline, context, async (profile) => {
    try {
      const sessions = await firstSessions(guardian, profile, deadline);
      found.set(profile, sift(profile, sessions, sieve));
    } catch (cause) {
      failures.push({ profile: profile.id, failure: toFailure(cause) });
    }
    const isOn = await decision.next();
    const one = found.get(profile);
    if (isOn && one !== undefined && meant !== undefined)
      failures.push(...(await endFound(guardian, one, sieve, { context, options, meant })));
    return () => undefined;
  });
  return cutShort(context, forced) ?? { failures: [...failures, ...left], forced };
}

function check(words: readonly string[], options: EndOptions): void {
  checkSieve(options);
  const name = words.find(isSessionId);
  if (name !== undefined) throw wrong(`Sessions are either chosen or named: leave ${name} out`);
  if (options.newest || options.oldest)
    throw wrong(`--${options.newest ? 'newest' : 'oldest'} names one session: it cannot be chosen as well`);
  if (options.all && words.length > 0) throw wrong(`--all is every profile: leave ${words[0]} out`);
}

const calm = ({ options }: SetUp) => ({ refreshInterval: 60_000, ...options });

function sift(profile: Profile, sessions: readonly ListedSession[], sieve: Sieve): Found {
  const meant = sessions.filter(passes(sieve, profile.user));
  const here = meant.length === 0 ? new Set<string>() : guardedSessions();
  const isHere = ({ session }: ListedSession) => here.has(session);
  return { profile, chosen: meant.filter((row) => !isHere(row)), guarded: meant.filter(isHere) };
}

/** Several profiles may lead to one server as one user, as x2goclient's for different commands do. */
function eachOnce(all: readonly Found[]): readonly Found[] {
  const seen = new Set<string>();
  const isNew = ({ server, session }: ListedSession) =>
    !seen.has(`${server} ${session}`) && seen.add(`${server} ${session}`) !== undefined;
  return all.map(({ profile, chosen, guarded }) => ({
    profile,
    chosen: chosen.filter(isNew),
    guarded: guarded.filter(isNew),
  }));
}

/** What is done once all have come so far. */
function decide<T>(count: number, make: () => Promise<T>) {
  let settle: (made: Promise<T>) => void = () => undefined;
  const made = new Promise<T>((resolve) => {
    settle = resolve;
  });
  let waiting = count;
  return {
    next: (): Promise<T> => {
      waiting -= 1;
      if (waiting === 0) settle(make());
      return made;
    },
  };
}

async function mayEnd(
  all: readonly Found[],
  { yes, dryRun }: EndOptions,
  questions: Questions | undefined,
): Promise<boolean> {
  if (dryRun || all.every(({ chosen }) => chosen.length === 0)) return false;
  if (yes) return true;
  return (await questions?.confirm(question(all)).catch(() => false)) ?? false;
}

const wrong = (message: string) => new X2GoError('usage.invalid', message);
