import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { endChild, spawnTied } from '../test/support/real/child.js';
import { eventually } from '../test/support/real/eventually.js';
import { findFreePort } from '../test/support/real/sshd.js';
import type { RealServer } from '../test/support/realServer.js';

/** Two forwards over one connection: ports here that lead to the far ends. */
export interface Forwarded {
  readonly bulk: number;
  readonly echo: number;
  close(): unknown;
}
export type Peer = (server: RealServer, far: { bulk: number; echo: number }) => Promise<Forwarded>;

/** Ours, or ssh2 alone, in a process of its own. */
const inProcess =
  (kind: 'ours' | 'raw', flags: readonly string[] = []): Peer =>
  async ({ host, port, user, keyFile }, far) => {
    const script = fileURLToPath(new URL('forwardPeer.mjs', import.meta.url));
    const words = [...flags, script, kind, host, port, user, keyFile, far.bulk, far.echo].map(String);
    const child = spawnTied(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    child.stdout?.on('data', (data) => {
      said += data;
    });
    await eventually(`${kind} to listen`, () => said.endsWith('\n'));
    const { bulk, echo } = JSON.parse(said) as { bulk: number; echo: number };
    return { bulk, echo, close: () => endChild(child) };
  };
export const ours = inProcess('ours');
/** As where ssh2's addon could not be built. */
export const oursPlain = inProcess('ours', ['--no-addons']);
export const rawSsh2 = inProcess('raw');

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

export const openSsh: Peer = async (server, far) => {
  const [bulk, echo] = [await findFreePort(), await findFreePort()];
  const settings = {
    BatchMode: 'yes',
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    UserKnownHostsFile: server.writeKnownHosts(),
    StrictHostKeyChecking: 'yes',
    LogLevel: 'ERROR',
    Ciphers: 'aes128-gcm@openssh.com',
    ExitOnForwardFailure: 'yes',
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const forwards = [
    ...['-L', `127.0.0.1:${bulk}:127.0.0.1:${far.bulk}`],
    ...['-L', `127.0.0.1:${echo}:127.0.0.1:${far.echo}`],
  ];
  const login = ['-i', server.keyFile, '-p', String(server.port), `${server.user}@${server.host}`];
  const child = spawnTied('ssh', ['-F', 'none', '-N', ...options, ...forwards, ...login], {
    stdio: 'ignore',
  });
  await eventually('ssh -L to listen', () => answers(echo));
  return { bulk, echo, close: () => endChild(child) };
};

// Debian's own python, which has the Debian package.
const python = '/usr/bin/python3';
export const pythonAvailable = (): boolean => spawnSync(python, ['-c', 'import x2go']).status === 0;

export const pythonX2go: Peer = async ({ host, port, user, keyFile }, far) => {
  const [bulk, echo] = [await findFreePort(), await findFreePort()];
  const script = fileURLToPath(new URL('pythonForward.py', import.meta.url));
  const words = [script, host, port, user, keyFile, far.bulk, far.echo, bulk, echo].map(String);
  const child = spawnTied(python, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout?.on('data', (data) => {
    said += data;
  });
  await eventually('python-x2go to listen', () => said.includes('ready'));
  return { bulk, echo, close: () => endChild(child) };
};
