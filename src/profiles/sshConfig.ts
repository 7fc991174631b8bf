import { isIP } from 'node:net';
import { join } from 'node:path';
import { X2GoError } from '../errors.js';
import { lowerAscii } from '../protocol/wildcards.js';
import { type ConfigItem, type ConfigSource, invalid, readConfigFile } from './sshConfigFile.js';
import { shown } from './sshConfigLine.js';
import { matchCriteria, matchesHost } from './sshConfigMatch.js';
import { readSetting, type Settings } from './sshConfigSettings.js';
import { type Expanded, expandHostName, expandPath, type Surroundings } from './sshConfigTokens.js';

/** What was asked for: a host, and what was said of it at once, which wins. */
export interface SshTarget {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** What ssh would do for a host, as far as it concerns us; `ssh -G` tells the same. */
export interface SshHost {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeyAlias?: string;
  /** Undefined: the usual ones. As written, but for ~/, tokens and variables. */
  readonly identityFiles?: readonly string[];
  readonly identitiesOnly: boolean;
  /** `none`, `SSH_AUTH_SOCK`, `$NAME` or a path. */
  readonly identityAgent?: string;
  readonly knownHosts?: readonly string[];
  readonly connectTimeoutSeconds?: number;
  readonly aliveIntervalSeconds?: number;
  readonly aliveCountMax?: number;
  readonly forwardAgent: boolean;
  /** As `identityAgent`. @default the agent that keys come from */
  readonly forwardAgentSocket?: string;
  /** The jumps as written, nearest to us first; each is a target of its own. */
  readonly jumps: readonly SshTarget[];
  /** Set where none of the jumps counts. It is not run. */
  readonly proxyCommand?: string;
  /** What was passed over, for people. */
  readonly notices: readonly SshConfigNotice[];
}

export interface SshRoute {
  readonly target: SshHost;
  readonly via: readonly SshHost[];
  readonly notices: readonly SshConfigNotice[];
}

export interface SshConfigNotice {
  readonly name: 'matchExecNotRun' | 'matchNotAsked' | 'canonicalizeHostnameNotDone' | 'certificateNotUsed';
  readonly text: string;
}

const mostHops = 16;

/** ssh's configuration, read and not yet asked. */
export class SshConfig {
  readonly #files: readonly (readonly ConfigItem[])[];
  readonly #surroundings: Surroundings;
  readonly #jumps: readonly SshTarget[] | undefined;

  constructor(
    files: readonly (readonly ConfigItem[])[],
    surroundings: Surroundings,
    jumps?: readonly SshTarget[],
  ) {
    this.#files = files;
    this.#surroundings = surroundings;
    this.#jumps = jumps;
  }

  /** The same, as with `ssh -J`: every route leads over these hops, whatever is said of its target. */
  over(jumps: readonly SshTarget[]): SshConfig {
    return new SshConfig(this.#files, this.#surroundings, jumps);
  }

  /** Throws config.invalid. */
  resolve(target: SshTarget): SshHost {
    const settings: Settings = {
      identityFiles: [],
      ...(target.user === undefined ? {} : { user: target.user }),
      ...(target.port === undefined ? {} : { port: target.port }),
    };
    const notices = new Map<string, SshConfigNotice>();
    const pass = new Pass(settings, target.host, this.#surroundings, notices);
    for (const items of this.#files) pass.run(items, true);
    const host = nameOf(settings, target.host);
    if (pass.asksFinal) {
      settings.hostName = host;
      const final = new Pass(settings, target.host, this.#surroundings, notices, host);
      for (const items of this.#files) final.run(items, true);
    }
    return this.#explained(settings, target.host, host, [...notices.values()]);
  }

  /** A host and the hops on the way to it, nearest to us first. Throws config.invalid. */
  route(target: SshTarget): SshRoute {
    const found = this.resolve(target);
    const via = this.#hops(found, this.#jumps ?? found.jumps, []);
    return { target: found, via, notices: [found, ...via].flatMap(({ notices }) => notices) };
  }

  /** The jumps before the last one lead to it; without any, what the configuration says of it does. */
  #hops(to: SshHost, jumps: readonly SshTarget[], after: readonly SshHost[]): readonly SshHost[] {
    if (jumps.length === 0 && to.proxyCommand !== undefined) throw unrun(to);
    const last = jumps.at(-1);
    if (last === undefined) return [];
    const hop = this.resolve(last);
    const trail = [to, ...after];
    if (trail.some(({ host, port }) => host === hop.host && port === hop.port)) throw loop(hop);
    if (trail.length > mostHops) throw loop(hop);
    const before = jumps.slice(0, -1);
    return [...this.#hops(hop, before.length > 0 ? before : hop.jumps, trail), hop];
  }

  #explained(settings: Settings, originalHost: string, host: string, notices: SshConfigNotice[]): SshHost {
    const {
      port = 22,
      user = this.#surroundings.localUser,
      hostKeyAlias,
      proxyCommand,
      canonicalizeHostname,
    } = settings;
    const { connectTimeout, serverAliveInterval, serverAliveCountMax, forwardAgentSocket } = settings;
    const { identityAgent, userKnownHostsFile, identityFiles } = settings;
    const keyName = hostKeyAlias ?? originalHost;
    const values = { host, originalHost, port, user, keyName, surroundings: this.#surroundings };
    const path = (text: string) => expanded(expandPath(text, values), originalHost);
    if (canonicalizeHostname !== undefined && !/^(no|none|false)$/i.test(canonicalizeHostname)) {
      const text = `CanonicalizeHostname is not done: ${shown(originalHost)} is taken as it is`;
      notices.push({ name: 'canonicalizeHostnameNotDone', text });
    }
    if (settings.certificateFile !== undefined) {
      const text = `CertificateFile is not used: the key of ${shown(settings.certificateFile)} is shown to ${shown(originalHost)} without it`;
      notices.push({ name: 'certificateNotUsed', text });
    }
    return {
      host,
      port,
      user,
      identitiesOnly: settings.identitiesOnly ?? false,
      forwardAgent: settings.forwardAgent ?? false,
      jumps: settings.jumps ?? [],
      notices,
      ...(proxyCommand === undefined || proxyCommand === 'none' ? {} : { proxyCommand }),
      ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
      ...(identityFiles.length === 0 ? {} : { identityFiles: identityFiles.map(path) }),
      ...(identityAgent === undefined ? {} : { identityAgent: agentOf(identityAgent, path) }),
      ...(userKnownHostsFile === undefined ? {} : { knownHosts: userKnownHostsFile.map(path) }),
      ...(connectTimeout === undefined ? {} : { connectTimeoutSeconds: connectTimeout }),
      ...(serverAliveInterval === undefined ? {} : { aliveIntervalSeconds: serverAliveInterval }),
      ...(serverAliveCountMax === undefined ? {} : { aliveCountMax: serverAliveCountMax }),
      ...(forwardAgentSocket === undefined ? {} : { forwardAgentSocket: agentOf(forwardAgentSocket, path) }),
    };
  }
}

/** Going through the files once. */
class Pass {
  asksFinal = false;

  constructor(
    readonly settings: Settings,
    readonly originalHost: string,
    readonly surroundings: Surroundings,
    readonly notices: Map<string, SshConfigNotice>,
    /** In the final pass: the name that came of the first one. */
    readonly finalHost?: string,
  ) {}

  /** `canMatch` is false in what was included where nothing applies. */
  run(items: readonly ConfigItem[], canMatch: boolean): void {
    let applies = canMatch;
    for (const item of items) {
      if (item.keyword === 'host') applies = this.#host(item) && canMatch;
      else if (item.keyword === 'match') applies = this.#match(item, canMatch);
      else if (item.keyword === 'include') {
        for (const included of item.included) this.run(included, applies);
      } else {
        const read = readSetting(item);
        if (read === undefined) continue;
        if (typeof read !== 'function') throw invalid(item.file, read.reason, item.line);
        if (applies) read(this.settings);
      }
    }
  }

  #host(item: ConfigItem): boolean {
    if (item.words.includes('')) throw invalid(item.file, 'an empty pattern', item.line);
    return matchesHost(item.words, this.finalHost ?? this.originalHost);
  }

  #match(item: ConfigItem, canMatch: boolean): boolean {
    const { localUser } = this.surroundings;
    const matched = matchCriteria(item, {
      originalHost: this.originalHost,
      target: this.finalHost ?? nameOf(this.settings, this.originalHost, false),
      user: this.settings.user ?? localUser,
      localUser,
      isFinal: this.finalHost !== undefined,
    });
    if (!matched.ok) throw invalid(item.file, matched.reason, item.line);
    this.asksFinal ||= matched.asksFinal;
    if (canMatch && matched.unrun !== undefined) {
      const where = `${item.file}, line ${item.line}`;
      const [name, what] =
        matched.unrun === 'exec'
          ? (['matchExecNotRun', 'run'] as const)
          : (['matchNotAsked', 'asked'] as const);
      const text = `${where}: Match ${matched.unrun} is never ${what}; what follows it does not apply`;
      this.notices.set(where, { name, text });
    }
    return canMatch && matched.matches;
  }
}

function nameOf({ hostName }: Settings, given: string, folds = true): string {
  const name = hostName === undefined ? given : expanded(expandHostName(hostName, given), given);
  // ssh takes what has a % in it for an address with a zone.
  return folds && isIP(name) === 0 && !name.includes('%') ? lowerAscii(name) : name;
}

function agentOf(text: string, path: (text: string) => string): string {
  return /^(none|SSH_AUTH_SOCK)$/i.test(text) || /^\$[^{]/.test(text) ? text : path(text);
}

function expanded(result: Expanded, host: string): string {
  if (result.ok) return result.text;
  throw new X2GoError('config.invalid', `The ssh configuration of ${shown(host)}: ${result.reason}`);
}

const loop = ({ host, port }: SshHost) =>
  new X2GoError(
    'config.invalid',
    `The ssh configuration leads over ${shown(`${host}:${port}`)} without an end`,
  );

const unrun = ({ host, proxyCommand = '' }: SshHost) =>
  new X2GoError(
    'config.invalid',
    `The ssh configuration reaches ${shown(host)} by ProxyCommand ${shown(proxyCommand)}, which is not run. Say ProxyJump there, or --ssh-config none`,
  );

/** Reads ~/.ssh/config and /etc/ssh/ssh_config, or one file in their place. Throws file.unreadable or config.invalid. */
export async function readSshConfig(
  file: string | undefined,
  surroundings: Surroundings,
): Promise<SshConfig> {
  const usual: ConfigSource[] = [
    { file: join(surroundings.home, '.ssh', 'config'), isUsers: true, isWanted: false, isGuarded: true },
    { file: '/etc/ssh/ssh_config', isUsers: false, isWanted: false, isGuarded: false },
  ];
  const given = file === undefined ? undefined : [{ file, isUsers: true, isWanted: true, isGuarded: false }];
  const parts: (readonly ConfigItem[])[] = [];
  for (const source of given ?? usual) parts.push(await readConfigFile(source, surroundings.home));
  return new SshConfig(parts, surroundings);
}
