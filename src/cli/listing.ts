import { X2GoError } from '../errors.js';
import { createGuardian } from '../guardian.js';
import type { GuardianOptions } from '../options.js';
import { type Answer, firstAnswer } from './answer.js';
import type { ListingName } from './arguments.js';
import type { Context, Outcome } from './command.js';
import { Deadline, patience } from './deadline.js';
import { listingText } from './listingText.js';
import { askOnce, cutShort } from './oneShot.js';
import type { ListingOptions } from './options.js';
import { setUp } from './setUp.js';
import { checkSieve, passes } from './sieve.js';
import { styleFor } from './style.js';

/** Only what a listing needs: a guardian that looks once and has no loop on the server. */
const needs: Readonly<Record<ListingName, GuardianOptions>> = {
  sessions: { autoUpdateListSessionsCache: true, identifyServers: false },
  desktops: { autoUpdateListDesktopsCache: true, identifyServers: false },
  mounts: { autoUpdateListMountsCache: true, identifyServers: false },
  features: { identifyServers: true },
};

/** Lists one kind of thing on every target at once, prints it, and ends. */
export async function list(
  what: ListingName,
  wanted: { readonly targets: readonly string[]; readonly options: ListingOptions },
  context: Context,
): Promise<Outcome> {
  const { printer, io } = context;
  const { json, quiet, timeout = patience } = wanted.options;
  const deadline = new Deadline(timeout);
  if (wanted.options.all && wanted.targets.length > 0)
    throw new X2GoError('usage.invalid', `--all is every profile: leave ${wanted.targets[0]} out`);
  checkSieve(wanted.options);
  const every = wanted.options.all ? ({ every: 'asWell' } as const) : {};
  const { chosen, left, options } = await setUp({ ...wanted, ...every }, context, deadline.stage);
  const profiles = chosen.map(({ profile }) => profile);
  const guardian = createGuardian({ ...options, ...needs[what], stateWatch: false, journal: false });

  const settled: Answer[] = [];
  const forced = await askOnce(guardian, profiles, deadline, context, async (profile) => {
    const answer = await firstAnswer(guardian, profile, what, deadline, passes(wanted.options, profile.user));
    return () => {
      settled.push(answer);
      if (json && 'rows' in answer) for (const row of answer.rows) printer.printJson(row);
    };
  });
  const early = cutShort(context, forced);
  if (early) return early;

  const answers = profiles.flatMap(({ id }) => settled.filter(({ profile }) => profile === id));
  if (!json) {
    const text = listingText(what, answers, styleFor(io.stdout, io.env), io.stdout.columns);
    if (text !== '') printer.print(text);
  }
  if (!quiet) for (const text of answers.flatMap(leftOut)) printer.say(text);
  const failures = answers.flatMap((answer) => ('failure' in answer ? [answer] : []));
  return { failures: [...failures, ...left], forced };
}

const leftOut = (answer: Answer): readonly string[] =>
  'rows' in answer && answer.skippedRows > 0
    ? [`x2go-guardian: ${answer.profile}: rows that were not understood and left out: ${answer.skippedRows}`]
    : [];
