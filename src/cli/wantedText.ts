import { clean } from '../protocol/text.js';
import type { Step } from '../wanted/model.js';
import type { WantedNews } from '../wanted/news.js';
import { spanText } from './ages.js';
import type { CommonOptions } from './options.js';
import type { Printer } from './printer.js';
import { type CliRecord, record } from './records.js';
import { fill } from './width.js';

/** Tells a program or a person of wanted sessions, a line each. */
export const wantedTeller =
  ({ json, quiet }: CommonOptions, printer: Printer) =>
  (news: WantedNews): void => {
    if (json) printer.printJson(wantedRecord(news));
    else if (!quiet) printer.print(wantedText(news));
  };

export function wantedRecord({ type, ...fields }: WantedNews): CliRecord {
  return record(type, fields);
}

const verbs: Readonly<Record<Step['action'], string>> = {
  start: 'start',
  resume: 'resume',
  suspend: 'suspend',
  terminate: 'end',
  adopt: 'adopt',
  none: 'leave',
};

export function wantedText(news: WantedNews): string {
  const head = `${clean(news.profile)}  ${fill(clean(news.name), 12)}  `;
  const why = 'failure' in news && news.failure !== undefined ? `: ${clean(news.failure.message)}` : '';
  switch (news.type) {
    case 'wanted.planned':
      return `${head}${fill(verbs[news.action], 7)}  ${clean(news.reason)}${aboutText(news)}`;
    case 'wanted.applied': {
      const how = news.outcome === 'done' ? 'done' : 'failed';
      return `${head}${fill(verbs[news.action], 7)}  ${how} in ${spanText(news.tookMs)}${why}${aboutText(news)}`;
    }
    case 'wanted.delayed':
      return `${head}${fill(verbs[news.action], 7)}  attempt ${news.attempt} in ${spanText(news.retryInMs)}${why}`;
    case 'wanted.givenUp':
      return `${head}given up${why === '' ? ' after too many attempts' : why}`;
  }
}

const aboutText = ({ session }: { readonly session?: string }): string =>
  session === undefined ? '' : `  (${clean(session)})`;

/** `2 to do, 1 as it is wanted`. */
export function sumText(steps: readonly Step[], isPlan: boolean): string {
  const open = steps.filter(({ action }) => action !== 'none').length;
  const rest = steps.length - open;
  if (open === 0) return `Nothing to do: all ${rest} are left as they are.`;
  return `${open} ${isPlan ? 'to do' : 'seen to'}, ${rest} left as ${rest === 1 ? 'it is' : 'they are'}.`;
}
