import { readFileSync } from 'node:fs';
import { connect, isIPv4, type NetConnectOpts, type Socket } from 'node:net';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.js';
import { X2GoError } from '../errors.js';
import type { DisplayName } from './displayName.js';
import type { Environment } from './programs.js';
import { parseSetup, type SetupAnswer, setupRequest } from './x11Setup.js';
import { type Authorization, findAuthorization, parseXauthority, type ServerAddress } from './xauthority.js';

export interface Looking {
  readonly env: Environment;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** What an X server said to a client, and the line to it, which is the caller's to close. */
export interface Greeting {
  readonly answer: SetupAnswer;
  readonly socket: Socket;
  /** All it has said so far, the set-up first. */
  readonly said: Buffer;
}

/** An X server on this machine answers within milliseconds, one behind a line may take a while. */
const patience = 5_000;
/** A set-up is 10 KB; what is longer is none. */
const longest = 1024 * 1024;
const garbled: SetupAnswer = { kind: 'garbled' };

/** The ways to an X server, the best first. */
export function ways({ host, path, number }: DisplayName): readonly NetConnectOpts[] {
  if (path !== undefined) return [{ path }];
  if (host !== undefined) return [{ host, port: 6_000 + number }];
  const file = `/tmp/.X11-unix/X${number}`;
  return process.platform === 'linux' ? [{ path: file }, { path: `\0${file}` }] : [{ path: file }];
}

/** The set-up over one of the ways. Throws what kept it from an answer. */
export function greet(
  way: NetConnectOpts,
  name: DisplayName,
  display: string,
  looking: Looking,
): Promise<Greeting> {
  const { clock, signal, env } = looking;
  return new Promise<Greeting>((resolve, reject) => {
    const socket = connect(way);
    const settle = (act: () => void) => {
      clock.clearTimeout(late);
      signal?.removeEventListener('abort', stop);
      socket.off('data', read);
      act();
    };
    const fail = (cause: unknown) =>
      settle(() => {
        socket.destroy();
        reject(cause);
      });
    const stop = () => fail(signal?.reason);
    const silent = new X2GoError('screen.missing', `The X display ${display} gives no answer`);
    const late = clock.setTimeout(() => fail(silent), patience);
    const chunks: Buffer[] = [];
    let length = 0;
    const read = (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      const said = Buffer.concat(chunks);
      const answer = parseSetup(said);
      if (answer.kind !== 'incomplete') settle(() => resolve({ answer, socket, said }));
      else if (length > longest) settle(() => resolve({ answer: garbled, socket, said }));
    };
    socket.on('connect', () => socket.write(setupRequest(authorization(env, socket, name))));
    socket.on('data', read);
    socket.on('error', fail);
    socket.on('close', () => settle(() => resolve({ answer: garbled, socket, said: Buffer.alloc(0) })));
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
  });
}

/** The cookie of that display, where there is one. Some servers let local users in without. */
function authorization(
  env: Environment,
  socket: Socket,
  { host, number }: DisplayName,
): Authorization | undefined {
  try {
    const file = env.XAUTHORITY || join(env.HOME ?? homedir(), '.Xauthority');
    return findAuthorization(parseXauthority(readFileSync(file)), serverOf(host, socket), number);
  } catch {
    return undefined;
  }
}

/** As Xlib has it, an X server on the loopback is this machine's, and goes by its host name. */
function serverOf(host: string | undefined, { remoteAddress: ip = '' }: Socket): ServerAddress {
  const plain = ip.replace(/^::ffff:(?=[0-9.]+$)/, '');
  if (host === undefined || plain === '::1' || plain.startsWith('127.')) return { hostname: hostname() };
  return { ip: isIPv4(plain) ? Buffer.from(plain.split('.').map(Number)) : ipv6(plain) };
}

function ipv6(address: string): Buffer {
  const [head = '', tail = ''] = address.replace(/%.*$/, '').split('::');
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(head), groups(tail)];
  const all = [...first, ...Array(Math.max(0, 8 - first.length - last.length)).fill(0), ...last];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}
