import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from './run.js';

export type HostKeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface HostKey {
  readonly type: HostKeyType;
  readonly file: string;
  /** `ssh-ed25519 AAAA...`, without comment. */
  readonly publicKey: string;
  /** `SHA256:...`, as ssh shows it. */
  readonly fingerprint: string;
}

export async function makeHostKey(dir: string, type: HostKeyType): Promise<HostKey> {
  const file = join(dir, `hostkey_${type}`);
  await mustRun('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'x2go-harness', '-f', file]);
  const [name, blob = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64');
  return { type, file, publicKey: `${name} ${blob}`, fingerprint: `SHA256:${digest.replace(/=+$/, '')}` };
}
