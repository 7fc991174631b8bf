import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { type HostKey, makeHostKey } from './hostKey.js';
import { endAll, findProcesses, isAlive, lookAt, type SeenProcess } from './processes.js';
import { type SshdOptions, sshdConfig } from './sshdConfig.js';

/** One connection as sshd serves it: a root-owned process and, once logged in, a child of it owned by the user. */
export interface Connection {
  readonly root: number;
  readonly user?: number;
}

export interface Sshd {
  readonly port: number;
  readonly hostKeys: readonly HostKey[];
  readonly logFile: string;
  pid(): number | undefined;
  start(): Promise<void>;
  /** Ends the listener alone: connections stay, as with `systemctl stop ssh`. */
  stop(): Promise<void>;
  connections(): Connection[];
}

/** An sshd of our own on a free loopback port. It dies with this process; its connections do not. */
export async function openSshd(options: SshdOptions): Promise<Sshd> {
  const { dir } = options;
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 }); // its chroot for privilege separation
  const types = options.hostKeyTypes ?? ['ed25519'];
  const hostKeys: HostKey[] = [];
  for (const type of types) hostKeys.push(await makeHostKey(dir, type));
  const logFile = join(dir, 'sshd.log');
  let port = 0;
  let pid: number | undefined;

  const start = async () => {
    if (pid !== undefined && isAlive(pid)) return;
    writeFileSync(join(dir, 'sshd_config'), sshdConfig(options, port, hostKeys));
    const log = openSync(logFile, 'a');
    const before = statSync(logFile).size;
    const news = () => readFileSync(logFile, 'utf8').slice(before);
    const command = [...(options.inside ?? []), '/usr/sbin/sshd', '-D', '-e', '-f', join(dir, 'sshd_config')];
    const args = ['--pdeathsig', 'TERM', ...command];
    const child = spawn('setpriv', args, { stdio: ['ignore', 'ignore', log] });
    pid = child.pid;
    closeSync(log); // sshd has its own copy
    await eventually(
      () => `sshd to listen on ${port}: ${news()}`,
      () => news().includes('Server listening on') || child.exitCode !== null,
    );
    if (child.exitCode !== null) throw new Error(`sshd did not start on port ${port}: ${news()}`);
  };

  for (let attempt = 1; ; attempt += 1) {
    port = await findFreePort();
    try {
      await start();
      break;
    } catch (cause) {
      if (attempt === 5) throw cause; // else another one took the port between our look and sshd's
    }
  }

  const ours = (seen: SeenProcess) =>
    seen.comm === 'sshd' && ((pid !== undefined && seen.ppid === pid) || isServing(options.user)(seen));
  return {
    port,
    hostKeys,
    logFile,
    pid: () => (pid !== undefined && isAlive(pid) ? pid : undefined),
    start,
    stop: async () => {
      const was = pid === undefined ? undefined : lookAt(pid);
      await endAll('sshd', () =>
        findProcesses((seen) => seen.pid === pid && seen.startedAt === was?.startedAt),
      );
    },
    connections: () => {
      const found = findProcesses(ours);
      // before the login there is a child of uid sshd, which does not count
      const users = found.filter((seen) => seen.uid === options.uid);
      return found
        .filter((seen) => seen.uid === 0)
        .map(({ pid: root }) => {
          const user = users.find((seen) => seen.ppid === root)?.pid;
          return user === undefined ? { root } : { root, user };
        });
    },
  };
}

/** Connections outlive the listener; then only the title sshd gives them tells whose they are. */
export const isServing = (user: string) => (seen: SeenProcess) =>
  seen.comm === 'sshd' && new RegExp(`^sshd: ${user}( \\[|@|$)`).test(seen.cmdline);

/** Below 30000: from there up X2Go and the kernel hand out ports of their own. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (free) return port;
  }
}
