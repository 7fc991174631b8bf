import { connect } from 'node:net';
import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import { X2GoError } from '../../../src/errors.js';
import { sshAlgorithms } from '../../../src/ssh/algorithms.js';
import { prepareAuthentication } from '../../../src/ssh/authentication.js';
import type { Credentials } from '../../../src/ssh/credentials.js';
import type { HostKeys } from '../../../src/ssh/hostKeys.js';
import { strictVerifier } from '../../../src/ssh/hostVerifier.js';
import { openGate } from '../../../src/ssh/refusedSecrets.js';

export interface Login {
  readonly client: Client;
  end(): Promise<void>;
}

/** Connects once with our algorithms and these options; throws what went wrong. */
export async function dial(port: number, options: ConnectConfig): Promise<Login> {
  const sock = connect({ host: '127.0.0.1', port, noDelay: true });
  const closed = new Promise<void>((resolve) => sock.once('close', () => resolve()));
  const client = new ssh2.Client();
  const config = { algorithms: sshAlgorithms(), username: 'root', readyTimeout: 15_000, ...options };
  try {
    await new Promise<void>((resolve, reject) => {
      client.on('ready', resolve).on('error', reject);
      client.on('close', () => reject(new Error('closed')));
      client.on('change password', (prompt) => reject(new Error(`change password: ${prompt}`)));
      client.connect({ ...config, sock });
    });
  } catch (cause) {
    sock.destroy();
    throw cause;
  }
  const end = () => {
    client.end();
    return closed;
  };
  return { client, end };
}

/** What a HostKeys object says of a server, through ssh2's handshake; `undefined` is a yes. */
export async function meet(port: number, hostKeys: HostKeys): Promise<X2GoError | undefined> {
  let refusal: X2GoError | undefined;
  const hostVerifier = strictVerifier((key) => {
    const verdict = hostKeys.verify(key);
    if (verdict !== true) refusal = verdict;
    return verdict;
  });
  const algorithms = sshAlgorithms(hostKeys.algorithms);
  let secretAsked = false;
  const authHandler = () => {
    secretAsked = true;
    return false;
  };
  await dial(port, { hostVerifier, algorithms, authHandler }).catch(() => undefined);
  if (refusal === undefined && !secretAsked) throw new Error('the handshake did not get to authentication');
  if (refusal !== undefined && secretAsked) throw new Error('authentication began after a refusal');
  return refusal;
}

/** Logs in with credentials: how it went, and what was tried. */
export async function logIn(port: number, credentials: Credentials, username = 'root', gate = openGate) {
  const authentication = await prepareAuthentication(username, credentials, gate);
  try {
    const login = await dial(port, {
      username,
      authHandler: authentication.handler,
      hostVerifier: strictVerifier(() => true),
    });
    await login.end();
    return { error: undefined, attempts: authentication.attempts() };
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : '';
    const asked = /^change password: (.*)$/.exec(said)?.[1];
    const error = asked === undefined ? authentication.explain(cause) : authentication.passwordExpired(asked);
    return { error: error instanceof X2GoError ? error : undefined, attempts: authentication.attempts() };
  } finally {
    authentication.close();
  }
}
