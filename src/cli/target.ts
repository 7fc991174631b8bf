import { isIPv6 } from 'node:net';
import type { Profile } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';

const shape =
  /^(?:(?<user>[^\s:@][^\s:]*)@)?(?:\[(?<address>[^\]]+)\]|(?<host>[^\s:[\]@/]+))(?::(?<port>\d{1,5}))?$/;

/** A target in its parts. */
export interface TargetWords {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** `[user@]host[:port]`, `[::1]:port`, `::1`. Its id is `user@host:port`. Throws usage.invalid. */
export function parseTarget(text: string, localUser: () => string): Profile {
  const { host, port = 22, user = localUser() } = readTarget(text);
  return { id: idOf(user, host, port), host, port, user };
}

export const idOf = (user: string, host: string, port: number): string => `${user}@${placeOf(host, port)}`;

/** Throws usage.invalid. */
export function readTarget(text: string): TargetWords {
  const bare = bareAddress(text);
  const { user, address, host = address, port } = bare ?? shape.exec(text)?.groups ?? {};
  if (
    host === undefined ||
    (address !== undefined && !isIPv6(address.replace(/%.*$/, ''))) ||
    host.startsWith('-')
  ) {
    throw wrong(text, 'a target is [user@]host[:port], or [address]:port for an IPv6 address');
  }
  const number = Number(port ?? 22);
  if (number < 1 || number > 65_535) throw wrong(text, 'a port is a number from 1 to 65535');
  return {
    host,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: number }),
  };
}

/** Host and port as people write them. */
export const placeOf = (host: string, port = 22): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** An IPv6 address without brackets, which can have no port. */
function bareAddress(text: string): Record<string, string | undefined> | undefined {
  const at = text.lastIndexOf('@');
  const address = text.slice(at + 1);
  if (!isIPv6(address)) return undefined;
  return { address, ...(at > 0 ? { user: text.slice(0, at) } : {}) };
}

const wrong = (text: string, wanted: string) =>
  new X2GoError('usage.invalid', `${JSON.stringify(text)} is no target: ${wanted}`);
