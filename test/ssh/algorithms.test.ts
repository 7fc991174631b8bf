import { afterAll, expect, test } from 'vitest';
import { orderHostKeyAlgorithms, sshAlgorithms } from '../../src/ssh/algorithms.js';
import { strictVerifier } from '../../src/ssh/hostVerifier.js';
import { openWorkshop } from './support/keys.js';
import { dial } from './support/login.js';
import { sshdAvailable, startSshd } from './support/sshd.js';

const workshop = openWorkshop();
afterAll(() => workshop.close());

const offered = sshAlgorithms();

test('nothing weak is offered', () => {
  const names = Object.values(offered).flat();
  expect(
    names.filter((name) =>
      /sha1|ssh-rsa|ssh-dss|cbc|arcfour|chacha|zlib|md5|ripemd|-96|group1(-|4)/.test(name),
    ),
  ).toEqual([]);
  expect(offered.cipher.slice(0, 2)).toEqual(['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com']);
  expect(offered.compress).toEqual(['none']);
});

test('the types known for a host come first, the rest follow', () => {
  expect(orderHostKeyAlgorithms(['ssh-rsa'])).toEqual([
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
  ]);
  expect(orderHostKeyAlgorithms(['ecdsa-sha2-nistp384', 'ssh-dss'])[0]).toBe('ecdsa-sha2-nistp384');
  expect(orderHostKeyAlgorithms([])).toEqual(offered.serverHostKey);
});

const settings = {
  kex: 'KexAlgorithms',
  cipher: 'Ciphers',
  hmac: 'MACs',
  serverHostKey: 'HostKeyAlgorithms',
  compress: 'Compression',
};
const each = (['kex', 'cipher', 'hmac', 'serverHostKey'] as const).flatMap((kind) =>
  (offered[kind] as string[]).map((name) => [settings[kind], name] as const),
);

const user = workshop.makeKey('ed25519');
const hostKeys = [
  workshop.makeKey('ed25519'),
  workshop.makeKey('rsa'),
  ...['256', '384', '521'].map((bits) => workshop.makeKey('ecdsa', '', '-b', bits)),
].map(({ path }) => path);
const connect = async (...lines: string[]) => {
  const sshd = await startSshd({ dir: workshop.dir, hostKeys, authorized: [user.line], settings: lines });
  try {
    const authHandler = [{ type: 'publickey' as const, username: 'root', key: user.pem }];
    const login = await dial(sshd.port, { authHandler, hostVerifier: strictVerifier(() => true) });
    await login.end();
  } finally {
    await sshd.stop();
  }
};

test.skipIf(!sshdAvailable).each(each)(
  'sshd with %s %s alone and we come together',
  async (setting, name) => {
    // GCM brings its own integrity: a MAC is agreed on with CTR only.
    await connect(`${setting} ${name}`, ...(setting === 'MACs' ? ['Ciphers aes256-ctr'] : []));
  },
);

test.skipIf(!sshdAvailable).each([
  ['HostKeyAlgorithms', 'ssh-rsa'],
  ['Ciphers', 'chacha20-poly1305@openssh.com'],
  ['KexAlgorithms', 'diffie-hellman-group14-sha1'],
])('sshd with %s %s alone is refused', async (setting, name) => {
  await expect(connect(`${setting} ${name}`)).rejects.toThrow(/no matching/);
});
