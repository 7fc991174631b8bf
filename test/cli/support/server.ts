import { writeFileSync } from 'node:fs';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../../src/emulator/index.js';
import { Place } from './cli.js';

/** An emulator, a place of its own, and the words on the command line that lead there. */
export interface Server {
  readonly emulator: Emulator;
  readonly place: Place;
  readonly target: string;
  /** Target, key and known hosts. */
  readonly there: readonly string[];
  readonly knownHosts: string;
  readonly keyFile: string;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startServer(options: EmulatorOptions = {}): Promise<Server> {
  const emulator = await startEmulator(options);
  const place = new Place();
  const keyFile = place.file('key');
  const knownHosts = place.file('known_hosts');
  writeFileSync(keyFile, emulator.clientKey, { mode: 0o600 });
  writeFileSync(knownHosts, `${emulator.knownHostsLine}\n`);
  const target = `${emulator.user}@127.0.0.1:${emulator.port}`;
  return {
    emulator,
    place,
    target,
    there: [target, '-i', keyFile, '--known-hosts', knownHosts],
    knownHosts,
    keyFile,
    async [Symbol.asyncDispose]() {
      await emulator.stop();
      place[Symbol.dispose]();
    },
  };
}
