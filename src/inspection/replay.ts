/** A recorded run once more, through the charts: the same events lead to the same states. Nothing is executed. */
import type { AnyStateMachine } from 'xstate';
import { charts } from '../../machines/index.js';
import { isSame } from './aboutNews.js';
import type { ActorLine, EventLine, GoneLine, StateLine } from './feed.js';
import { pathOf } from './history.js';
import { InertChart } from './inertChart.js';
import type { RecordedLine } from './recorded.js';

/** Where a chart went another way than it is recorded. */
export interface Difference {
  /** The line of the recording. */
  readonly line: number;
  readonly id: string;
  readonly recorded: string;
  readonly replayed: string;
  /** The event before. */
  readonly event: string;
}

export interface Replayed {
  /** How many charts were replayed, and how many events and states of theirs were. */
  readonly charts: number;
  readonly events: number;
  readonly states: number;
  /** Charts that were there already when the recording began: it does not hold what they were started with. */
  readonly unknown: readonly string[];
  /** The first of each chart. */
  readonly differences: readonly Difference[];
}

interface Run {
  readonly chart: InertChart;
  /** The state that is recorded last, and in which line. */
  recorded: unknown;
  number: number;
  event: string;
}

export function replay(lines: readonly RecordedLine[]): Replayed {
  const runs = new Runs();
  for (const { number, line } of lines) {
    if (line.t === 'tree') runs.clear(line.tree.root);
    else if (line.t === 'actor') runs.start(line, number);
    else if (line.t === 'event') runs.take(line, number);
    else if (line.t === 'state') runs.compare(line, number);
    else if (line.t === 'gone') runs.end(line, number);
  }
  runs.clear();
  return runs.result();
}

const machineOf = (chart: string): AnyStateMachine | undefined =>
  Object.hasOwn(charts, chart) ? charts[chart as keyof typeof charts] : undefined;

interface Place {
  readonly id: string;
  readonly kind: string;
  readonly children: readonly Place[];
}

class Runs {
  readonly #runs = new Map<string, Run>();
  readonly #unknown = new Set<string>();
  readonly #differences: Difference[] = [];
  #charts = 0;
  #events = 0;
  #states = 0;

  /** All of it is over, or what follows is about another moment: charts that are there by now are not known. */
  clear(tree?: Place): void {
    for (const [id, run] of this.#runs) this.#expectSettled(id, run);
    this.#runs.clear();
    const note = ({ id, kind, children }: Place) => {
      if (kind === 'chart') this.#unknown.add(id);
      children.forEach(note);
    };
    if (tree) note(tree);
  }

  start({ id, chart, kind, input }: ActorLine, number: number): void {
    if (kind !== 'chart') return;
    const machine = machineOf(chart);
    if (machine === undefined || input === undefined) return void this.#unknown.add(id);
    this.#unknown.delete(id);
    this.#charts += 1;
    const one = new InertChart(machine, id, input);
    const { snapshot } = one;
    const run = { chart: one, recorded: snapshot.value, number, event: 'xstate.init' };
    this.#runs.set(id, run);
    if (snapshot.status === 'error') this.#differ(id, run, number, 'it starts', String(snapshot.error));
  }

  take({ to, type, event }: EventLine, number: number): void {
    const run = this.#runs.get(to);
    if (run === undefined || event === undefined) return;
    this.#expectSettled(to, run);
    this.#events += 1;
    run.event = type;
    run.number = number;
    if (run.chart.snapshot.status !== 'active') return;
    try {
      run.chart.take(event as { readonly type: string });
    } catch (cause) {
      this.#differ(to, run, number, 'it goes on', `it throws: ${String(cause)}`);
    }
  }

  compare({ id, value, tags, status }: StateLine, number: number): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    this.#states += 1;
    run.recorded = value;
    const { snapshot } = run.chart;
    const isSameState =
      isSame(snapshot.value, value) &&
      isSame([...snapshot.tags].sort(), [...tags].sort()) &&
      (status === 'stopped' || snapshot.status === status);
    if (!isSameState)
      this.#differ(id, run, number, wordOf(value, status), wordOf(snapshot.value, snapshot.status));
  }

  end({ id, status }: GoneLine, number: number): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    this.#expectSettled(id, run);
    this.#runs.delete(id);
    // One that is stopped from outside ends wherever it is.
    const wanted = status === 'stopped' ? 'active' : status;
    if (run.chart.snapshot.status !== wanted)
      this.#differ(id, run, number, status, wordOf(run.chart.snapshot.value, run.chart.snapshot.status));
  }

  result(): Replayed {
    return {
      charts: this.#charts,
      events: this.#events,
      states: this.#states,
      unknown: [...this.#unknown],
      differences: this.#differences,
    };
  }

  /** Between its events a chart is where it is recorded to be. */
  #expectSettled(id: string, run: Run): void {
    if (this.#runs.get(id) !== run || isSame(run.chart.snapshot.value, run.recorded)) return;
    this.#differ(id, run, run.number, pathOf(run.recorded), pathOf(run.chart.snapshot.value));
  }

  /** Whatever follows from a difference is none of its own. */
  #differ(id: string, { event }: Run, line: number, recorded: string, replayed: string): void {
    this.#differences.push({ line, id, recorded, replayed, event });
    this.#runs.delete(id);
  }
}

const wordOf = (value: unknown, status: string): string =>
  status === 'active' ? pathOf(value) : `${pathOf(value)} (${status})`;
