import type { Failure, Profile } from '../../machines/vocabulary.js';
import type { Guardian } from '../guardian.js';
import { clean } from '../protocol/text.js';
import type { GuardianEventOf } from '../records.js';
import type { Examination } from '../ssh/examine.js';
import { adviceFor } from './advice.js';
import { spanText } from './ages.js';
import { type Answer, firstAnswer } from './answer.js';
import type { Deadline } from './deadline.js';
import { type Finding, note, ok, problem } from './finding.js';
import { judgements } from './serverJudgements.js';

/** What lies between us and a listing, in this order; a failure's code tells how far we got. */
const steps = ['reachable', 'host-key', 'login', 'x2go'] as const;
type Step = (typeof steps)[number];

/** A listing that takes this long makes everything wait. */
const slowListing = 2_000;

/** A small server that is busy takes this long; --timeout may end it before. */
const slowExamination = 20_000;

/** How far one gets on one server. Never rejects. */
export async function serverChecks(
  guardian: Guardian,
  profile: Profile,
  deadline: Deadline,
): Promise<readonly Finding[]> {
  const started = performance.now();
  let connected:
    | { readonly record: GuardianEventOf<'profile.connected'>; readonly tookMs: number }
    | undefined;
  let examination: Promise<Examination> | undefined;
  guardian.on('profile.connected', (record) => {
    if (record.profile !== profile.id) return;
    connected ??= { record, tookMs: performance.now() - started };
    examination ??= guardian.examine(profile.id, { signal: deadline.signal, timeout: slowExamination });
  });
  const answer = await firstAnswer(guardian, profile, 'sessions', deadline);
  const examined = await examination;
  const about = (finding: Finding): Finding => ({ ...finding, profile: profile.id });
  if (connected === undefined) return refused(answer).map(about);
  const { record, tookMs } = connected;
  const judged = examined === undefined ? [] : judgements(examined, record.features);
  return [...reached('x2go'), identity(record, tookMs), listing(answer), ...judged].map(about);
}

function refused(answer: Answer): readonly Finding[] {
  if (!('failure' in answer)) return [];
  const step = stepOf(answer.failure);
  return [...reached(step), problem(step, answer.failure, adviceFor(answer.failure))];
}

const words: Readonly<Record<Step, string>> = {
  reachable: 'It is reachable and speaks SSH',
  'host-key': 'Its host key is the known one',
  login: 'We are let in',
  x2go: 'X2Go is there',
};
const reached = (step: Step): readonly Finding[] =>
  steps.slice(0, steps.indexOf(step)).map((one) => ok(one, words[one]));

export function stepOf({ code }: Failure): Step {
  if (code.startsWith('hostKey.')) return 'host-key';
  if (code.startsWith('auth.')) return 'login';
  return code.startsWith('ssh.') || code.startsWith('call.') ? 'reachable' : 'x2go';
}

function identity({ versions, features }: GuardianEventOf<'profile.connected'>, tookMs: number): Finding {
  const time = `connected in ${spanText(tookMs)}`;
  const version = versions.x2goserver;
  if (version === undefined) return note('x2go', `X2Go does not tell its version; ${time}`);
  return ok('x2go', `X2Go ${clean(version)} with ${features.length} features; ${time}`);
}

function listing(answer: Answer): Finding {
  if ('failure' in answer) return problem('listing', answer.failure, adviceFor(answer.failure));
  const { rows, skippedRows, tookMs } = answer;
  const count = `${rows.length} ${rows.length === 1 ? 'session' : 'sessions'}`;
  const message = `${count} listed in ${spanText(tookMs)}`;
  if (skippedRows > 0) return note('listing', `${message}; ${skippedRows} rows were not understood`);
  return tookMs > slowListing ? note('listing', `${message}: that is slow`) : ok('listing', message);
}
