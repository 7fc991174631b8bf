import { join } from 'node:path';
import { shown } from './sshConfigLine.js';

/** What stands outside a configuration and is asked for in it. */
export interface Surroundings {
  readonly home: string;
  readonly localUser: string;
  readonly uid: number;
  readonly localHost: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the tokens of one host stand for. */
export interface TokenValues {
  readonly host: string;
  readonly originalHost: string;
  readonly port: number;
  readonly user: string;
  readonly keyName: string;
  readonly surroundings: Surroundings;
}

export type Expanded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/** %h and %% alone, as HostName has it. */
export const expandHostName = (text: string, host: string): Expanded =>
  replaceTokens(text, { '%': '%', h: host });

/** ~/, tokens and ${VARIABLES} in a path. */
export function expandPath(text: string, values: TokenValues): Expanded {
  const { home } = values.surroundings;
  if (/^~[^/]/.test(text))
    return { ok: false, reason: `${shown(text)}: the home of another user is not looked up` };
  const path = text === '~' ? home : text.startsWith('~/') ? join(home, text.slice(2)) : text;
  const { env, localUser, uid, localHost } = values.surroundings;
  const expanded = replaceTokens(path, {
    '%': '%',
    d: home,
    h: values.host,
    i: String(uid),
    k: values.keyName,
    L: localHost.replace(/\..*$/, ''),
    l: localHost,
    n: values.originalHost,
    p: String(values.port),
    r: values.user,
    u: localUser,
  });
  return expanded.ok ? replaceVariables(expanded.text, env) : expanded;
}

function replaceTokens(text: string, tokens: Readonly<Record<string, string>>): Expanded {
  const unknown = [...text.matchAll(/%(.?)/gs)].find(([, name = '']) => !Object.hasOwn(tokens, name));
  if (unknown !== undefined)
    return { ok: false, reason: `${shown(text)}: ${unknown[0]} stands for nothing here` };
  return { ok: true, text: text.replace(/%(.)/gs, (whole, name: string) => tokens[name] ?? whole) };
}

function replaceVariables(text: string, env: Surroundings['env']): Expanded {
  const missing = [...text.matchAll(/\$\{([^}]*)\}?/g)].find(
    ([whole, name = '']) => !whole.endsWith('}') || env[name] === undefined,
  );
  if (missing !== undefined) return { ok: false, reason: `${shown(text)}: ${missing[0]} is not set` };
  return { ok: true, text: text.replace(/\$\{([^}]*)\}/g, (_, name: string) => env[name] ?? '') };
}
