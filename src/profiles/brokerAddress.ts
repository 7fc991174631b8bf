import { isIPv6 } from 'node:net';
import { isHostName } from '../protocol/values.js';

/** Where a session broker is, and how it is talked to. No secret is part of it. */
export type BrokerAddress = HttpBroker | SshBroker;
export interface HttpBroker {
  readonly way: 'http' | 'https';
  /** What it speaks; its address tells. */
  readonly dialect: 'plain' | 'json';
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly user?: string;
  /** As it may be shown. */
  readonly shown: string;
}
export interface SshBroker {
  readonly way: 'ssh';
  readonly host: string;
  readonly port: number;
  /** Absolute, on the broker's host. */
  readonly program: string;
  readonly user?: string;
  readonly shown: string;
}
type Parsed = { readonly ok: true; readonly address: BrokerAddress } | Refused;
interface Refused {
  readonly ok: false;
  readonly reason: string;
}

const usualPorts = { http: 80, https: 443, ssh: 22 } as const;
/** x2gobroker's plain protocol with its default back end. */
const usualPath = '/plain/';
const usualProgram = '/usr/bin/x2gobroker';
const longest = 2_048;

const refuse = (reason: string): Refused => ({ ok: false, reason });

/** `https://host/plain/inifile/`, `https://host/json/inifile/`, `ssh://[user@]host/usr/bin/x2gobroker`. */
export function parseBrokerAddress(text: string): Parsed {
  const url = urlOf(text);
  const way = url?.protocol.slice(0, -1);
  if (url === undefined || (way !== 'http' && way !== 'https' && way !== 'ssh'))
    return refuse('a broker is said as http://, https:// or ssh://host/path');
  // Everybody on this machine sees the command lines of its processes.
  if (url.password !== '') return refuse('a password has no place in an address: it is asked for');
  if (url.search !== '' || url.hash !== '') return refuse('it may not have a query or a fragment');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (!isHostName(host) && !isIPv6(host)) return refuse('its host is no host name or address');
  const port = url.port === '' ? usualPorts[way] : Number(url.port);
  if (port < 1) return refuse('a port is a number from 1 to 65535');
  const user = decoded(url.username);
  const path = decoded(url.pathname);
  if (user === undefined || path === undefined || /[\x00-\x1f\x7f]/.test(user + path))
    return refuse('it holds what no user name and no path can hold');

  const place = `${way}://${url.host}`;
  const who = user === '' ? {} : { user };
  if (way === 'ssh') {
    const program = path === '' || path === '/' ? usualProgram : path;
    return { ok: true, address: { way, host, port, program, shown: `${place}${program}`, ...who } };
  }
  const wirePath = url.pathname === '/' ? usualPath : url.pathname;
  const dialect = wirePath.split('/').includes('json') ? 'json' : 'plain';
  const shown = `${place}${wirePath}`;
  return { ok: true, address: { way, dialect, host, port, path: wirePath, shown, ...who } };
}

function urlOf(text: string): URL | undefined {
  if (text.length > longest || /[\x00-\x20\x7f]/.test(text)) return undefined;
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
