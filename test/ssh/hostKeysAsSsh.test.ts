import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHostKeys } from '../../src/ssh/hostKeys.js';
import { openWorkshop } from './support/keys.js';
import { meet } from './support/login.js';
import { sshdAvailable, startSshd, type TestSshd } from './support/sshd.js';

/** The same file and the same sshd, for ssh(1) and for us: both connect or both refuse. */
describe.skipIf(!sshdAvailable)('we and ssh judge a host alike', () => {
  const workshop = openWorkshop();
  const ed25519 = workshop.makeKey('ed25519');
  const rsa = workshop.makeKey('rsa');
  const stranger = workshop.makeKey('ed25519');
  const strangeEcdsa = workshop.makeKey('ecdsa');
  const user = workshop.makeKey('ed25519');
  const file = workshop.path('known_hosts');
  let sshd: TestSshd;
  beforeAll(async () => {
    sshd = await startSshd({
      dir: workshop.dir,
      hostKeys: [ed25519.path, rsa.path],
      authorized: [user.line],
    });
  });
  afterAll(async () => {
    await sshd?.stop();
    workshop.close();
  });

  const sshAccepts = async (): Promise<boolean> => {
    const options = [
      'StrictHostKeyChecking=yes',
      `UserKnownHostsFile=${file}`,
      'GlobalKnownHostsFile=/dev/null',
      'UpdateHostKeys=no',
      'IdentitiesOnly=yes',
      'BatchMode=yes',
    ].flatMap((option) => ['-o', option]);
    const args = [
      '-F',
      'none',
      '-i',
      user.path,
      '-p',
      String(sshd.port),
      ...options,
      'root@127.0.0.1',
      'true',
    ];
    const [code] = await once(spawn('ssh', args, { stdio: 'ignore' }), 'exit');
    if (code !== 0 && code !== 255) throw new Error(`ssh ended with ${code}`);
    return code === 0;
  };

  test.each<[string, (at: string) => string, string | undefined]>([
    ['known', (at) => `${at} ${ed25519.line}\n`, undefined],
    ['known by its other key: offered first', (at) => `${at} ${rsa.line}\n`, undefined],
    ['known by a pattern', () => `[127.0.0.*]:* ${ed25519.line}\n`, undefined],
    ['excluded from a pattern', (at) => `[127.0.0.1]:*,!${at} ${ed25519.line}\n`, 'hostKey.unknown'],
    ['unknown', () => '', 'hostKey.unknown'],
    ['known for another port', () => `[127.0.0.1]:1 ${ed25519.line}\n`, 'hostKey.unknown'],
    ['another key of the same type', (at) => `${at} ${stranger.line}\n`, 'hostKey.changed'],
    ['a type the server does not have', (at) => `${at} ${strangeEcdsa.line}\n`, 'hostKey.changed'],
    ['an old key, and the right one', (at) => `${at} ${stranger.line}\n${at} ${ed25519.line}\n`, undefined],
    ['revoked', (at) => `${at} ${ed25519.line}\n@revoked * ${ed25519.line}\n`, 'hostKey.revoked'],
    ['another key revoked', (at) => `${at} ${ed25519.line}\n@revoked * ${stranger.line}\n`, undefined],
    ['a marker ended by a tab', (at) => `${at} ${ed25519.line}\n@revoked\t* ${ed25519.line}\n`, undefined],
  ])('%s', async (_, content, code) => {
    writeFileSync(file, content(`[127.0.0.1]:${sshd.port}`));
    const hostKeys = await openHostKeys({
      host: '127.0.0.1',
      port: sshd.port,
      mode: 'strict',
      files: [file],
    });
    expect((await meet(sshd.port, hostKeys))?.code).toBe(code);
    expect(await sshAccepts()).toBe(code === undefined);
  });

  test('the one difference: ssh also takes a key known for the bare name, we do not', async () => {
    writeFileSync(file, `127.0.0.1 ${ed25519.line}\n`);
    const hostKeys = await openHostKeys({
      host: '127.0.0.1',
      port: sshd.port,
      mode: 'strict',
      files: [file],
    });
    expect((await meet(sshd.port, hostKeys))?.code).toBe('hostKey.unknown');
    expect(await sshAccepts()).toBe(true);
  });
});
