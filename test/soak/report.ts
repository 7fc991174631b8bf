import { slope } from './line.js';

export interface Sample {
  readonly minute: number;
  readonly rss: number;
  readonly held: number;
  readonly fds: number;
}
export interface Tally {
  readonly times: number;
  /** How long it took until all was well again, ms. */
  readonly slowestMs: number;
}
export interface SoakResult {
  readonly seed: number;
  readonly minutes: number;
  readonly sessions: number;
  readonly steps: Readonly<Record<string, Tally>>;
  readonly events: number;
  readonly violations: readonly string[];
  /** What was there after the end, here and on the server. */
  readonly left: readonly string[];
  /** What the guardian's own report names as not known to have ended. */
  readonly named: readonly string[];
  /** Rows whose agents are dead: a listing that ran beside the end wrote them back; x2gocleansessions takes them away. */
  readonly rows: readonly string[];
  readonly stopMs: number;
  readonly memory: Growth;
}
interface Growth {
  readonly rss: readonly [first: number, last: number];
  readonly held: readonly [first: number, last: number];
  readonly fds: readonly [first: number, last: number];
  /** Over the second half of the time. */
  readonly rssPerMinute: number;
  readonly heldPerMinute: number;
  readonly fdsPerMinute: number;
}

/** Measured when all is well: what is taken in the middle of a fault says nothing. */
export function growthOf(samples: readonly Sample[]): Growth {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined) throw new Error('nothing was measured');
  const half = samples.filter(({ minute }) => minute >= last.minute / 2);
  const perMinute = (what: 'rss' | 'held' | 'fds') =>
    slope(half.map((sample) => [sample.minute, sample[what]] as const));
  return {
    rss: [first.rss, last.rss],
    held: [first.held, last.held],
    fds: [first.fds, last.fds],
    rssPerMinute: Math.round(perMinute('rss')),
    heldPerMinute: Math.round(perMinute('held')),
    fdsPerMinute: Number(perMinute('fds').toFixed(3)),
  };
}

const mib = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MiB`;
const kib = (bytes: number) => `${(bytes / 1_024).toFixed(1)} KiB/min`;

export function printed(result: SoakResult): string {
  const { steps, memory, violations, left } = result;
  const width = Math.max(...Object.keys(steps).map(({ length }) => length), 20);
  const total = Object.values(steps).reduce((sum, { times }) => sum + times, 0);
  return [
    `soak: ${result.minutes.toFixed(1)} min, seed ${result.seed}, ${result.sessions} sessions, ${total} steps, ${result.events} events`,
    '',
    `${'step'.padEnd(width)}  times  slowest until all was well`,
    ...Object.entries(steps).map(
      ([name, { times, slowestMs }]) =>
        `${name.padEnd(width)}  ${String(times).padStart(5)}  ${(slowestMs / 1_000).toFixed(1)} s`,
    ),
    '',
    `resident memory  ${memory.rss.map(mib).join(' -> ')}; ${kib(memory.rssPerMinute)} over the second half`,
    `held after gc    ${memory.held.map(mib).join(' -> ')}; ${kib(memory.heldPerMinute)} over the second half`,
    `open files       ${memory.fds.join(' -> ')}; ${memory.fdsPerMinute} a minute over the second half`,
    `stop()           ${(result.stopMs / 1_000).toFixed(1)} s; left behind: ${left.length === 0 ? 'nothing' : left.join(', ')}`,
    `in the report    ${result.named.length === 0 ? 'nothing that failed' : result.named.join(', ')}`,
    `rows of the dead ${result.rows.length === 0 ? 'none' : result.rows.join(', ')}`,
    violations.length === 0
      ? 'violations       none'
      : `violations       ${violations.length}\n${violations.join('\n')}`,
  ].join('\n');
}
