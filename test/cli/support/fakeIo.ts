import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Input, Io, Output, ProcessEvents } from '../../../src/cli/io.js';

/** A world for run() inside the test: streams that are read, and signals that are sent, by the test. */
export class FakeIo implements Io {
  readonly stdin: Input & PassThrough = new PassThrough();
  readonly stdout: Output & PassThrough = new PassThrough();
  readonly stderr: Output & PassThrough = new PassThrough();
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly events: ProcessEvents & EventEmitter = new EventEmitter();
  out = '';
  err = '';

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.env = env;
    this.stdout.on('data', (chunk: Buffer) => {
      this.out += chunk;
    });
    this.stderr.on('data', (chunk: Buffer) => {
      this.err += chunk;
    });
  }
}
