import { isPort } from './values.js';

/** PulseAudio's own, where a server string names none. */
export const pulsePort = 4713;

/** The length of a PulseAudio cookie. */
export const pulseCookieLength = 256;

export type PulseAddress =
  | { readonly kind: 'unix'; readonly path: string }
  /** Family 0: whatever the resolver says. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly family: 0 | 4 | 6 };

/** One address of a server string. */
export type PulseEntry =
  | { readonly ok: true; readonly text: string; readonly machine?: string; readonly address: PulseAddress }
  | { readonly ok: false; readonly text: string; readonly reason: string };

/** $PULSE_SERVER: addresses with blanks between them, in order of preference, each perhaps for one machine alone. */
export function parsePulseServer(text: string): readonly PulseEntry[] {
  return text.split(/\s+/).flatMap((entry) => (entry === '' ? [] : [parseEntry(entry)]));
}

function parseEntry(text: string): PulseEntry {
  const braced = /^\{([^{}]*)\}(.*)$/.exec(text);
  const rest = braced?.[2] ?? text;
  const refused = (reason: string): PulseEntry => ({ ok: false, text, reason });
  if (/[\x00-\x1f\x7f]/.test(text)) return refused('it holds control characters');
  if (rest.startsWith('{')) return refused('its brace does not close');
  const address = parseAddress(rest);
  if (typeof address === 'string') return refused(address);
  return { ok: true, text, ...(braced?.[1] === undefined ? {} : { machine: braced[1] }), address };
}

const families = { 'tcp:': 4, 'tcp4:': 4, 'tcp6:': 6 } as const;

function parseAddress(text: string): PulseAddress | string {
  if (text.startsWith('/')) return { kind: 'unix', path: text };
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    return path.startsWith('/') ? { kind: 'unix', path } : 'its path is not absolute';
  }
  for (const [prefix, family] of Object.entries(families))
    if (text.startsWith(prefix)) return parseHost(text.slice(prefix.length), family);
  return parseHost(text, 0);
}

/** `host`, `host:port`, `[host]`, `[host]:port`. An IPv6 address needs its brackets: libpulse takes its end for a port. */
function parseHost(text: string, family: 0 | 4 | 6): PulseAddress | string {
  const parts = /^\[([^[\]]+)\](?::(.*))?$/.exec(text) ?? /^([^[\]:]+)(?::(.*))?$/.exec(text);
  const [, host, port = String(pulsePort)] = parts ?? [];
  if (host === undefined) return 'it names no host, or one that needs brackets';
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) return `${port} is no port`;
  return { kind: 'tcp', host, port: Number(port), family };
}

export type ClientConfiguration =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/** Where a session's programs read how to reach their sound server: the file of $PULSE_CLIENTCONFIG. */
export const clientConfigurationName = '.pulse-client.conf';
export const clientCookieName = '.pulse-cookie';

/**
 * The client configuration of PROTOCOL 3.2. The sound server runs on another machine than its clients: no memory is
 * shared with it, and no other one is to be started in its place.
 */
export function writeClientConfiguration(serverPort: number, folder: string): ClientConfiguration {
  if (!isPort(serverPort)) return { ok: false, reason: `${serverPort} is no port` };
  // libpulse takes `#` and `;` for the beginning of a comment, anywhere in a line, and knows no quoting (tried with 16.1).
  if (!folder.startsWith('/') || /[\x00-\x1f\x7f#;]/.test(folder))
    return {
      ok: false,
      reason: `the session's folder ${JSON.stringify(folder)} cannot be written in a client configuration`,
    };
  const lines = [
    `default-server=127.0.0.1:${serverPort}`,
    `cookie-file=${folder}/${clientCookieName}`,
    'autospawn=no',
    'enable-shm=no',
  ];
  return { ok: true, text: `${lines.join('\n')}\n` };
}
