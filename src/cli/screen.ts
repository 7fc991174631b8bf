import { createLogUpdate } from 'log-update';
import type { Output } from './io.js';
import { widthOf } from './width.js';

/**
 * A few lines at the bottom of a terminal that are drawn over again and again. The cursor is never hidden and the
 * screen never switched: whatever ends us, there is nothing to restore.
 */
export class Screen {
  readonly #output: Output;
  readonly #update;
  #frame = '';

  constructor(output: Output) {
    this.#output = output;
    this.#update = createLogUpdate(output as NodeJS.WriteStream, { showCursor: true });
  }

  /** Writes what differs from the last frame; nothing, if nothing does. */
  draw(frame: string, plain: string): void {
    // log-update compares frames line by line from both ends: right only where both have as many lines.
    if (countLines(plain) !== countLines(this.#frame)) this.#update.clear();
    this.#frame = plain;
    // And it loses count where what changed ends with an empty line: no line is empty.
    this.#update(`${frame.replace(/^$/gm, ' ')}\n`);
  }

  clear(): void {
    this.#frame = '';
    this.#update.clear();
  }

  /** Somebody else wrote below our lines: they stay as they are, and we go on below. */
  leave(): void {
    this.#frame = '';
    this.#update.done();
  }

  /** The terminal wrapped our lines anew: as many as they are now have to go. */
  reflow(): void {
    if (this.#frame === '') return;
    const columns = this.#output.columns || 80;
    const rows = this.#frame
      .split('\n')
      .reduce((sum, text) => sum + Math.max(1, Math.ceil(widthOf(text) / columns)), 0);
    this.#output.write(`\r\x1b[${rows}A\x1b[J`);
    this.leave();
  }
}

const countLines = (text: string) => text.split('\n').length;
