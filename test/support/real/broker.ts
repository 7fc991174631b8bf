import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { endChild, hasEnded, spawnTied } from './child.js';
import { eventually } from './eventually.js';
import { makeTempDir } from './owner.js';
import { findFreePort } from './sshd.js';

/** x2gobroker as Debian has it, with configuration, logs and state of the test's own. Needs root. */
export interface BrokerPlace {
  /** Put before a command it makes it see this configuration: an sshd, under which people run the broker by SSH. */
  readonly inside: readonly string[];
  /** The session profiles of its inifile back end. */
  setProfiles(text: string): void;
  /** The broker for HTTPS on a free port. */
  serve(tls: { readonly key: string; readonly cert: string }): Promise<number>;
  stop(): Promise<void>;
}

const config = `[global]
require-password = true
default-auth-mech = pam
default-agent-query-mode = LOCAL
default-session-autologin = true
cookie-directory = /var/lib/x2gobroker/cookies
[broker_zeroconf]
enable = false
[broker_inifile]
enable = true
`;
const socket = '/var/lib/x2gobroker/auth.sock';
/** Its python must be Debian's, whatever stands first in our PATH. */
const path = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin';

export function makeBrokerPlace(): BrokerPlace {
  const dir = makeTempDir('broker');
  const at = (name: string) => join(dir, name);
  for (const name of ['log', 'state', 'state/cookies']) mkdirSync(at(name));
  chmodSync(at('log'), 0o777);
  // Whoever comes first makes them, and others could not write there.
  for (const name of ['broker', 'access', 'error', 'authservice']) {
    writeFileSync(at(`log/${name}.log`), '');
    chmodSync(at(`log/${name}.log`), 0o666);
  }
  writeFileSync(at('config'), config);
  const setProfiles = (text: string) => writeFileSync(at('profiles'), text);
  setProfiles('');
  const mounts = [
    [at('config'), '/etc/x2go/x2gobroker.conf'],
    [at('profiles'), '/etc/x2go/broker/x2gobroker-sessionprofiles.conf'],
    [at('log'), '/var/log/x2gobroker'],
    [at('state'), '/var/lib/x2gobroker'],
  ].map(([from, to]) => `mount --bind ${from} ${to}`);
  const inside = ['unshare', '-m', 'bash', '-c', `${mounts.join(' && ')} && exec "$@"`, 'bash'];
  let child: ChildProcess | undefined;
  return {
    inside,
    setProfiles,
    async serve({ key, cert }) {
      writeFileSync(at('state/key.pem'), key);
      writeFileSync(at('state/cert.pem'), cert);
      const port = await findFreePort();
      const [program = '', ...args] = [...inside, 'bash', '-c', serving(port)];
      child = spawnTied(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      await untilServing(child, port);
      return port;
    },
    async stop() {
      if (child !== undefined) await endChild(child);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The shell stays, as root: when it ends both get SIGTERM, which the broker's own user could not send to root's process. */
function serving(port: number): string {
  const env = [
    path,
    `X2GOBROKER_AUTHSERVICE_SOCKET=${socket}`,
    'X2GOBROKER_SSL_CERTFILE=/var/lib/x2gobroker/cert.pem',
    'X2GOBROKER_SSL_KEYFILE=/var/lib/x2gobroker/key.pem',
  ].join(' ');
  const own = 'setpriv --reuid x2gobroker --regid x2gobroker --init-groups --pdeathsig TERM';
  return `chown -R x2gobroker /var/lib/x2gobroker
setpriv --pdeathsig TERM env ${env} x2gobroker-authservice -s ${socket} -o root -g x2gobroker -p 0660 &
${own} env ${env} x2gobroker -M HTTP -b 127.0.0.1:${port} &
wait -n`;
}

async function untilServing(child: ChildProcess, port: number): Promise<void> {
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  await eventually(
    () => `x2gobroker to listen on ${port}: ${said}`,
    async () => hasEnded(child) || (await listens(port)),
    { timeoutMs: 30_000, everyMs: 100 },
  );
  if (hasEnded(child)) throw new Error(`x2gobroker did not start: ${said}`);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, '127.0.0.1');
    const answer = (is: boolean) => {
      probe.destroy();
      resolve(is);
    };
    probe.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}
