import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempDir } from './owner.js';

const command = '/usr/bin/x2golistsessions';

export interface FakeListing {
  /** Runs sshd, the command that follows, where x2golistsessions is ours. */
  readonly inside: readonly string[];
  /** From now on x2golistsessions is this script; `$REAL` is the real one. Without a script it is the real one. */
  become(script?: string): void;
  remove(): void;
}

/** Another x2golistsessions for those who live in a mount namespace of the test's, and for nobody else. */
export function fakeListing(): FakeListing {
  const dir = makeTempDir('listing');
  chmodSync(dir, 0o755);
  const real = join(dir, 'real');
  copyFileSync(command, real);
  chmodSync(real, 0o755);
  const fake = join(dir, 'fake');
  mkdirSync(join(dir, 'now'), { mode: 0o755 });
  const become = (script = 'exec "$REAL" "$@"') => {
    writeFileSync(join(dir, 'next'), `#!/bin/sh\nREAL=${real}\n${script}\n`, { mode: 0o755 });
    renameSync(join(dir, 'next'), join(dir, 'now', 'script'));
  };
  writeFileSync(fake, `#!/bin/sh\nexec ${join(dir, 'now', 'script')} "$@"\n`, { mode: 0o755 });
  become();
  const remove = () => rmSync(dir, { recursive: true, force: true });
  const mount = `mount --bind ${fake} ${command} && exec "$@"`;
  return {
    inside: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mount, 'sh'],
    become,
    remove,
  };
}
