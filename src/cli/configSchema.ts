import type { GuardianOptions } from '../options.js';
import { flag, isObject, milliseconds, oneOf, port, type Rules, refusal, show, text } from './configRules.js';
import { aliveRules, type ConfiguredHop, readVia, viaRefusal } from './configVia.js';
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
  readonly hostKeyAlias?: string;
  /** In ms. */
  readonly connectTimeout?: number;
  /** In ms. */
  readonly aliveInterval?: number;
  readonly aliveCountMax?: number;
  readonly via?: readonly ConfiguredHop[];
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

const refreshRules: Rules<Refresh> = {
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
const profileRules: Rules<ConfiguredProfile> = {
  id: text,
  host: text,
  port,
  user: text,
  identity: text,
  knownHosts: text,
  hostKey: oneOf('strict', 'ask', 'accept-new'),
  hostKeyAlias: text,
  connectTimeout: milliseconds,
  ...aliveRules,
  // Looked at apart, hop by hop.
  via: () => undefined,
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
    const bad =
      refusal(profile, profileRules, `${where}.`) ??
      viaRefusal(profile.via, `${where}.via`) ??
      lacking(profile, where);
    if (bad !== undefined) return wrong(bad);
    if (seen.has(profile.id)) return wrong(`two profiles have the id ${show(profile.id)}`);
    seen.add(profile.id);
  }
  const absolute = (profiles as ConfiguredProfile[]).map((profile) => ({
    ...profile,
    ...(profile.identity === undefined ? {} : { identity: path(profile.identity) }),
    ...(profile.knownHosts === undefined ? {} : { knownHosts: path(profile.knownHosts) }),
    ...(profile.via === undefined ? {} : { via: readVia(profile.via, path) }),
  }));
  return { ok: true, config: { profiles: absolute, refresh: refresh as Refresh } };
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
