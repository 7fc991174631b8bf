/** Who may ask a server of ours on 127.0.0.1: whoever has the token, and no page of another origin. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** 128 bits. */
export const newToken = (): string => randomBytes(16).toString('hex');

const digest = (text: string) => createHash('sha256').update(text).digest();
/** Takes as long for a wrong one as for the right one, whatever its length. */
export const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

/** What a server on this port is called, as Host and as Origin. */
export function namesOf(port: number): { readonly hosts: Set<string>; readonly origins: Set<string> } {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  return { hosts: new Set(hosts), origins: new Set(hosts.map((host) => `http://${host}`)) };
}

export function isWelcome(request: IncomingMessage, port: number, token: string): boolean {
  const { hosts, origins } = namesOf(port);
  const { host = '', origin } = request.headers;
  if (!hosts.has(host)) return false;
  if (origin !== undefined && !origins.has(origin)) return false;
  return isSame(tokenOf(request), token);
}

const tokenOf = ({ url = '' }: IncomingMessage): string =>
  new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('token') ?? '';
