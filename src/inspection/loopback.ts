/** Who may ask a server of ours on 127.0.0.1: whoever has the token, and no page of another origin. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const newToken = (): string => randomBytes(16).toString('hex');

export function isWelcome(request: IncomingMessage, port: number, token: string): boolean {
  const names = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host = '', origin } = request.headers;
  if (!names.includes(host)) return false;
  if (origin !== undefined && !names.some((name) => origin === `http://${name}`)) return false;
  const given = Buffer.from(tokenOf(request));
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

const tokenOf = ({ url = '' }: IncomingMessage): string =>
  new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('token') ?? '';
