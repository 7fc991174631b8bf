import type { Failure, ReportEntry } from '../../machines/vocabulary.js';
import { toFailure, X2GoError } from '../errors.js';
import { createGuardian, type Guardian } from '../guardian.js';
import type { GuardianOptions } from '../options.js';
import { clean } from '../protocol/text.js';
import type { Session } from '../session.js';
import type { Chosen } from './chosen.js';
import { type Context, done, type Outcome } from './command.js';
import { Deadline } from './deadline.js';
import { until } from './ending.js';
import { lineTrouble } from './lineTrouble.js';
import type { CommonOptions } from './options.js';
import type { Stage } from './questions.js';
import { type SetUp, type Sources, setUp } from './setUp.js';
import { openLifeView } from './view.js';

export interface Stay {
  readonly targets: readonly string[];
  /** What splitTargets() has read already. */
  readonly sources?: Sources;
  readonly options: CommonOptions;
  /** What is being done, for a person who waits for it. */
  readonly doing: string;
  /** What the guardian must know to do it. */
  readonly needs: GuardianOptions;
  readonly patienceMs: number;
  /** Where the profile comes from. @default the targets and --config */
  readonly setUp?: (stage: Stage) => Promise<SetUp>;
  /** Brings the session to the screen. */
  show(guardian: Guardian, chosen: Chosen, deadline: Deadline): Promise<Session>;
  /** Throws what is wrong with it before anything is begun. */
  check?(chosen: Chosen): void;
}

/** Brings one session to the screen here and stays for as long as it is there. */
export async function stay(wanted: Stay, context: Context): Promise<Outcome> {
  const { ending } = context;
  const { options, targets, needs } = wanted;
  const deadline = new Deadline(options.timeout ?? wanted.patienceMs);
  const view = await openLifeView(wanted.doing, options, context);
  const stage = {
    pause: () => {
      deadline.stage.pause();
      view.stage.pause();
    },
    resume: () => {
      view.stage.resume();
      deadline.stage.resume();
    },
  };
  const { sources } = wanted;
  const where = { targets, options, ...(sources === undefined ? {} : { sources }) };
  const setting = wanted.setUp?.(stage) ?? setUp(where, context, stage);
  const ready = await setting.catch((cause) => {
    // Told to end while a password was awaited: nothing was begun.
    if (ending.asked.aborted) return undefined;
    throw cause;
  });
  if (ready === undefined) return done;
  const chosen = onlyOne(ready.chosen);
  const { profile } = chosen;
  wanted.check?.(chosen);
  if (options.quiet !== true) tellNotices(chosen, context);
  const logLevel = options.logLevel ?? (options.json && !options.quiet ? 'warn' : 'silent');
  const guardian = createGuardian({ ...ready.options, ...needs, identifyServers: false, logLevel });
  guardian.on('*', (record) => view.show(record));
  guardian.actor.subscribe({ error: (cause) => ending.crash(cause) });
  ending.forced.addEventListener('abort', () => guardian.force());
  view.open(guardian, [profile]);

  let failure: Failure | undefined;
  let report: readonly ReportEntry[] = [];
  try {
    // What killed runs left is ended meanwhile: nothing here waits for that.
    guardian.start().catch((cause) => ending.crash(cause));
    deadline.start();
    const life = liveOn(guardian, wanted, chosen, deadline);
    const end = await Promise.race([life, until(ending.asked)]);
    if (end !== undefined) failure = end.failure;
    if (!ending.asked.aborted) ending.reason = end?.reason ?? ending.reason;
  } finally {
    deadline.close();
    report = await guardian.stop(ending.reason);
    view.close(report);
  }
  return {
    failures: failure === undefined || ending.asked.aborted ? [] : [{ profile: profile.id, failure }],
    forced: report.some(({ outcome }) => outcome === 'forced' || outcome === 'failed'),
  };
}

/** What the profile wants and is not done. */
function tellNotices({ profile, session }: Chosen, { printer }: Context): void {
  for (const notice of session?.notices ?? [])
    printer.say(`x2go-guardian: ${clean(profile.id)}: ${clean(notice)}`);
}

interface End {
  readonly reason: string;
  readonly failure?: Failure;
}

/** From nothing to the end of the session, or of our part in it. Never rejects. */
async function liveOn(guardian: Guardian, { show }: Stay, chosen: Chosen, deadline: Deadline): Promise<End> {
  const trouble = lineTrouble(guardian, chosen.profile.id);
  try {
    const session = await Promise.race([show(guardian, chosen, deadline), trouble]);
    return await Promise.race([whenOver(guardian, session), trouble]);
  } catch (cause) {
    const failure = toFailure(cause);
    return { reason: failure.message, failure };
  }
}

/** Resolves when a session is no longer ours: it has ended, was suspended, or another client has it. */
function whenOver(guardian: Guardian, session: Session): Promise<End> {
  return new Promise((resolve) => {
    let last: End = { reason: 'the session is no longer shown here' };
    const look = () => {
      if (!session.inspect().ours) resolve(last);
    };
    guardian.on('*', (record) => {
      if ('session' in record && record.session === session.id) {
        if (record.event === 'session.failed')
          last = { reason: record.failure.message, failure: record.failure };
        if (record.event === 'session.terminated') last = { ...last, reason: 'the session has ended' };
        if (record.event === 'session.suspended') last = suspended(record.failure);
        if (record.event === 'session.resumed' && record.by !== 'me')
          last = { reason: 'another client has taken the session over' };
      }
      // A fact is told before the state that it is about is entered.
      queueMicrotask(look);
    });
    look();
  });
}

const suspended = (failure: Failure | undefined): End =>
  failure === undefined ? { reason: 'the session was suspended' } : { reason: failure.message, failure };

export function onlyOne(chosen: readonly Chosen[]): Chosen {
  const [one, ...more] = chosen;
  if (one !== undefined && more.length === 0) return one;
  const ids = chosen.map(({ profile }) => profile.id).join(', ');
  throw new X2GoError('usage.invalid', `One target is wanted, not ${chosen.length}: ${ids}`);
}
