import { readFileSync } from 'node:fs';
import { connect, isIPv4, type NetConnectOpts, type Socket } from 'node:net';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.js';
import { X2GoError } from '../errors.js';
import { clean, truncate } from '../protocol/text.js';
import { type DisplayName, parseDisplayName } from './displayName.js';
import { localFailure } from './localFailure.js';
import type { Environment } from './programs.js';
import { parseSetup, type SetupAnswer, setupRequest } from './x11Setup.js';
import { type Authorization, findAuthorization, parseXauthority, type ServerAddress } from './xauthority.js';

export interface LocalScreen {
  readonly width: number;
  readonly height: number;
  /** Bits a pixel. */
  readonly depth: number;
}
export interface Looking {
  readonly env: Environment;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** An X server on this machine answers within milliseconds, one behind a line may take a while. */
const patience = 5_000;
/** A set-up is 10 KB; what is longer is none. */
const longest = 1024 * 1024;

/** The screen of an X server, and whether we may paint on it. Throws screen.missing; local.exhausted. */
export async function localScreen(display: string, looking: Looking): Promise<LocalScreen> {
  const name = parseDisplayName(display);
  const answer = await ask(name, display, looking);
  if (answer.kind === 'refused') {
    const reason = truncate(clean(answer.reason), 200).trim();
    const message = `The X display ${display} does not let us in (${reason}): check XAUTHORITY, or run xauth`;
    throw new X2GoError('screen.missing', message);
  }
  const screen = answer.kind === 'granted' ? answer.setup.screens[name.screen] : undefined;
  if (screen) return screen;
  const fault =
    answer.kind === 'granted' ? `has no screen ${name.screen}` : 'does not answer as an X server does';
  throw new X2GoError('screen.missing', `The X display ${display} ${fault}`);
}

/** The ways to an X server, the best first. */
function ways({ host, path, number }: DisplayName): readonly NetConnectOpts[] {
  if (path !== undefined) return [{ path }];
  if (host !== undefined) return [{ host, port: 6_000 + number }];
  const file = `/tmp/.X11-unix/X${number}`;
  return process.platform === 'linux' ? [{ path: file }, { path: `\0${file}` }] : [{ path: file }];
}

async function ask(name: DisplayName, display: string, looking: Looking): Promise<SetupAnswer> {
  let failed: unknown;
  for (const way of ways(name)) {
    try {
      return await converse(way, name, display, looking);
    } catch (cause) {
      if (cause instanceof X2GoError) throw cause;
      looking.signal?.throwIfAborted();
      failed ??= cause;
    }
  }
  const { code, message } = failed as NodeJS.ErrnoException;
  const local = localFailure(failed, `The X display ${display} cannot be looked at`);
  if (local.code === 'local.exhausted') throw local;
  const why = `The X display ${display} cannot be opened (${code ?? message})`;
  throw new X2GoError('screen.missing', `${why}: is an X server running, and is DISPLAY right?`, {
    cause: failed,
  });
}

function converse(
  way: NetConnectOpts,
  name: DisplayName,
  display: string,
  looking: Looking,
): Promise<SetupAnswer> {
  const { clock, signal, env } = looking;
  return new Promise<SetupAnswer>((resolve, reject) => {
    const socket = connect(way);
    const settle = (act: () => void) => {
      clock.clearTimeout(late);
      signal?.removeEventListener('abort', stop);
      socket.destroy();
      act();
    };
    const stop = () => settle(() => reject(signal?.reason));
    const silent = new X2GoError('screen.missing', `The X display ${display} gives no answer`);
    const late = clock.setTimeout(() => settle(() => reject(silent)), patience);
    const chunks: Buffer[] = [];
    let length = 0;
    socket.on('connect', () => socket.write(setupRequest(authorization(env, socket, name))));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      const answer = parseSetup(Buffer.concat(chunks));
      if (answer.kind !== 'incomplete') settle(() => resolve(answer));
      else if (length > longest) settle(() => resolve({ kind: 'garbled' }));
    });
    socket.on('error', (cause) => settle(() => reject(cause)));
    socket.on('close', () => settle(() => resolve({ kind: 'garbled' })));
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
