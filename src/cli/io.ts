import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';

export type Input = Readable & { readonly isTTY?: boolean };
export type Output = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};
/** Where signals and errors nobody caught arrive. */
export type ProcessEvents = Pick<EventEmitter, 'on' | 'off'>;

/** The world around the command, so that a test can be the world. */
export interface Io {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly events: ProcessEvents;
}

export const processIo = (): Io => ({
  // A getter: merely looking at it opens it, and then it has to be closed.
  get stdin() {
    return process.stdin as Input;
  },
  stdout: process.stdout as Output,
  stderr: process.stderr as Output,
  env: process.env,
  events: process,
});
