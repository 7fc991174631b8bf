import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostKey, HostKeyType } from './real/hostKey.js';
import { makeTempDir } from './real/owner.js';
import { enablingCommand, realServerAvailable } from './real/prerequisites.js';
import { signal } from './real/processes.js';
import { mustRun } from './real/run.js';
import { type Connection, openSshd } from './real/sshd.js';
import { sweepLeftovers, sweepUser } from './real/sweep.js';
import { createUnixUser, type UnixUser } from './real/unixUser.js';

export { realServerAvailable } from './real/prerequisites.js';

export interface RealServerOptions {
  /** sshd's MaxSessions. @default 10 */
  readonly maxSessions?: number;
  /** sshd's MaxStartups. @default '10:30:100' */
  readonly maxStartups?: string;
  /** @default '/bin/bash' */
  readonly loginShell?: string;
  /** Text of the user's ~/.bashrc in place of Debian's. */
  readonly bashrc?: string;
  /** The first one is `hostKeyFile`'s. @default ['ed25519'] */
  readonly hostKeyTypes?: readonly HostKeyType[];
  /** Further lines of sshd_config. */
  readonly sshdConfig?: string;
  /** Lines of sshd_config before the usual ones: the first value counts. */
  readonly sshdFirst?: string;
  /** Where sshd listens. @default '127.0.0.1' */
  readonly address?: string;
  /** A command that runs sshd as its last arguments say: `nsenter ...`, so that it lives in a namespace of the test's. */
  readonly inside?: readonly string[];
}

/** What a client needs to know to log in. */
export interface RealServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly uid: number;
  readonly password: string;
  readonly home: string;
  /** The user's private key, ed25519, OpenSSH format. */
  readonly keyFile: string;
  readonly hostKeyFile: string;
  readonly hostFingerprint: string;
  readonly hostKeys: readonly HostKey[];
  readonly sshdLogFile: string;
  /** One line of known_hosts for each host key. */
  knownHosts(): string;
  /** A new known_hosts file, in the server's temp folder when no path is given. */
  writeKnownHosts(path?: string): string;
  /** undefined while it is stopped. */
  sshdPid(): number | undefined;
  connections(): Connection[];
  /** Every sshd process that serves a connection: the root-owned one and the user-owned one. */
  connectionPids(): number[];
  killConnections(name?: NodeJS.Signals): void;
  /** Ends the listener; connections stay until killConnections(). */
  stopSshd(): Promise<void>;
  /** Ends the listener and starts it again on the same port with the same keys. */
  restartSshd(): Promise<void>;
  stop(): Promise<void>;
}

/** A user, a home and an sshd of their own on this machine's X2Go installation. Needs root. */
export async function startRealServer(options: RealServerOptions = {}): Promise<RealServer> {
  const available = realServerAvailable();
  if (available !== true) throw new Error(available);
  await sweepLeftovers();
  if (!existsSync('/var/lib/x2go/x2go_sessions')) {
    throw new Error(`no X2Go session data base: run \`${enablingCommand}\``);
  }
  ensureSocketFolder('/tmp/.X11-unix');
  ensureSocketFolder('/tmp/.ICE-unix');

  const dir = makeTempDir('server');
  let user: UnixUser | undefined;
  try {
    const keyFile = join(dir, 'id_ed25519');
    await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'x2go-harness', '-f', keyFile]);
    const { loginShell, bashrc, sshdConfig, sshdFirst, address: host = '127.0.0.1', ...limits } = options;
    const made = await createUnixUser({
      publicKey: readFileSync(`${keyFile}.pub`, 'utf8'),
      ...(loginShell !== undefined && { loginShell }),
      ...(bashrc !== undefined && { bashrc }),
    });
    user = made;
    const sshd = await openSshd({
      dir,
      user: made.name,
      uid: made.uid,
      authorizedKeys: join(made.home, '.ssh/authorized_keys'),
      address: host,
      ...limits,
      ...(sshdConfig !== undefined && { config: sshdConfig }),
      ...(sshdFirst !== undefined && { first: sshdFirst }),
    });
    const [firstKey] = sshd.hostKeys;
    if (!firstKey) throw new Error('hostKeyTypes is empty');
    const knownHosts = () => sshd.hostKeys.map((key) => `[${host}]:${sshd.port} ${key.publicKey}\n`).join('');
    const connectionPids = () =>
      sshd.connections().flatMap(({ root, user: own }) => (own === undefined ? [root] : [root, own]));
    const killConnections = (name: NodeJS.Signals = 'SIGKILL') => {
      for (const pid of connectionPids()) signal(pid, name);
    };
    let files = 0;
    let stopping: Promise<void> | undefined;
    const dispose = async () => {
      await sshd.stop();
      killConnections();
      await sweepUser(made);
      rmSync(dir, { recursive: true, force: true });
    };

    return {
      host,
      port: sshd.port,
      user: made.name,
      uid: made.uid,
      password: made.password,
      home: made.home,
      keyFile,
      hostKeyFile: firstKey.file,
      hostFingerprint: firstKey.fingerprint,
      hostKeys: sshd.hostKeys,
      sshdLogFile: sshd.logFile,
      knownHosts,
      writeKnownHosts: (path = join(dir, `known_hosts_${++files}`)) => {
        writeFileSync(path, knownHosts(), { mode: 0o600 });
        return path;
      },
      sshdPid: sshd.pid,
      connections: sshd.connections,
      connectionPids,
      killConnections,
      stopSshd: sshd.stop,
      restartSshd: async () => {
        await sshd.stop();
        await sshd.start();
      },
      stop: () => {
        stopping ??= dispose();
        return stopping;
      },
    };
  } catch (cause) {
    if (user) await sweepUser(user);
    rmSync(dir, { recursive: true, force: true });
    throw cause;
  }
}

/** X servers refuse to make these themselves when they do not run as root. */
function ensureSocketFolder(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o1777);
}
