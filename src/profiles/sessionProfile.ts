import { clean, truncate } from '../protocol/text.js';
import type { IniValue } from './iniValue.js';
import { isSessionKey, type SessionKey, type Settings, sessionKeys } from './sessionKeys.js';

/** What one file says about a profile. */
export interface Layer {
  readonly file: string;
  readonly values: ReadonlyMap<string, IniValue>;
}

/** A profile of x2goclient's files: what all of them together say, and which of them says what. */
export interface SessionProfile {
  /** The name of its section. */
  readonly id: string;
  /** Made harmless for a terminal; empty where the file has none. */
  readonly name: string;
  /** The file that says most lately. */
  readonly file: string;
  readonly settings: Settings;
  /** As the files have it, keys that nobody knows too. What is absent is a default. */
  readonly values: ReadonlyMap<string, { readonly value: IniValue; readonly file: string }>;
  /** Values that are not what they must be: the default counts. */
  readonly troubles: readonly string[];
}

const longestName = 200;

/** Later layers win, key by key. Total: a value that is none is told, and its default counts. */
export function sessionProfile(id: string, layers: readonly Layer[]): SessionProfile {
  const values = new Map<string, { value: IniValue; file: string }>();
  for (const { file, values: own } of layers)
    for (const [key, value] of own) values.set(key, { value, file });
  const troubles: string[] = [];
  const read = (key: SessionKey): unknown => {
    const rule = sessionKeys[key];
    const said = values.get(key);
    if (said === undefined) return rule.fallback;
    const found = rule.read(said.value);
    if ('value' in found) return found.value;
    troubles.push(`${said.file}: ${key} must be ${found.wanted}, not ${quoted(said.value)}`);
    return rule.fallback;
  };
  const entries = Object.keys(sessionKeys).flatMap((key) => (isSessionKey(key) ? [[key, read(key)]] : []));
  const said = values.get('name')?.value ?? '';
  return {
    id,
    name: truncate(clean(typeof said === 'string' ? said : said.join(', ')).trim(), longestName),
    file: layers.at(-1)?.file ?? '',
    settings: Object.fromEntries(entries) as Settings,
    values,
    troubles,
  };
}

const quoted = (value: IniValue) => truncate(JSON.stringify(value), 60);
