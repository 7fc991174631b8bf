import { clean } from '../protocol/text.js';
import type { Context } from './command.js';
import { listingText } from './listingText.js';
import { type Sparing, sessionChosen, sessionListed, sessionSpared } from './records.js';
import type { EndOptions } from './sessionOptions.js';
import { styleFor } from './style.js';
import type { Found } from './sweep.js';

/** What would be ended, and what is left alone although it would be chosen. */
export function tellFound(all: readonly Found[], options: EndOptions, context: Context): void {
  const { printer, io } = context;
  if (options.json)
    for (const { profile, chosen } of all)
      for (const row of chosen) printer.printJson(sessionChosen(profile.id, row));
  else if (all.length > 0) {
    const answers = all.map(({ profile: { id }, chosen }) => ({
      profile: id,
      rows: chosen.map((row) => sessionListed(id, row)),
      skippedRows: 0,
      tookMs: 0,
    }));
    printer.print(listingText('sessions', answers, styleFor(io.stdout, io.env), io.stdout.columns));
  }
  for (const { profile, guarded } of all)
    for (const { session } of guarded) tellSpared(profile.id, session, 'guarded', options, context);
}

const reasons: Readonly<Record<Sparing, string>> = {
  guarded: 'it runs here, or is being brought back',
  used: 'somebody has used it meanwhile',
  gone: 'it has ended by itself',
};

export function tellSpared(
  profile: string,
  session: string,
  reason: Sparing,
  { json, quiet }: EndOptions,
  { printer }: Context,
): void {
  if (json) printer.printJson(sessionSpared(profile, session, reason));
  else if (!quiet) printer.print(`${clean(session)}: left alone, ${reasons[reason]}`);
}

export function question(all: readonly Found[]): string {
  const places = all.filter(({ chosen }) => chosen.length > 0);
  const count = places.reduce((sum, { chosen }) => sum + chosen.length, 0);
  const where = places.length === 1 ? clean(places[0]?.profile.id ?? '') : `${places.length} profiles`;
  return `End ${count === 1 ? 'this session' : `these ${count} sessions`} on ${where}? What is not saved in them is lost.`;
}
