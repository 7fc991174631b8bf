import type { FeedLine } from '../../src/inspection/feed.js';

export type ConnectionState = 'connecting' | 'live' | 'lost' | 'refused';

export interface ConnectionParts {
  take(line: FeedLine): void;
  state(state: ConnectionState): void;
}

const firstPause = 250;
const longestPause = 4_000;

/** The feed of the server, again and again when it breaks off. */
export class Connection {
  readonly #parts: ConnectionParts;
  #source: EventSource | undefined;
  #pause = firstPause;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.open();
  }

  /** Anew: the first line is a fresh tree. */
  open(): void {
    this.#source?.close();
    const source = new EventSource('/feed');
    this.#source = source;
    source.onmessage = ({ data }: MessageEvent<string>) => {
      if (this.#source !== source) return;
      this.#pause = firstPause;
      this.#parts.take(JSON.parse(data) as FeedLine);
    };
    source.onopen = () => this.#parts.state('live');
    source.onerror = () => {
      source.close();
      if (this.#source === source) void this.#retry();
    };
  }

  async #retry(): Promise<void> {
    this.#parts.state('lost');
    await new Promise((resolve) => setTimeout(resolve, this.#pause));
    this.#pause = Math.min(this.#pause * 2, longestPause);
    const status = await fetch('/about').then(
      (response) => response.status,
      () => 0,
    );
    // The server is another one now: it has another token.
    if (status === 403) return this.#parts.state('refused');
    if (status === 200) this.open();
    else void this.#retry();
  }
}
