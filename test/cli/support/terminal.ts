import { execFileSync, spawnSync } from 'node:child_process';
import { eventually } from '../../support/real/eventually.js';
import type { Place } from './cli.js';

/** Without tmux there is no terminal to try on; CI has one. */
export const hasTmux = process.env.CI !== undefined || spawnSync('tmux', ['-V']).status === 0;

let count = 0;

/** A shell in a real terminal, whose screen can be read. */
export class Terminal {
  readonly #socket: string;

  constructor(place: Place, columns: number, rows: number, env: Readonly<Record<string, string>> = {}) {
    this.#socket = place.file(`tmux-${count++}`);
    const size = ['-x', String(columns), '-y', String(rows)];
    const words = Object.entries({ PS1: '% ', ...env }).flatMap(([name, value]) => [
      '-e',
      `${name}=${value}`,
    ]);
    this.#tmux(['-f', '/dev/null', 'new-session', '-d', ...size, ...words, 'sh'], place.env());
  }

  type(text: string): void {
    this.#tmux(['send-keys', '-l', text]);
    this.key('Enter');
  }

  key(name: string): void {
    this.#tmux(['send-keys', name]);
  }

  /** The lines of the screen, without blanks at their ends. */
  get screen(): readonly string[] {
    return this.#tmux(['capture-pane', '-p'])
      .split('\n')
      .map((line) => line.trimEnd());
  }

  get text(): string {
    return this.screen.join('\n').trimEnd();
  }

  /** The escape sequences for colours on the screen. */
  get colours(): readonly string[] {
    return this.#tmux(['capture-pane', '-p', '-e']).match(/\x1b\[[\d;]*m/g) ?? [];
  }

  until(what: string, look: (text: string) => boolean): Promise<string> {
    return eventually(
      () => `${what}; on the screen is\n${this.text}`,
      () => (look(this.text) ? this.text : undefined),
      { timeoutMs: 15_000, everyMs: 40 },
    );
  }

  resize(columns: number, rows: number): void {
    this.#tmux(['resize-window', '-x', String(columns), '-y', String(rows)]);
  }

  /** `1` where the cursor is shown, `1` where the screen is the alternate one. */
  get modes(): string {
    return this.#tmux(['display', '-p', 'cursor #{cursor_flag} alternate #{alternate_on}']).trim();
  }

  /** What the line settings are, by stty: a prompt must have given them back. */
  async settings(): Promise<string> {
    this.type('stty -a | grep -c "[ ]icanon.*" ; stty -a | grep -c "[ ]echo "');
    return this.until('the settings', (text) => /\n1\n1\n/.test(text));
  }

  /** From now on all that the terminal is given to show goes to a file, too. */
  keep(file: string): void {
    this.#tmux(['pipe-pane', '-o', `cat >> ${file}`]);
  }

  [Symbol.dispose](): void {
    spawnSync('tmux', ['-S', this.#socket, 'kill-server']);
  }

  #tmux(args: readonly string[], env: NodeJS.ProcessEnv = process.env): string {
    return execFileSync('tmux', ['-u', '-S', this.#socket, ...args], { encoding: 'utf8', env });
  }
}
