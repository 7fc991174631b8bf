import { isIPv6 } from 'node:net';
import type { CommonOptions } from './options.js';

type Place = Pick<CommonOptions, 'server' | 'username' | 'remoteSshPort'>;

/** A target with the user and the port that were given apart from it, where it has none of its own. */
export function completed(target: string, { username, remoteSshPort }: Place): string {
  const named = username !== undefined && !target.includes('@') ? `${username}@${target}` : target;
  if (remoteSshPort === undefined) return named;
  const at = named.lastIndexOf('@') + 1;
  const host = named.slice(at);
  if (isIPv6(host)) return `${named.slice(0, at)}[${host}]:${remoteSshPort}`;
  return /:\d+$/.test(host) ? named : `${named}:${remoteSshPort}`;
}
