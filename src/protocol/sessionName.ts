import type { SessionId, SessionKind } from '../../machines/vocabulary.js';
import { isDisplayText } from './values.js';

/** Whose desktop a shadow session shows. */
export interface ShadowTarget {
  readonly mode: 'view' | 'full';
  readonly user: string;
  readonly display: number;
}

/** The parts of `<user>-<display>-<epoch>_st<T><command>_dp<depth>[_<xdmcp host>]`. */
export interface SessionName {
  readonly session: SessionId;
  /** For a shadow session the one who asked for it. */
  readonly user: string;
  readonly display: number;
  /** Seconds since 1970, by the server's clock. */
  readonly startedAt: number;
  readonly kind: SessionKind;
  /** As the name has it: only `[A-Za-z0-9._-]`, everything else was dropped by the server. */
  readonly command: string;
  readonly depth: number;
  readonly xdmcpHost?: string;
  readonly shadow?: ShadowTarget;
}

export type ParsedSessionName =
  | { readonly ok: true; readonly name: SessionName }
  | { readonly ok: false; readonly reason: string };

/** The server allows 500; the name also becomes a folder's. */
const longestName = 200;

// User, command and host may all hold `-`, `_` and `.`, and a command even what follows a user: the first digits that fit end the
// user, the last ones the command.
const grammar =
  /^([A-Za-z0-9._][A-Za-z0-9._@-]*?)-([0-9]{2,4})-([0-9]{9,12})_st([A-Z])([A-Za-z0-9._-]*)_dp([0-9]{1,2})(?:_([A-Za-z0-9._-]+))?$/;

// The server writes the `:` before the display as PP.
const shadowGrammar = /^([01])XSHAD(.+)XSHADPP([0-9]+)$/;

const published = 'PUBLISHED';

const kinds = new Map<string, SessionKind>([
  ['R', 'application'],
  ['D', 'desktop'],
  ['P', 'published'],
  ['S', 'shadow'],
  ['K', 'kdrive'],
]);

const letters: Readonly<Record<SessionKind, string>> = {
  application: 'R',
  desktop: 'D',
  published: 'P',
  shadow: 'S',
  kdrive: 'K',
};

const refuse = (reason: string): ParsedSessionName => ({ ok: false, reason });

export function parseSessionName(text: string): ParsedSessionName {
  if (text.length > longestName) return refuse(`session name is longer than ${longestName} characters`);
  const match = grammar.exec(text);
  if (match === null) return refuse('not a session name');
  const [, user = '', display = '', epoch = '', letter = '', command = '', depth = '', xdmcpHost] = match;
  const listed = kinds.get(letter);
  if (listed === undefined) return refuse(`session name has the unknown type ${letter}`);
  // Servers write R for a session that was asked for as P.
  const kind = listed === 'application' && command === published ? 'published' : listed;
  const shadow = kind === 'shadow' ? parseShadow(command) : undefined;
  if (kind === 'shadow' && shadow === undefined) return refuse('session name does not say what it shadows');
  const name: SessionName = {
    session: text,
    user,
    display: Number(display),
    startedAt: Number(epoch),
    kind,
    command,
    depth: Number(depth),
    ...(xdmcpHost === undefined ? {} : { xdmcpHost }),
    ...(shadow === undefined ? {} : { shadow }),
  };
  return { ok: true, name };
}

function parseShadow(command: string): ShadowTarget | undefined {
  const [, mode = '', user = '', display = ''] = shadowGrammar.exec(command) ?? [];
  if (!isDisplayText(display)) return undefined;
  return { mode: mode === '1' ? 'full' : 'view', user, display: Number(display) };
}

/** The name as a server writes it. What is no valid part makes no valid name: see isSessionId. */
export function formatSessionName(name: Omit<SessionName, 'session'>): SessionId {
  const display = String(name.display).padStart(2, '0');
  const epoch = String(name.startedAt).padStart(9, '0');
  const type = name.kind === 'published' && name.command === published ? 'R' : letters[name.kind];
  const host = name.xdmcpHost === undefined ? '' : `_${name.xdmcpHost}`;
  const command = name.shadow === undefined ? name.command : formatShadow(name.shadow);
  return `${name.user}-${display}-${epoch}_st${type}${command}_dp${name.depth}${host}`;
}

function formatShadow({ mode, user, display }: ShadowTarget): string {
  return `${mode === 'full' ? 1 : 0}XSHAD${user}XSHADPP${display}`;
}

/** Whether a text may be put in a script or a path as a session's name. */
export function isSessionId(text: string): boolean {
  return parseSessionName(text).ok;
}
