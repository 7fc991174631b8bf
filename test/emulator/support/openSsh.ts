import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Emulator } from '../../../src/emulator/index.js';

/** The system's own client, with nothing of the user's configuration; `key` and `known_hosts` are in `dir`. */
export function openSsh(emulator: Emulator, dir: string, command: string, options: readonly string[]) {
  const key = join(dir, 'key');
  const settings = [
    `UserKnownHostsFile=${join(dir, 'known_hosts')}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
  ].flatMap((setting) => ['-o', setting]);
  const target = ['-p', String(emulator.port), `${emulator.user}@${emulator.host}`];
  const child = spawn('ssh', ['-F', '/dev/null', '-i', key, ...settings, ...options, ...target, command]);
  const seen = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    seen.err += text;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, seen, ended };
}
