/** Who may ask a server of ours on 127.0.0.1: whoever has the token, and no page of another origin. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { X2GoError } from '../errors.js';

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

/** Of two names Node passes over the second; whoever stands in between may go by that one. */
export function isCalled({ headersDistinct }: IncomingMessage, hosts: ReadonlySet<string>): boolean {
  const [host = '', ...more] = headersDistinct.host ?? [];
  return hosts.has(host) && more.length === 0;
}

/** The port it got; 0 wants one that is free. Throws config.invalid with the message for why it cannot have it. */
export function listenHere(server: Server, port: number, refused: (why: string) => string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'it is taken' : cause.message;
      reject(new X2GoError('config.invalid', refused(why), { cause }));
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

export function isWelcome(request: IncomingMessage, port: number, token: string): boolean {
  const { hosts, origins } = namesOf(port);
  const { origin } = request.headers;
  if (!isCalled(request, hosts)) return false;
  if (origin !== undefined && !origins.has(origin)) return false;
  return isSame(tokenOf(request), token);
}

const tokenOf = ({ url = '' }: IncomingMessage): string =>
  new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('token') ?? '';
