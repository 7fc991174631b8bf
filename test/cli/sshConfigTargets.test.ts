/** A target is what ssh's configuration makes of it; what the command line says wins. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessTo } from '../../src/cli/access.js';
import { chooseProfiles } from '../../src/cli/chosen.js';
import type { CommonOptions } from '../../src/cli/options.js';
import { readSshConfig } from '../../src/profiles/sshConfig.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'x2go-targets-'));
  for (const name of ['gate', 'office']) writeFileSync(join(folder, name), 'a key', { mode: 0o600 });
  writeFileSync(
    join(folder, 'config'),
    `Host office
  HostName 10.0.0.9
  User alice
  HostKeyAlias office-key
  ProxyJump bob@gate:2222
  IdentityFile ${folder}/office
  IdentityFile ${folder}/missing
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile ${folder}/known
  ConnectTimeout 40
  ServerAliveInterval 20
  ServerAliveCountMax 5
Host gate
  HostName gate.example.org
  IdentityFile ${folder}/gate
  UserKnownHostsFile none
  ServerAliveInterval 0
`,
    { mode: 0o600 },
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const choose = async (target: string) => {
  const surroundings = { home: folder, localUser: 'me', uid: 1_000, localHost: 'here', env: {} };
  const config = await readSshConfig(join(folder, 'config'), surroundings);
  return chooseProfiles([target], undefined, () => 'me', config);
};
const options = (more: Partial<CommonOptions> = {}): CommonOptions => ({ identity: [], ...more });

test('a Host with a jump', async () => {
  const [chosen] = await choose('office');
  expect(chosen?.profile).toEqual({
    id: 'alice@office:22',
    host: '10.0.0.9',
    port: 22,
    user: 'alice',
    hostKeyAlias: 'office-key',
    connectTimeout: 40_000,
    aliveInterval: 20_000,
    aliveCountMax: 5,
    via: [{ host: 'gate.example.org', port: 2_222, user: 'bob' }],
  });
  expect((await choose('carol@office:7'))[0]?.profile).toMatchObject({
    id: 'carol@office:7',
    port: 7,
    user: 'carol',
  });
  expect((await choose('elsewhere'))[0]?.profile).toEqual({
    id: 'me@elsewhere:22',
    host: 'elsewhere',
    port: 22,
    user: 'me',
  });
});

test('each login has the keys and the host keys that are named for it, and the password is for the target alone', async () => {
  const chosen = await choose('office');
  const [{ profile } = { profile: undefined }] = chosen;
  const [hop] = profile?.via ?? [];
  if (profile === undefined || hop === undefined) throw new Error('no hop');
  const { credentials, hostKeys } = accessTo(chosen, options({ hostKey: 'accept-new' }), {
    password: 'secret',
  });
  expect(await credentials.of(profile)).toEqual({
    defaultIdentities: [join(folder, 'office')],
    agentKeys: [join(folder, 'office'), join(folder, 'missing')],
    password: 'secret',
  });
  const atHop = await credentials.ofHop?.(hop, profile);
  expect(atHop).toMatchObject({ defaultIdentities: [join(folder, 'gate')] });
  expect(atHop).not.toHaveProperty('password');
  if (typeof hostKeys !== 'function') throw new Error('one for all');
  const system = '/etc/ssh/ssh_known_hosts';
  expect(hostKeys(profile)).toEqual({ mode: 'accept-new', files: [join(folder, 'known'), system] });
  // There is no file to write a new key into.
  expect(hostKeys(profile, hop)).toEqual({ mode: 'strict', files: [system] });
});

test('-i and --known-hosts win', async () => {
  const chosen = await choose('office');
  const [{ profile } = { profile: undefined }] = chosen;
  if (profile === undefined) throw new Error('none');
  const { credentials, hostKeys } = accessTo(chosen, options({ identity: ['/k'], knownHosts: '/h' }), {});
  expect(await credentials.of(profile)).toMatchObject({ identities: ['/k'] });
  expect(typeof hostKeys === 'function' && hostKeys(profile).files).toEqual(['/h']);
});
