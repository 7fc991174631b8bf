import type { Guardian, GuardianEventOf, GuardianEventRecord } from '../../src/index.js';

type EventName = GuardianEventRecord['event'];

export interface Seen {
  readonly record: GuardianEventRecord;
  /** Milliseconds on the monotonic clock. */
  readonly at: number;
}

export interface UntilOptions {
  /** Only what was seen from this place on: an earlier `log.length`. @default 0 */
  readonly after?: number;
  /** In ms. @default 10_000 */
  readonly within?: number;
}

/** For a message: each kind of event in a row once, with its number, and its last record. */
function condensed(records: readonly GuardianEventRecord[]): readonly string[] {
  const runs: { key: string; times: number; last: string }[] = [];
  for (const record of records) {
    const key = [record.event, 'profile' in record ? record.profile : ''].join(' ');
    const run = runs.slice(-4).find((one) => one.key === key);
    const last = JSON.stringify(record).slice(0, 220);
    if (run) Object.assign(run, { times: run.times + 1, last });
    else runs.push({ key, times: 1, last });
  }
  return runs.map(({ times, last }) => (times > 1 ? `${times} x, last ${last}` : last));
}

/** Everything a guardian emits, with its moment; waits for what can be seen. */
export class EventLog {
  readonly seen: Seen[] = [];
  readonly #wakes = new Set<() => void>();

  constructor(guardian: Guardian) {
    guardian.on('*', (record) => {
      this.seen.push({ record, at: performance.now() });
      for (const wake of [...this.#wakes]) wake();
    });
  }

  get length(): number {
    return this.seen.length;
  }

  /** The names of what was seen, in order. */
  names(profile?: string): string[] {
    return this.seen
      .filter(({ record }) => profile === undefined || ('profile' in record && record.profile === profile))
      .map(({ record }) => record.event);
  }

  all<Name extends EventName>(name: Name, after = 0): readonly GuardianEventOf<Name>[] {
    const records = this.seen.slice(after).map(({ record }) => record);
    return records.filter((record) => record.event === name) as unknown as GuardianEventOf<Name>[];
  }

  /** The moments at which an event was seen. */
  moments(name: EventName): readonly number[] {
    return this.seen.filter(({ record }) => record.event === name).map(({ at }) => at);
  }

  /** The first event of that name (and kind), also one that was seen already. Rejects with what came instead. */
  until<Name extends EventName>(
    name: Name,
    match: (record: GuardianEventOf<Name>) => boolean = () => true,
    { after = 0, within = 10_000 }: UntilOptions = {},
  ): Promise<GuardianEventOf<Name>> {
    const find = () => this.all(name, after).find(match);
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#wakes.delete(look);
      };
      const timer = setTimeout(() => {
        settle();
        const instead = condensed(this.seen.slice(after).map(({ record }) => record));
        reject(
          new Error(`no ${name} within ${within} ms; seen instead:\n  ${instead.join('\n  ') || 'nothing'}`),
        );
      }, within);
      const look = () => {
        const found = find();
        if (found === undefined) return;
        settle();
        resolve(found);
      };
      this.#wakes.add(look);
      look();
    });
  }
}
