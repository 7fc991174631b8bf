import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { guard } from '../support/guard.js';

/** No password and no key was shown to it. */
const nothingSent = (server: Emulator) => expect(server.authAttempts).toEqual([]);

describe.concurrent('a host key', () => {
  test.each(['strict', 'accept-new', 'ask'] as const)(
    'FAULTS 33: that has changed is refused in mode %s, before a password is sent',
    async (mode) => {
      await using other = await startEmulator();
      await using server = await startEmulator({ password: 'secret' });
      const line = `[127.0.0.1]:${server.port} ${other.hostKey}`;
      await using guarded = await guard(
        { office: server },
        { login: () => ({ password: 'secret' }), knownHostsLines: [line], start: false },
      );
      await using again = await guard(
        { office: server },
        {
          login: () => ({ password: 'secret' }),
          hostKeys: { mode, files: [guarded.knownHosts], ask: async () => true },
        },
      );
      const { failure } = await again.log.until('profile.failed');
      expect(failure).toMatchObject({ code: 'hostKey.changed', retryable: false });
      expect(failure.message).toContain(server.fingerprint);
      expect(failure.message).toContain(other.fingerprint);
      expect(await readFile(guarded.knownHosts, 'utf8')).toBe(`${line}\n`);
      nothingSent(server);
    },
  );

  test('FAULTS 34: that is revoked is refused although another line knows it', async () => {
    await using server = await startEmulator();
    const known = `[127.0.0.1]:${server.port} ${server.hostKey}`;
    await using guarded = await guard(
      { office: server },
      { knownHostsLines: [known, `@revoked * ${server.hostKey}`] },
    );
    const { failure } = await guarded.log.until('profile.failed');
    expect(failure).toMatchObject({ code: 'hostKey.revoked', retryable: false });
    nothingSent(server);
  });

  test('FAULTS 35: that nobody knows is refused and not written down', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server }, { knownHostsLines: [] });
    const { failure } = await guarded.log.until('profile.failed');
    expect(failure).toMatchObject({ code: 'hostKey.unknown', retryable: false });
    expect(failure.message).toContain(server.fingerprint);
    expect(await readFile(guarded.knownHosts, 'utf8')).toBe('');
    nothingSent(server);
  });

  test.each([
    [true, 'profile.connected'],
    [false, 'profile.failed'],
    ['yes' as never, 'profile.failed'],
  ] as const)('FAULTS 35: a person is asked, and only true accepts: %j', async (answer, then) => {
    await using server = await startEmulator();
    await using blank = await guard({ office: server }, { knownHostsLines: [], start: false });
    const asked: string[] = [];
    await using guarded = await guard(
      { office: server },
      {
        hostKeys: {
          mode: 'ask',
          files: [blank.knownHosts],
          ask: async ({ message }) => {
            asked.push(message);
            return answer;
          },
        },
      },
    );
    await guarded.log.until(then);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain(server.fingerprint);
    const written = then === 'profile.connected' ? server.knownHostsLine : '';
    expect((await readFile(blank.knownHosts, 'utf8')).trim()).toBe(written);
  });

  test('a rekey with the same key is nothing new', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server });
    await guarded.log.until('profile.connected');
    server.rekey();
    await guarded.guardian.connect('office');
    expect(guarded.log.names()).not.toContain('profile.lost');
  });
});

describe('FAULTS 44: a known_hosts that cannot be used refuses', () => {
  test('unreadable: it is a directory', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server }, { start: false });
    await rm(guarded.knownHosts);
    await mkdir(guarded.knownHosts);
    await guarded.guardian.start();
    const { failure } = await guarded.log.until('profile.failed');
    expect(failure).toMatchObject({ code: 'hostKey.unchecked', retryable: false });
    expect(server.connectionsAccepted).toBe(0);
  });

  test('accept-new that cannot write accepts nothing, and leaves no half-written file', async () => {
    await using server = await startEmulator();
    await using blank = await guard({ office: server }, { start: false, knownHostsLines: [] });
    const directory = dirname(blank.knownHosts);
    // A file in the place of the directory: not even root can write below it.
    const blocked = join(directory, 'known_hosts', 'below');
    await using guarded = await guard(
      { office: server },
      { hostKeys: { mode: 'accept-new', files: [blocked] } },
    );
    const { failure } = await guarded.log.until('profile.failed');
    expect(failure).toMatchObject({ code: 'hostKey.unchecked', retryable: false });
    nothingSent(server);
    expect(await readdir(directory)).toEqual(['known_hosts']);
  });

  test.skipIf(process.getuid?.() === 0)('accept-new in a read-only directory accepts nothing', async () => {
    await using server = await startEmulator();
    await using blank = await guard({ office: server }, { start: false, knownHostsLines: [] });
    const directory = dirname(blank.knownHosts);
    await chmod(directory, 0o500);
    await using guarded = await guard(
      { office: server },
      { hostKeys: { mode: 'accept-new', files: [blank.knownHosts] } },
    );
    const { failure } = await guarded.log.until('profile.failed');
    expect(failure.code).toBe('hostKey.unchecked');
    await chmod(directory, 0o700);
  });
});
