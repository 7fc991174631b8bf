import { Writable } from 'node:stream';
import type { Output } from '../../../src/cli/io.js';

/** As much of a terminal as a drawn table needs: lines, a cursor, a bottom at which everything moves up. */
export class ScreenModel extends Writable {
  readonly isTTY = true;
  readonly columns: number;
  readonly rows: number;
  /** Everything, with what has moved out at the top. */
  readonly lines: string[] = [''];
  #top = 0;
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
  }

  get output(): Output {
    return this as unknown as Output;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    for (const [token] of String(chunk).matchAll(/\x1b\[[?\d;]*[A-Za-z]|\n|\r|[^\x1b\n\r]+/g))
      this.#take(token);
    done();
  }

  #take(token: string): void {
    const [, digits = '', letter] = /^\x1b\[\??(\d*)[\d;]*([A-Za-z])$/.exec(token) ?? [];
    const n = Number(digits || '1');
    if (token === '\n') this.#newLine();
    else if (token === '\r' || letter === 'G') this.#column = 0;
    else if (letter === 'A') this.#row = Math.max(0, this.#row - n);
    else if (letter === 'B') this.#row = Math.min(this.rows - 1, this.#row + n);
    else if (letter === 'K') this.#set(digits === '2' ? '' : this.#line.slice(0, this.#column));
    else if (letter === 'J') this.#eraseBelow();
    else if (letter === undefined) this.#write(token);
    else if (!'hlm'.includes(letter)) throw new Error(`The model does not know ${JSON.stringify(token)}`);
  }

  #newLine(): void {
    this.#column = 0;
    if (this.#row < this.rows - 1) this.#row++;
    else this.#top++;
    while (this.lines.length <= this.#top + this.#row) this.lines.push('');
  }

  #write(text: string): void {
    if (this.#column + text.length > this.columns) throw new Error(`This line would be wrapped: ${text}`);
    const before = this.#line.padEnd(this.#column).slice(0, this.#column);
    this.#set(before + text + this.#line.slice(this.#column + text.length));
    this.#column += text.length;
  }

  #eraseBelow(): void {
    this.#set(this.#line.slice(0, this.#column));
    for (let row = this.#top + this.#row + 1; row < this.lines.length; row++) this.lines[row] = '';
  }

  get #line(): string {
    return this.lines[this.#top + this.#row] ?? '';
  }

  #set(text: string): void {
    while (this.lines.length <= this.#top + this.#row) this.lines.push('');
    this.lines[this.#top + this.#row] = text;
  }
}
