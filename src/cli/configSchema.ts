import type { GuardianOptions } from '../options.js';
import type { HostKeyMode } from './options.js';

/** A profile as the file of --config gives it. */
export interface ConfiguredProfile {
  readonly id: string;
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  readonly identity?: string;
  readonly knownHosts?: string;
  readonly hostKey?: HostKeyMode;
}
type Refresh = Partial<
  Pick<
    GuardianOptions,
    | 'autoUpdateListSessionsCache'
    | 'autoUpdateListDesktopsCache'
    | 'autoUpdateListMountsCache'
    | 'autoUpdateSessionRegistry'
    | 'autoRegisterSessions'
    | 'skipPublishedSessions'
    | 'stateWatch'
    | 'refreshInterval'
    | 'reconcileInterval'
  >
>;
export interface Config {
  readonly profiles: readonly ConfiguredProfile[];
  readonly refresh: Refresh;
}
export type Checked =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly reason: string };

/** What a value must be, in words, or undefined when it is. */
type Rule = (value: unknown) => string | undefined;

const text: Rule = (value) =>
  typeof value === 'string' && value !== '' && !/[\x00-\x1f\x7f]/.test(value)
    ? undefined
    : 'a text without control characters that is not empty';
const flag: Rule = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
const whole =
  (from: number, to: number, what: string): Rule =>
  (value) =>
    Number.isInteger(value) && (value as number) >= from && (value as number) <= to ? undefined : what;
const milliseconds = whole(1, 2 ** 31 - 1, 'a whole number of milliseconds above 0');
const oneOf =
  (...words: string[]): Rule =>
  (value) =>
    words.includes(value as string) ? undefined : words.map((word) => JSON.stringify(word)).join(' or ');

const refreshRules: Readonly<Record<keyof Refresh, Rule>> = {
  autoUpdateListSessionsCache: flag,
  autoUpdateListDesktopsCache: flag,
  autoUpdateListMountsCache: flag,
  autoUpdateSessionRegistry: flag,
  autoRegisterSessions: flag,
  skipPublishedSessions: flag,
  stateWatch: flag,
  refreshInterval: milliseconds,
  reconcileInterval: milliseconds,
};
const profileRules: Readonly<Record<keyof ConfiguredProfile, Rule>> = {
  id: text,
  host: text,
  port: whole(1, 65_535, 'a port from 1 to 65535'),
  user: text,
  identity: text,
  knownHosts: text,
  hostKey: oneOf('strict', 'ask', 'accept-new'),
};

/** The text of a configuration, checked whole: what is in it is known, and is what it must be. */
export function checkConfig(json: string, path: (text: string) => string): Checked {
  const parsed = parse(json);
  if (!parsed.ok) return parsed;
  if (!isObject(parsed.value)) return wrong(`wanted is an object, found is ${show(parsed.value)}`);
  const { profiles = [], ...refresh } = parsed.value;
  if (!Array.isArray(profiles)) return wrong(`"profiles" must be a list, not ${show(profiles)}`);
  const refused = refusal(refresh, refreshRules, '', ['profiles']);
  if (refused !== undefined) return wrong(refused);

  const seen = new Set<unknown>();
  for (const [index, profile] of profiles.entries()) {
    const where = `profiles[${index}]`;
    if (!isObject(profile)) return wrong(`${where} must be an object, not ${show(profile)}`);
    const bad = refusal(profile, profileRules, `${where}.`) ?? lacking(profile, where);
    if (bad !== undefined) return wrong(bad);
    if (seen.has(profile.id)) return wrong(`two profiles have the id ${show(profile.id)}`);
    seen.add(profile.id);
  }
  const absolute = (profiles as ConfiguredProfile[]).map((profile) => ({
    ...profile,
    ...(profile.identity === undefined ? {} : { identity: path(profile.identity) }),
    ...(profile.knownHosts === undefined ? {} : { knownHosts: path(profile.knownHosts) }),
  }));
  return { ok: true, config: { profiles: absolute, refresh: refresh as Refresh } };
}

function refusal(
  given: object,
  rules: Readonly<Record<string, Rule>>,
  where: string,
  others: readonly string[] = [],
): string | undefined {
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(rules, key)) {
      return `${where}${JSON.stringify(key)} is not known; known are ${[...others, ...Object.keys(rules)].join(', ')}`;
    }
    const wanted = rules[key]?.(value);
    if (wanted !== undefined) return `${where}${key} must be ${wanted}, not ${show(value)}`;
  }
  return undefined;
}

const lacking = (profile: object, where: string): string | undefined => {
  const absent = ['id', 'host'].find((key) => !Object.hasOwn(profile, key));
  return absent === undefined ? undefined : `${where} has no "${absent}"`;
};

function parse(json: string): { ok: true; value: unknown } | { ok: false; reason: string } {
  try {
    return { ok: true, value: JSON.parse(json) };
  } catch (cause) {
    return wrong(`this is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

const wrong = (reason: string): { ok: false; reason: string } => ({ ok: false, reason });
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const show = (value: unknown) => {
  const shown = JSON.stringify(value) ?? String(value);
  return shown.length > 60 ? `${shown.slice(0, 60)}...` : shown;
};
