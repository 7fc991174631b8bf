import { existsSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { checkProfile } from '../checkProfile.js';
import { readSshConfig, SshConfig, type SshConfigNotice, type SshHost } from '../profiles/sshConfig.js';
import { clean } from '../protocol/text.js';
import type { Credentials } from '../ssh/credentials.js';
import type { Chosen } from './chosen.js';
import type { CommonOptions } from './options.js';
import type { Printer } from './printer.js';
import { idOf, readTarget } from './target.js';

/** What ssh's configuration says of a login. */
export interface SshAccess
  extends Pick<
    SshHost,
    'identityFiles' | 'identitiesOnly' | 'identityAgent' | 'knownHosts' | 'forwardAgentSocket'
  > {
  readonly forwardAgent?: boolean;
  readonly notices: readonly SshConfigNotice[];
  /** The password of the target is this hop's too. */
  readonly samePassword?: boolean;
}

/** With the hops of --jump. Undefined with --ssh-config none and without them. Throws file.unreadable or config.invalid. */
export async function sshConfigOf(
  { sshConfig, jump }: CommonOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SshConfig | undefined> {
  if (sshConfig === 'none' && jump === undefined) return undefined;
  const { username, uid } = userInfo();
  const surroundings = { home: homedir(), localUser: username, uid, localHost: hostname(), env };
  const config =
    sshConfig === 'none' ? new SshConfig([], surroundings) : await readSshConfig(sshConfig, surroundings);
  return jump === undefined ? config : config.over(jump);
}

/** A target as ssh would take it; what it says itself wins. Throws usage.invalid or config.invalid. */
export function throughSshConfig(text: string, config: SshConfig): Chosen {
  const words = readTarget(text);
  const { target, via } = config.route(words);
  const { connectTimeoutSeconds = 0 } = target;
  const profile = checkProfile({
    ...placeOf(target),
    id: idOf(target.user, words.host, target.port),
    via: via.map(placeOf),
    // 0 is for ever, which we do not wait.
    ...(connectTimeoutSeconds > 0 ? { connectTimeout: connectTimeoutSeconds * 1_000 } : {}),
  });
  return { profile, ssh: target, hops: via };
}

/** A host of the configuration as a profile or a hop has it. */
export const placeOf = ({
  host,
  port,
  user,
  hostKeyAlias,
  aliveIntervalSeconds = 0,
  aliveCountMax,
}: SshHost) => ({
  host,
  port,
  user,
  ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
  // 0, ssh's own, is never: a guardian has to notice that a line is dead.
  ...(aliveIntervalSeconds > 0 ? { aliveInterval: aliveIntervalSeconds * 1_000 } : {}),
  ...(aliveCountMax === undefined ? {} : { aliveCountMax }),
});

/** What was passed over in the configuration, once each. */
export function tellNotices(chosen: readonly Chosen[], printer: Printer): void {
  const all = chosen.flatMap(({ ssh, hops = [] }) => [ssh, ...hops].flatMap((one) => one?.notices ?? []));
  for (const text of new Set(all.map((notice) => notice.text))) printer.say(`x2go-guardian: ${clean(text)}`);
}

/** The keys to offer: those that the configuration names, where it names some. */
export function keysOf(
  access: SshAccess | undefined,
  usual: Credentials,
  canAsk: boolean,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Credentials {
  if (access === undefined) return usual;
  const { identityFiles, identityAgent, identitiesOnly } = access;
  const { agent: usualAgent, ...rest } = usual;
  const agent = identityAgent === undefined ? usualAgent : agentOf(identityAgent, env);
  const files = identityFiles?.filter((file) => !file.endsWith('.pub') && existsSync(file));
  // Without anybody to ask a locked key is passed over: the agent may hold it.
  const named = canAsk ? { identities: files, defaultIdentities: [] } : { defaultIdentities: files };
  return {
    ...rest,
    ...(files === undefined ? {} : named),
    ...(agent === undefined ? {} : { agent }),
    ...(identitiesOnly ? { agentKeys: identityFiles ?? usual.defaultIdentities ?? [] } : {}),
  } as Credentials;
}

export function agentOf(text: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (text.toLowerCase() === 'none') return undefined;
  const name = text === 'SSH_AUTH_SOCK' ? text : /^\$([^{].*)$/.exec(text)?.[1];
  return (name === undefined ? text : env[name]) || undefined;
}

/** Undefined: the usual files. Empty: none of the user's. */
export const knownHostsOf = (access: SshAccess | undefined): readonly string[] | undefined =>
  access?.knownHosts === undefined || access.knownHosts.length === 0
    ? access?.knownHosts
    : [...access.knownHosts, '/etc/ssh/ssh_known_hosts'];
