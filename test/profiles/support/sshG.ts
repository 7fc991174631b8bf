import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { readSshConfig, type SshHost } from '../../../src/profiles/sshConfig.js';
import { expandPath } from '../../../src/profiles/sshConfigTokens.js';
import type { GeneratedConfig } from './configs.js';

const env = { ...process.env, X2GO_CONFIG_TEST: 'from-env' };
export const surroundings = {
  home: userInfo().homedir,
  localUser: userInfo().username,
  uid: userInfo().uid,
  localHost: hostname(),
  env,
};

/** What ssh and what we make of a configuration, in the same words. */
export async function bothWays(config: GeneratedConfig) {
  const folder = mkdtempSync(join(tmpdir(), 'x2go-ssh-config-'));
  const write = (name: string, text: string) =>
    writeFileSync(join(folder, name), text.replaceAll('FOLDER', join(folder, 'd')), { mode: 0o600 });
  try {
    mkdirSync(join(folder, 'd'));
    write('config', config.main);
    for (const [name, text] of Object.entries(config.included)) write(join('d', name), text);
    const file = join(folder, 'config');
    const theirs = runSsh(file, config);
    const ours = await readSshConfig(file, surroundings)
      .then((read) => {
        // Of the hops -G tells this alone.
        if (String(theirs).includes('jumphost loop')) read.route(asked(config));
        return told(read.resolve(asked(config)));
      })
      .catch((cause: Error) => `refused: ${cause.message}`);
    return { theirs, ours };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const asked = ({ host, user, port }: GeneratedConfig) => ({
  host,
  ...(user === undefined ? {} : { user }),
  ...(port === undefined ? {} : { port }),
});

function runSsh(file: string, { host, user, port }: GeneratedConfig): Record<string, unknown> | string {
  const words = [
    ...['-G', '-T', '-F', file],
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    host,
  ];
  let out: string;
  try {
    out = execFileSync('ssh', words, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (cause) {
    return `refused: ${(cause as { stderr?: string }).stderr}`;
  }
  const rows = out.split('\n').map((row) => {
    const at = row.indexOf(' ');
    return { key: row.slice(0, at), value: row.slice(at + 1) };
  });
  const all = (key: string) => rows.filter((row) => row.key === key).map(({ value }) => value);
  const one = (key: string) => all(key)[0];
  const values = {
    host: one('hostname') ?? '',
    originalHost: one('host') ?? '',
    port: Number(one('port')),
    user: one('user') ?? '',
    keyName: one('hostkeyalias') ?? one('host') ?? '',
    surroundings,
  };
  // ssh tells these as they are written.
  const files = all('identityfile').map((text) => {
    const expanded = expandPath(text, values);
    return expanded.ok ? expanded.text : expanded.reason;
  });
  return {
    host: values.host,
    port: values.port,
    user: values.user,
    hostKeyAlias: one('hostkeyalias'),
    identityFiles: all('identityfile').join() === usualFiles ? undefined : files,
    identitiesOnly: one('identitiesonly') === 'yes',
    identityAgent: one('identityagent'),
    knownHosts: one('userknownhostsfile'),
    proxyCommand: one('proxycommand'),
    proxyJump: one('proxyjump'),
    connectTimeout: one('connecttimeout'),
    aliveInterval: one('serveraliveinterval'),
    aliveCountMax: one('serveralivecountmax'),
    forwardAgent: one('forwardagent'),
  };
}

const usualFiles = ['rsa', 'ecdsa', 'ecdsa_sk', 'ed25519', 'ed25519_sk', 'xmss', 'dsa']
  .map((name) => `~/.ssh/id_${name}`)
  .join();

function told(found: SshHost): Record<string, unknown> {
  const usual = ['known_hosts', 'known_hosts2'].map((name) => join(surroundings.home, '.ssh', name));
  const known = found.knownHosts ?? usual;
  return {
    host: found.host,
    port: found.port,
    user: found.user,
    hostKeyAlias: found.hostKeyAlias,
    identityFiles: found.identityFiles,
    identitiesOnly: found.identitiesOnly,
    identityAgent: found.identityAgent,
    knownHosts: known.length === 0 ? 'none' : known.join(' '),
    proxyCommand: found.proxyCommand,
    proxyJump: jumpText(found),
    connectTimeout: String(found.connectTimeoutSeconds ?? 'none'),
    aliveInterval: String(found.aliveIntervalSeconds ?? 0),
    aliveCountMax: String(found.aliveCountMax ?? 3),
    forwardAgent: found.forwardAgentSocket ?? (found.forwardAgent ? 'yes' : 'no'),
  };
}

/** ssh tells all but the last jump as they are written. */
function jumpText({ jumps }: SshHost): string | undefined {
  if (jumps.length === 0) return undefined;
  const one = ({ host, user, port }: SshHost['jumps'][number]) => {
    const name = host.includes(':') || /^[0-9.]+$/.test(host) ? `[${host}]` : host;
    return `${user === undefined ? '' : `${user}@`}${name}${port === undefined ? '' : `:${port}`}`;
  };
  return jumps.map(one).join(',');
}
