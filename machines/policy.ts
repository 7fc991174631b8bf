/** Numbers and rules of thumb of the charts: pure functions of plain data. */
import type { Profile } from './vocabulary.js';

/** All times in milliseconds. */
export interface Timing {
  /** The tick. @default 5_000 */
  readonly refreshInterval: number;
  /** A full listing although the state watch saw no change. @default 60_000 */
  readonly reconcileInterval: number;
  /** Rest between two listings of the shareable desktops: they cost the server 0.6 to 2.6 s each. @default 30_000 */
  readonly desktopsInterval: number;
  /** @default 10_000 */
  readonly listingDeadline: number;
  /** @default 20_000 */
  readonly desktopsDeadline: number;
  /** Silence after which a line is degraded: more than one keepalive went unanswered. @default 5_000 */
  readonly degradedAfter: number;
  /** Silence after which a line counts as lost. @default 15_000 */
  readonly lostAfter: number;
  /** A line that lived this long starts its back-off anew. @default 30_000 */
  readonly stableAfter: number;
  /** Until the server is asked again about a session in between two states. @default 1_000 */
  readonly settleDelay: number;
  /** How long an agent may outlive its session's row before it is an orphan. @default 10_000 */
  readonly orphanAfter: number;
  /** Rest before a failed state watch is opened again. @default 5_000 */
  readonly watchRest: number;
  /** State watch: between two ticks while nothing changes. @default 1_000 */
  readonly watchPace: number;
  /** State watch: between two ticks while something changes. @default 250 */
  readonly watchBusyPace: number;
  /** One profile's share of the way out. @default 3_500 */
  readonly releaseDeadline: number;
  /** The whole way out, before what is left is ended by force. @default 4_000 */
  readonly terminationDeadline: number;
}

export const defaultTiming: Timing = {
  refreshInterval: 5_000,
  reconcileInterval: 60_000,
  desktopsInterval: 30_000,
  listingDeadline: 10_000,
  desktopsDeadline: 20_000,
  degradedAfter: 5_000,
  lostAfter: 15_000,
  stableAfter: 30_000,
  settleDelay: 1_000,
  orphanAfter: 10_000,
  watchRest: 5_000,
  watchPace: 1_000,
  watchBusyPace: 250,
  releaseDeadline: 3_500,
  terminationDeadline: 4_000,
};

/** What is on the way when a sign of life has been asked for. */
const travelTime = 2_000;

/** Silence after which a line is degraded. One whose signs of life are rarer is given the time for one of them. */
export const degradedAfter = (
  timing: Timing,
  { aliveInterval = 0 }: Pick<Profile, 'aliveInterval'>,
): number => Math.max(timing.degradedAfter, aliveInterval === 0 ? 0 : aliveInterval + travelTime);

/** Silence after which a line is lost: not before as many signs of life as may went unanswered. */
export function lostAfter(
  timing: Timing,
  { aliveInterval = 0, aliveCountMax = 3 }: Pick<Profile, 'aliveInterval' | 'aliveCountMax'>,
): number {
  const patience = aliveInterval === 0 ? 0 : aliveInterval * (aliveCountMax + 1) + travelTime;
  return Math.max(timing.lostAfter, degradedAfter(timing, { aliveInterval }), patience);
}

/** setTimeout fires at once above this. */
const longestTimer = 2 ** 31 - 1;

export const clampTimer = (ms: number): number => Math.min(Math.max(0, ms), longestTimer);

const firstRetry = 1_000;
const longestRetry = 30_000;

/** The nth wait: 1, 2, 4 ... 30 s, each spread by a fifth to either side so that many profiles do not return at once. */
export function backoff(wait: number, chance: number): number {
  const base = Math.min(longestRetry, firstRetry * 2 ** Math.min(wait - 1, 10));
  return Math.round(base * (0.8 + 0.4 * chance));
}

/** python-x2go's guardian has the same flags; here each works alone. */
export interface RefreshOptions {
  /** @default false */
  readonly autoUpdateListSessionsCache: boolean;
  /** @default false */
  readonly autoUpdateListDesktopsCache: boolean;
  /** @default false */
  readonly autoUpdateListMountsCache: boolean;
  /** @default false */
  readonly autoUpdateSessionRegistry: boolean;
  /** @default false */
  readonly autoRegisterSessions: boolean;
  /** @default false */
  readonly skipPublishedSessions: boolean;
}

export const noRefresh: RefreshOptions = {
  autoUpdateListSessionsCache: false,
  autoUpdateListDesktopsCache: false,
  autoUpdateListMountsCache: false,
  autoUpdateSessionRegistry: false,
  autoRegisterSessions: false,
  skipPublishedSessions: false,
};

/** What a tick has to do. */
export interface RefreshPlan {
  readonly listSessions: boolean;
  readonly listMounts: boolean;
  readonly listDesktops: boolean;
  readonly updateRegistry: boolean;
  readonly register: boolean;
  readonly skipPublished: boolean;
}

export function refreshPlan(options: RefreshOptions): RefreshPlan {
  const updateRegistry = options.autoUpdateSessionRegistry || options.autoRegisterSessions;
  return {
    listSessions: options.autoUpdateListSessionsCache || options.autoUpdateListMountsCache || updateRegistry,
    listMounts: options.autoUpdateListMountsCache,
    listDesktops: options.autoUpdateListDesktopsCache,
    updateRegistry,
    register: options.autoRegisterSessions,
    skipPublished: options.skipPublishedSessions,
  };
}
