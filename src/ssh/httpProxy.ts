import { connect, type Socket } from 'node:net';
import { X2GoError } from '../errors.js';
import { printable } from './credentials.js';
import { explainConnection } from './explain.js';

/** What a proxy may say before it lets us through. */
const longestAnswer = 16 * 1024;

export interface HttpConnect {
  readonly proxy: { readonly host: string; readonly port: number };
  readonly host: string;
  readonly port: number;
  readonly login?: { readonly user: string; readonly password: string };
}

/**
 * A connection through an HTTP proxy, by CONNECT. Throws ssh.*, auth.refused where it wants another login, tunnel.denied
 * where it does not lead there. Aborted: the socket is destroyed, and it throws the signal's reason.
 */
export function connectOverHttp(wanted: HttpConnect, signal: AbortSignal): Promise<Socket> {
  const { proxy, login } = wanted;
  const where = `${proxy.host}:${proxy.port}`;
  const authority = `${wanted.host.includes(':') ? `[${wanted.host}]` : wanted.host}:${wanted.port}`;
  const basic = login && Buffer.from(`${login.user}:${login.password}`).toString('base64');
  const request = [
    `CONNECT ${authority} HTTP/1.1`,
    `Host: ${authority}`,
    ...(basic === undefined ? [] : [`Proxy-Authorization: Basic ${basic}`]),
  ];
  return new Promise((resolve, reject) => {
    const socket = connect({ ...proxy, noDelay: true });
    let answer = Buffer.alloc(0);
    const settle = (cause?: unknown) => {
      signal.removeEventListener('abort', stop);
      socket.off('data', read).off('close', closed);
      if (cause === undefined) return resolve(socket);
      socket.destroy();
      reject(cause);
    };
    const stop = () => settle(signal.reason);
    // Stays: an error may come before somebody else listens.
    const fail = (cause: unknown) => settle(explainConnection(cause, where, false));
    const closed = () => settle(noProxy(where, 'it closed the connection'));
    const read = (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      const end = answer.indexOf('\r\n\r\n');
      if (end < 0) {
        if (answer.length > longestAnswer) settle(noProxy(where, 'its answer has no end'));
        return;
      }
      const [line = ''] = answer.toString('latin1', 0, end).split('\r\n');
      const refusal = refusalOf(line, where, authority, basic !== undefined);
      if (refusal !== undefined) return settle(refusal);
      socket.pause();
      const rest = answer.subarray(end + 4);
      settle();
      if (rest.length > 0) socket.unshift(rest);
    };
    socket.on('error', fail).on('close', closed).on('data', read);
    socket.once('connect', () => socket.write(`${request.join('\r\n')}\r\n\r\n`));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}

function refusalOf(line: string, where: string, authority: string, hadLogin: boolean): X2GoError | undefined {
  const [, code = ''] = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(line) ?? [];
  if (code === '') return noProxy(where, `it says ${JSON.stringify(printable(line).slice(0, 80))}`);
  if (code.startsWith('2')) return undefined;
  const said = printable(line.replace(/^\S+ /, '')).slice(0, 80);
  if (code === '407') {
    const how = hadLogin ? 'it does not take our user and password' : 'it wants a user and a password';
    return new X2GoError('auth.refused', `The HTTP proxy ${where} did not let us in: ${how} (${said})`);
  }
  const message = `The HTTP proxy ${where} does not lead to ${authority}: ${said}`;
  return new X2GoError(code.startsWith('4') ? 'tunnel.denied' : 'ssh.unreachable', message);
}

const noProxy = (where: string, why: string) =>
  new X2GoError('ssh.handshake', `${where} is no HTTP proxy that leads on: ${why}`);
