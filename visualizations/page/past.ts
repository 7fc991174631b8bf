import type { FeedLine } from '../../src/inspection/feed.js';
import { World } from './world.js';

/** A moment from which later ones can be rebuilt. */
interface Keyframe {
  /** The number of the first line after it. */
  readonly from: number;
  readonly world: World;
}

const keyframeEvery = 2_000;

/** The lines of the feed that are remembered, so that the page can go back to them. */
export class Past {
  readonly #most: number;
  #lines: FeedLine[] = [];
  /** How many were forgotten. */
  #forgotten = 0;
  #keyframes: Keyframe[] = [];

  constructor(most = 40_000) {
    this.#most = most;
  }

  /** `now` is the world after this line. */
  add(line: FeedLine, now: World): void {
    this.#lines.push(line);
    const count = this.#forgotten + this.#lines.length;
    if (line.t === 'tree' || count % keyframeEvery === 0)
      this.#keyframes.push({ from: count, world: new World(now) });
    if (this.#lines.length > this.#most + keyframeEvery) this.#forget();
  }

  #forget(): void {
    const first = this.#forgotten + this.#lines.length - this.#most;
    // The oldest line that is kept must have a moment before it.
    const keep = this.#keyframes.find(({ from }) => from >= first);
    if (keep === undefined) return;
    this.#keyframes = this.#keyframes.filter(({ from }) => from >= keep.from);
    this.#lines = this.#lines.slice(keep.from - 1 - this.#forgotten);
    this.#forgotten = keep.from - 1;
  }

  get lines(): readonly FeedLine[] {
    return this.#lines;
  }

  /** How many lines came before those that are remembered. */
  get forgotten(): number {
    return this.#forgotten;
  }

  get begin(): number {
    return timeOf(this.#lines[0]);
  }

  get end(): number {
    return timeOf(this.#lines.at(-1));
  }

  /** How many of the lines were told by then. */
  countAt(time: number): number {
    let [low, high] = [0, this.#lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (timeOf(this.#lines[middle]) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** All actors as they were then. */
  at(time: number): World {
    const count = Math.max(1, this.countAt(time)) + this.#forgotten;
    const keyframe = this.#keyframes.findLast(({ from }) => from <= count);
    const world = new World(keyframe?.world);
    for (let n = keyframe?.from ?? this.#forgotten; n < count; n++) {
      const line = this.#lines[n - this.#forgotten];
      if (line) world.take(line);
    }
    return world;
  }
}

const timeOf = (line: FeedLine | undefined) => (line === undefined ? 0 : Date.parse(line.time));
