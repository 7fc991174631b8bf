import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { linesOf, runCli } from './support/cli.js';
import { startServer } from './support/server.js';

describe.concurrent('host keys', () => {
  test.each(['sessions', 'watch'])(
    'FAULTS 35: %s refuses an unknown host where nobody can be asked',
    async (command) => {
      await using server = await startServer();
      const file = server.place.file('new');
      const args = [command, server.target, '-i', server.keyFile, '--known-hosts', file, '--json'];
      const { code, stdout, stderr } = await runCli(args, server.place);
      expect(code).toBe(76);
      expect(linesOf(stdout).at(-1)).toMatchObject({ failure: { code: 'hostKey.unknown' }, exitCode: 76 });
      expect(stderr).toContain(server.emulator.fingerprint);
      expect(existsSync(file)).toBe(false);
      expect(server.place.leftovers()).toEqual([]);
      expect(server.emulator.authAttempts).toEqual([]);
    },
  );

  test('asking for a question does not answer it', async () => {
    await using server = await startServer();
    const file = server.place.file('new');
    const args = ['sessions', server.target, '--known-hosts', file, '--host-key', 'ask'];
    const { code, stderr } = await runCli(args, server.place);
    expect(code).toBe(76);
    expect(stderr).toContain('then add it with ssh');
    expect(existsSync(file)).toBe(false);
  });

  test('accept-new writes it down, once', async () => {
    await using server = await startServer();
    const file = server.place.file('new');
    const args = ['sessions', server.target, '-i', server.keyFile, '--known-hosts', file];
    expect((await runCli([...args, '--host-key', 'accept-new'], server.place)).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(`${server.emulator.knownHostsLine}\n`);
    expect((await runCli(args, server.place)).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(`${server.emulator.knownHostsLine}\n`);
  });

  test('FAULTS 33: a changed key is refused with both fingerprints, before anything is sent', async () => {
    await using other = await startEmulator();
    await using server = await startServer({ password: 'secret' });
    writeFileSync(server.knownHosts, `[127.0.0.1]:${server.emulator.port} ${other.hostKey}\n`);
    const modes = ['strict', 'accept-new'];
    for (const mode of modes) {
      const args = ['watch', server.target, '--known-hosts', server.knownHosts, '--password-stdin'];
      const ended = await runCli([...args, '--host-key', mode], server.place, { input: 'secret\n' });
      expect(ended.code).toBe(76);
      expect(ended.stderr).toContain(server.emulator.fingerprint);
      expect(ended.stderr).toContain(other.fingerprint);
      expect(ended.stderr).toContain('ssh-keygen -f');
    }
    expect(server.emulator.authAttempts).toEqual([]);
  });
});
