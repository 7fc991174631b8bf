import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { run } from '../../../src/cli/run.js';
import type { Endpoint } from '../../support/guard.js';

export interface Printed {
  readonly exitCode: number;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

export interface Running {
  /** The line with this event, when it was printed. */
  until(event: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Printed>;
}

/** `x2go-guardian <words> --json` in this process, with nobody at a terminal. */
export function command(words: readonly string[]): Running {
  const events = new EventEmitter();
  const [stdout, stderr] = [new PassThrough(), new PassThrough().resume()];
  let text = '';
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    events.emit('printed');
  });
  const lines = () => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  const io = { stdin: new PassThrough(), stdout, stderr, env: {}, events };
  return {
    until: (event) =>
      new Promise((resolve) => {
        const look = () => {
          if (text.includes(`"event":"${event}"`)) resolve();
        };
        events.on('printed', look);
        look();
      }),
    signal: (name) => events.emit(name, name),
    ended: run([...words, '--json'], io).then((exitCode) => ({ exitCode, lines: lines() })),
  };
}

export interface Target {
  /** The words that name a server, its key and its host key. */
  readonly words: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

export async function targetOf({ host, port, user, clientKey, hostKey }: Endpoint): Promise<Target> {
  const directory = await mkdtemp(join(tmpdir(), 'schema-'));
  const [identity, knownHosts] = [join(directory, 'id'), join(directory, 'known_hosts')];
  await writeFile(identity, clientKey, { mode: 0o600 });
  await writeFile(knownHosts, `[${host}]:${port} ${hostKey}\n`);
  return {
    words: [`${user}@${host}:${port}`, '-i', identity, '--known-hosts', knownHosts],
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
