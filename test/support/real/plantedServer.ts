import { chmodSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempDir } from './owner.js';

export interface PlantedServer {
  /** Runs sshd, the command that follows, where the clock and X2Go's configuration are ours. */
  readonly inside: readonly string[];
  /** How many sessions the user may have, from now on. */
  limit(user: string, sessions: number): void;
  remove(): void;
}

/** A wrong clock and a session limit for those who live in a mount namespace of the test's, and for nobody else. */
export function plantedServer(secondsAhead: number): PlantedServer {
  const dir = makeTempDir('planted');
  chmodSync(dir, 0o755);
  const [date, real, conf] = ['date', 'real-date', 'x2goserver.conf'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  copyFileSync('/usr/bin/date', real);
  chmodSync(real, 0o755);
  writeFileSync(date, `#!/bin/sh\necho $(($(${real} +%s) + ${secondsAhead}))\n`, { mode: 0o755 });
  copyFileSync('/etc/x2go/x2goserver.conf', conf);
  const mounts = `mount --bind ${date} /usr/bin/date && mount --bind ${conf} /etc/x2go/x2goserver.conf && exec "$@"`;
  return {
    inside: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mounts, 'sh'],
    limit: (user, sessions) => writeFileSync(conf, `[limit users]\n${user}=${sessions}\n`),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
