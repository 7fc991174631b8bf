import { X2GoError } from '../errors.js';
import { type Recorded, readRecording } from '../inspection/recorded.js';
import { recordingPage } from '../inspection/recordingPage.js';
import { replay } from '../inspection/replay.js';
import { clean } from '../protocol/text.js';
import type { GuardianEventRecord } from '../records.js';
import type { Invocation } from './arguments.js';
import { type Context, done, failed, type Outcome } from './command.js';
import { eventLine } from './linesView.js';
import { createNews } from './news.js';
import { withPage } from './page.js';
import type { Printer } from './printer.js';
import { widthOf } from './width.js';

type ReplayInvocation = Extract<Invocation, { command: 'replay' }>;

/** Tells a recorded run again, or checks it against the charts. */
export async function replayRun({ file, options }: ReplayInvocation, context: Context): Promise<Outcome> {
  const { printer, ending } = context;
  const recorded = await usable(file, printer);
  if (options.page) {
    const { page: inspect, json = false, quiet = false } = options;
    await withPage(
      recordingPage(file, recorded),
      { ...options, inspect, json, quiet },
      'replay',
      context,
      () => ending.wait(),
    );
    return done;
  }
  if (options.check) return check(recorded, printer, options.json === true);
  const facts = recorded.lines.flatMap(({ line }) =>
    line.t === 'fact' ? [line.fact as unknown as GuardianEventRecord] : [],
  );
  if (options.json) {
    for (const fact of facts) printer.printJson(fact);
    return done;
  }
  const isNews = createNews();
  const profiles = facts.map((fact) => ('profile' in fact ? widthOf(clean(fact.profile ?? '')) : 0));
  const width = Math.max(0, ...new Set(profiles));
  for (const fact of facts) if (isNews(fact)) printer.print(eventLine(fact, width));
  return done;
}

/** A recording, its bad lines told. Throws file.unreadable, recording.unusable. */
export async function usable(file: string, printer: Printer): Promise<Recorded> {
  const recorded = await readRecording(file);
  for (const { number, reason } of recorded.bad)
    printer.say(`x2go-guardian: ${clean(file)}, line ${number} is left out: ${clean(reason)}`);
  if (recorded.header === undefined || recorded.lines.length === 0)
    throw new X2GoError('recording.unusable', `${file} is no recording of a run`);
  return recorded;
}

function check({ lines, bad }: Recorded, printer: Printer, json: boolean): Outcome {
  const { differences, unknown, ...counts } = replay(lines);
  const [first] = differences;
  if (first) {
    const { line, id, event, recorded, replayed } = first;
    const message =
      `Line ${line}: after ${event} the recording has ${id} in ${recorded || 'no state'}, ` +
      `and the charts of this version come to ${replayed || 'no state'}`;
    return failed({ code: 'recording.differs', message, retryable: false });
  }
  if (bad.length > 0 || counts.charts === 0) {
    const message = bad.length > 0 ? `${bad.length} of its lines are missing` : 'No chart was started in it';
    return failed({ code: 'recording.unusable', message, retryable: false });
  }
  if (!json) {
    const { charts, events, states } = counts;
    const late =
      unknown.length === 0 ? '' : `; ${unknown.length} that were there before it began are left out`;
    printer.print(
      `The same: ${charts} charts came by ${events} events to the ${states} states recorded${late}.`,
    );
  }
  return done;
}
