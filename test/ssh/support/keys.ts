import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type KeyKind = 'ed25519' | 'ecdsa' | 'rsa';

export interface KeyFile {
  readonly path: string;
  readonly pem: string;
  /** `type base64`, without the comment. */
  readonly line: string;
  readonly type: string;
  readonly blob: Buffer;
  /** What ssh-keygen -l says. */
  readonly fingerprint: string;
}

/** A directory of the test's own, and keys in it, made by ssh-keygen. */
export function openWorkshop() {
  const dir = mkdtempSync(join(tmpdir(), 'x2go-guardian-test-'));
  let count = 0;
  const makeKey = (kind: KeyKind, passphrase = '', ...options: string[]): KeyFile => {
    const path = join(dir, `key${++count}`);
    const size = { ed25519: [], ecdsa: ['-b', '256'], rsa: ['-b', '2048'] }[kind];
    const args = ['-q', '-t', kind, ...size, '-N', passphrase, '-C', '', '-f', path, ...options];
    execFileSync('ssh-keygen', args);
    const [type = '', base64 = ''] = readFileSync(`${path}.pub`, 'utf8').trim().split(' ');
    const listed = execFileSync('ssh-keygen', ['-l', '-f', `${path}.pub`], { encoding: 'utf8' });
    return {
      path,
      pem: readFileSync(path, 'utf8'),
      line: `${type} ${base64}`,
      type,
      blob: Buffer.from(base64, 'base64'),
      fingerprint: listed.split(' ')[1] ?? '',
    };
  };
  return {
    dir,
    makeKey,
    path: (name: string) => join(dir, name),
    close: () => rmSync(dir, { recursive: true }),
  };
}
