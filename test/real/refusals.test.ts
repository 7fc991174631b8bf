import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { newKeyPair } from '../../src/emulator/index.js';
import type { GuardianOptions, X2GoError } from '../../src/index.js';
import { describeReal } from '../support/describeReal.js';
import { besides, type Guarded, guard, id } from '../support/guarded.js';
import { soon } from '../support/real/bounds.js';
import { type HostKey, makeHostKey } from '../support/real/hostKey.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

/** Longer than the first back-off with its jitter: a second attempt would have been made by then. */
const anotherAttempt = 1_500;

describeReal('a login that is refused', () => {
  let server: RealServer;
  let foreign: HostKey;
  let guarded: Guarded;
  let files = 0;

  beforeAll(async () => {
    server = await startRealServer({
      hostKeyTypes: ['ed25519', 'ecdsa'],
      sshdConfig: 'LogLevel VERBOSE\nMaxAuthTries 2',
    });
    foreign = await makeHostKey(besides(server, '.'), 'rsa');
  });
  afterEach(async () => {
    await guarded?.guardian.stop();
  });
  afterAll(async () => {
    await server?.stop();
  });
  const knownHosts = (text: string) => {
    const file = besides(server, `known_${++files}`);
    writeFileSync(file, text);
    return file;
  };
  const where = () => `[${server.host}]:${server.port}`;

  /** What connect() throws, after a look at how it was refused: for good, in time, without a second attempt. */
  const refusal = async (options: Partial<GuardianOptions>, withinMs: number): Promise<X2GoError> => {
    guarded = guard(server, options);
    const log = () => readFileSync(server.sshdLogFile, 'utf8');
    const before = log().length;
    const started = performance.now();
    await guarded.guardian.start();
    const error = await guarded.guardian.connect(id).then(
      () => expect.fail('it connected'),
      (cause: X2GoError) => cause,
    );
    expect(performance.now() - started).toBeLessThan(soon(withinMs));
    expect(guarded.of('profile.failed')[0]?.record.failure).toEqual({
      code: error.code,
      message: error.message,
      retryable: false,
    });
    await pause(anotherAttempt);
    expect(guarded.of('profile.connecting')).toHaveLength(1);
    expect(
      log()
        .slice(before)
        .match(/Connection from /g),
    ).toHaveLength(1);
    if (error.code.startsWith('hostKey.')) expect(log().slice(before)).not.toMatch(/Failed|Accepted/);
    return error;
  };
  const password = {
    credentials: { of: () => ({ password: server.password, order: ['password'] as const }) },
  };

  test('FAULTS 31: by a wrong password fails for good within 5 s', async () => {
    const wrong = { credentials: { of: () => ({ password: 'not it', order: ['password'] as const }) } };
    const error = await refusal(wrong, 5_000);
    expect(error.code).toBe('auth.refused');
    expect(error.message).not.toContain('not it');
    expect(JSON.stringify(guarded.seen)).not.toContain('not it');
  });

  test('by sshd hanging up after too many keys is a refused login, not a lost line', async () => {
    const identities = [1, 2, 3].map(() => ({ privateKey: newKeyPair().private }));
    const error = await refusal({ credentials: { of: () => ({ identities }) } }, 5_000);
    expect(error.code).toBe('auth.refused');
  });

  test('FAULTS 33: because the host key changed names both fingerprints, and no password was sent', async () => {
    const file = knownHosts(`${where()} ${foreign.publicKey}\n`);
    const error = await refusal({ ...password, hostKeys: { mode: 'accept-new', files: [file] } }, 1_000);
    expect(error.code).toBe('hostKey.changed');
    expect(error.message).toContain(server.hostFingerprint);
    expect(error.message).toContain(foreign.fingerprint);
  });

  test('FAULTS 34: because the host key is revoked fails though another line knows it', async () => {
    const [first] = server.hostKeys;
    const file = knownHosts(`${server.knownHosts()}@revoked * ${first?.publicKey}\n`);
    const error = await refusal({ ...password, hostKeys: { mode: 'accept-new', files: [file] } }, 1_000);
    expect(error.code).toBe('hostKey.revoked');
    expect(error.message).toContain(server.hostFingerprint);
  });

  test.each(['strict', 'ask'] as const)(
    'FAULTS 35: because nobody knows the host fails in mode %s and writes nothing',
    async (mode) => {
      const file = knownHosts('# empty\n');
      const error = await refusal({ ...password, hostKeys: { mode, files: [file] } }, 1_000);
      expect(error.code).toBe('hostKey.unknown');
      expect(readFileSync(file, 'utf8')).toBe('# empty\n');
    },
  );

  test('is let in with the right password, and with a new host key where that is allowed', async () => {
    const file = knownHosts('');
    guarded = guard(server, { ...password, hostKeys: { mode: 'accept-new', files: [file] } });
    await guarded.guardian.start();
    await guarded.guardian.connect(id);
    expect(readFileSync(file, 'utf8')).toContain(server.hostKeys[0]?.publicKey.split(' ')[1]);
  });
});
