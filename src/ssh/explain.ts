import { X2GoError } from '../errors.js';

interface SshCause {
  readonly message?: string;
  readonly code?: string;
  readonly level?: string;
}

/** Says in our words why a connection could not be made, or ended. What is already explained passes through. */
export function explainConnection(cause: unknown, where: string, connected: boolean): X2GoError {
  if (cause instanceof X2GoError) return cause;
  const { message = String(cause), code = '', level = '' } = (cause ?? {}) as SshCause;
  const because = { cause };
  switch (code) {
    case 'ECONNREFUSED':
      return new X2GoError('ssh.refused', `Could not reach ${where}: nobody listens there`, because);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new X2GoError('ssh.unresolved', `Could not reach ${where}: the name is not known`, because);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return new X2GoError(
        'ssh.unreachable',
        `Could not reach ${where}: no route, or no answer (${code})`,
        because,
      );
    case 'ECONNRESET':
    case 'EPIPE':
      return new X2GoError('ssh.closed', `The connection to ${where} was reset`, because);
  }
  if (level === 'client-timeout' || /keepalive/i.test(message)) {
    return new X2GoError('ssh.silent', `${where} stopped answering`, because);
  }
  if (/no matching/i.test(message)) {
    return new X2GoError('ssh.algorithms', `${where} and we share no safe algorithm: ${message}`, because);
  }
  if (connected) return new X2GoError('ssh.closed', `The connection to ${where} ended: ${message}`, because);
  if (/lost before handshake/i.test(message)) return closedEarly(where, because);
  return new X2GoError('ssh.handshake', `${where} does not speak SSH as expected: ${message}`, because);
}

/** So does an sshd whose PAM says no to the account, after a key or a password was accepted; it tells its log alone. */
export const endedInLogin = (where: string, attempt: string, cause: unknown) =>
  new X2GoError(
    'ssh.closed',
    `${where} closed the connection in the middle of a login with ${attempt}: the account may be locked or expired there, or the network failed`,
    { cause },
  );

/** sshd drops connections above MaxStartups, saying so or not; access rules look the same from here. */
export const closedEarly = (where: string, options: { cause?: unknown } = {}) =>
  new X2GoError(
    'ssh.throttled',
    `${where} closed the connection before the handshake: too many connections at once (MaxStartups), or it does not let us in`,
    options,
  );
