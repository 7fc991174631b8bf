import type { ReportEntry } from '../../machines/vocabulary.js';
import { autoStart, type StartWish } from '../autoStart.js';
import { createGuardian, type Guardian } from '../guardian.js';
import type { GuardianOptions } from '../options.js';
import { clean } from '../protocol/text.js';
import { keepWanted } from '../wanted/keep.js';
import type { Invocation } from './arguments.js';
import type { Chosen } from './chosen.js';
import { type Context, done, type Outcome } from './command.js';
import { until } from './ending.js';
import type { WatchOptions } from './options.js';
import { pageOf, withPage } from './page.js';
import { recorded } from './recordRun.js';
import type { ProfileFailure } from './records.js';
import { setUp } from './setUp.js';
import { openView, type View } from './view.js';
import { keepingOf, wantedFrom } from './wantedSetUp.js';
import type { Inspector } from './xstateInspector.js';

/** In `watch` everything is looked after. */
export const everything = {
  autoUpdateListSessionsCache: true,
  autoUpdateListDesktopsCache: true,
  autoUpdateListMountsCache: true,
  autoUpdateSessionRegistry: true,
  autoRegisterSessions: true,
} as const;

type WatchInvocation = Extract<Invocation, { command: 'watch' }>;

/** Guards the chosen profiles until told to stop, or until none of them can come up any more. */
export async function watch({ targets, options }: WatchInvocation, context: Context): Promise<Outcome> {
  const view = await openView(options, context);
  const wanted = options.apply === undefined ? undefined : await wantedFrom(options.apply);
  const ready = await setUp(
    { targets: [...targets, ...(wanted?.targets ?? [])], options, every: 'ifNone' },
    context,
    view.stage,
  ).catch((cause) => {
    // Told to end while a password was awaited: that is no failure of a watch.
    if (context.ending.asked.aborted) return undefined;
    throw cause;
  });
  if (ready === undefined) return done;
  const { chosen, config, left, options: usual } = ready;
  for (const { profile = '', failure } of left)
    context.printer.say(`x2go-guardian: ${clean(profile)}: ${clean(failure.message)}`);
  const keeping = wanted && keepingOf(wanted.file, ready, options, view);
  const inspector = await openInspector(options, context);
  try {
    const guardian = createGuardian({
      ...everything,
      ...config?.refresh,
      ...usual,
      ...own(options),
      ...inspector.options,
    });
    const profiles = chosen.map(({ profile }) => profile);
    const run = () => {
      view.open(guardian, profiles);
      const stopWishing =
        keeping === undefined
          ? autoStart(guardian, wishesOf(chosen), (profile, failure) =>
              context.printer.say(`x2go-guardian: ${clean(profile)}: ${clean(failure.message)}`),
            )
          : keepWanted({ ...keeping, guardian });
      context.ending.asked.addEventListener('abort', stopWishing, { once: true });
      return guard(guardian, view, context);
    };
    return await withPage(pageOf(guardian, options), options, 'watch', context, () =>
      recorded(options.record, guardian, context.printer, run),
    );
  } finally {
    await inspector.close();
  }
}

/** What the profiles of x2goclient's files ask for. */
const wishesOf = (chosen: readonly Chosen[]): readonly StartWish[] =>
  chosen.flatMap(({ profile, session }) => {
    if (session === undefined) return [];
    const { atConnect, order, presentation } = session;
    const start = atConnect.start && order !== undefined ? { start: order } : {};
    return [{ profile: profile.id, resume: atConnect.resume, presentation, ...start }];
  });

/** Its server is loaded where it is wanted. */
async function openInspector(options: WatchOptions, context: Context): Promise<Inspector> {
  if (options.xstateInspector === undefined) return { options: {}, close: () => undefined };
  const { xstateInspector } = await import('./xstateInspector.js');
  return xstateInspector(options.xstateInspector, context);
}

/** Runs a guardian with a view of it, to its end. */
export async function guard(guardian: Guardian, view: View, { ending }: Context): Promise<Outcome> {
  const failures = new Map<string, ProfileFailure>();
  const hopeless = new AbortController();
  guardian.on('*', (record) => view.show(record));
  guardian.on('profile.connecting', ({ profile }) => void failures.delete(profile));
  guardian.on('profile.failed', ({ profile, failure }) => {
    failures.set(profile, { profile, failure });
    if (failures.size === guardian.profiles().length) hopeless.abort();
  });
  guardian.actor.subscribe({ error: (cause) => ending.crash(cause) });
  ending.forced.addEventListener('abort', () => guardian.force());
  let report: readonly ReportEntry[] = [];
  try {
    await guardian.start();
    await Promise.race([until(ending.asked), until(hopeless.signal)]);
  } finally {
    report = await guardian.stop(ending.asked.aborted ? ending.reason : 'no profile can come up any more');
    view.close(report);
  }
  return {
    failures: ending.asked.aborted ? [] : [...failures.values()],
    forced: report.some(({ outcome }) => outcome === 'forced' || outcome === 'failed'),
  };
}

const own = ({ stateWatch, reconcile, logLevel, json, quiet }: WatchOptions): GuardianOptions => ({
  // Lines and tables say it all; a program reads stdout while a person reads the logs.
  logLevel: logLevel ?? (json && !quiet ? 'warn' : 'silent'),
  ...(stateWatch ? {} : { stateWatch }),
  ...(reconcile === undefined ? {} : { reconcileInterval: reconcile }),
});
