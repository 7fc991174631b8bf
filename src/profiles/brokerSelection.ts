import { isIPv6 } from 'node:net';
import type { SessionRecord } from '../../machines/vocabulary.js';
import { parseSessionRow } from '../protocol/sessionRow.js';
import { isHostName } from '../protocol/values.js';
import { type Unusable, unusable } from './brokerAnswer.js';

/** Where a broker sends us. */
export interface Selection {
  readonly host: string;
  readonly port?: number;
  /** A private key that opens the server for some seconds: a secret. */
  readonly key?: string;
  /** The session to resume there, in place of a new one. */
  readonly session?: SessionRecord;
}
/** The broker has no server for this profile at the moment. */
export interface NoServer {
  readonly host: undefined;
}
type Made = { readonly ok: true; readonly value: Selection | NoServer } | Unusable;

export interface SelectionTexts {
  readonly server: string;
  readonly port?: string;
  readonly key?: string;
  readonly sessionInfo?: string;
}

const none = /^no-(?:x2go-)?server-available(?::\d*)?$/i;
const longestKey = 32_768;
const armour =
  /^-----BEGIN ([A-Z0-9 ]{0,32})PRIVATE KEY-----\n([A-Za-z0-9+/=\s:,-]+)-----END \1PRIVATE KEY-----$/;

/** Checks the parts of a selection. A key or a session that is none makes the whole answer unusable. */
export function selectionFrom({ server, port, key, sessionInfo }: SelectionTexts): Made {
  const said = server.trim();
  if (none.test(said)) return { ok: true, value: { host: undefined } };
  const place = placeFrom(said, port?.trim() ?? '');
  if (place === undefined) return unusable('the server it names is no host name or address');
  if (place.port === null) return unusable('the port it names is no port');
  const pem = key === undefined ? '' : key.replaceAll('\r\n', '\n').trim();
  if (pem !== '' && (pem.length > longestKey || !armour.test(pem)))
    return unusable('the key it sends is no private key');
  const info = sessionInfo?.trim() ?? '';
  const row = info === '' ? undefined : parseSessionRow(info);
  if (row?.ok === false) return unusable(`the session it names cannot be read: ${row.reason}`);
  return {
    ok: true,
    value: {
      host: place.host,
      ...(place.port === undefined ? {} : { port: place.port }),
      ...(pem === '' ? {} : { key: `${pem}\n` }),
      ...(row === undefined ? {} : { session: row.session }),
    },
  };
}

/** What follows the last colon is a port only where the rest is no bare IPv6 address. `port: null`: it is none. */
function placeFrom(
  server: string,
  apart: string,
): { readonly host: string; readonly port: number | null | undefined } | undefined {
  const [, bracketed, bare, tail] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(server) ?? [];
  const host = bracketed ?? bare ?? server;
  if (!isHostName(host) && !isIPv6(host)) return undefined;
  const text = tail ?? apart;
  if (text === '') return { host, port: undefined };
  const port = Number(text);
  return { host, port: /^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535 ? port : null };
}
