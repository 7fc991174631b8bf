import { createGuardian } from '../guardian.js';
import type { GuardianOptions } from '../options.js';
import { type Answer, firstAnswer } from './answer.js';
import type { ListingName } from './arguments.js';
import { type Context, done, failed, type Outcome } from './command.js';
import { Deadline } from './deadline.js';
import { until } from './ending.js';
import { listingText } from './listingText.js';
import type { CommonOptions } from './options.js';
import { setUp } from './setUp.js';
import { styleFor } from './style.js';

/** How long all answers together may take where --timeout does not say. */
const patience = 30_000;

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
  wanted: { readonly targets: readonly string[]; readonly options: CommonOptions },
  context: Context,
): Promise<Outcome> {
  const { ending, printer, io } = context;
  const { json, quiet, timeout = patience } = wanted.options;
  const deadline = new Deadline(timeout);
  const { chosen, options } = await setUp(wanted, context, deadline.stage);
  const guardian = createGuardian({ ...options, ...needs[what], stateWatch: false });
  const force = () => guardian.force();
  ending.forced.addEventListener('abort', force);

  const settled: Answer[] = [];
  const one = async (answer: Promise<Answer>) => {
    const { profile, ...rest } = await answer;
    if (ending.asked.aborted) return;
    settled.push({ profile, ...rest } as Answer);
    // It has said what it had to say, and shall not be asked again while others are waited for.
    guardian.removeProfile(profile);
    if (json && 'rows' in rest) for (const row of rest.rows) printer.printJson(row);
  };
  let forced: boolean;
  try {
    const answers = chosen.map(({ profile }) => one(firstAnswer(guardian, profile, what, deadline)));
    await guardian.start();
    deadline.start();
    await Promise.race([Promise.all(answers), until(ending.asked)]);
  } finally {
    deadline.stop();
    const report = await guardian.stop(ending.asked.aborted ? ending.reason : 'the answers are there');
    forced = report.some(({ outcome }) => outcome === 'forced' || outcome === 'failed');
    ending.forced.removeEventListener('abort', force);
  }
  if (ending.isStdoutClosed) return { ...done, forced };
  if (ending.asked.aborted) {
    const message = `Ended by ${ending.reason} before all answers were there`;
    return { ...failed({ code: 'call.aborted', message, retryable: true }), forced };
  }
  const inOrder = chosen.flatMap(({ profile }) => settled.filter((answer) => answer.profile === profile.id));
  if (!json) {
    const text = listingText(what, inOrder, styleFor(io.stdout, io.env), io.stdout.columns);
    if (text !== '') printer.print(text);
  }
  for (const answer of inOrder) {
    if ('rows' in answer && answer.skippedRows > 0 && !quiet) {
      printer.say(
        `x2go-guardian: ${answer.profile}: ${answer.skippedRows} rows were not understood and left out.`,
      );
    }
  }
  const failures = inOrder.flatMap((answer) => ('failure' in answer ? [answer] : []));
  return { failures, forced };
}
