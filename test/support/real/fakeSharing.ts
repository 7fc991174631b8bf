import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempDir } from './owner.js';

export interface FakeSharing {
  /** Runs sshd, the command that follows, where x2godesktopsharing is ours. */
  readonly inside: readonly string[];
  /** What the owner of a desktop says from now on: no, or nothing at all. */
  become(answer: 'refusing' | 'silent'): void;
  remove(): void;
}

const scripts = { refusing: 'echo "DENY not now"', silent: 'exec sleep 700' };

/** The package that asks the owner of a desktop, for those who live in a mount namespace of the test's. */
export function fakeSharing(): FakeSharing {
  const dir = makeTempDir('sharing');
  chmodSync(dir, 0o755);
  const bin = join(dir, 'bin');
  mkdirSync(bin, { mode: 0o755 });
  const become = (answer: keyof typeof scripts) => {
    writeFileSync(join(dir, 'next'), `#!/bin/sh\n${scripts[answer]}\n`, { mode: 0o755 });
    renameSync(join(dir, 'next'), join(bin, 'x2godesktopsharing'));
  };
  become('refusing');
  const mount = `mount --bind ${bin} /usr/local/bin && exec "$@"`;
  return {
    inside: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mount, 'sh'],
    become,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
