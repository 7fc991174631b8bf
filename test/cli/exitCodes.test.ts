import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { complaints } from '../schema/support/eventSchema.js';
import { linesOf, Place, runCli } from './support/cli.js';
import { startMuteServer } from './support/muteServer.js';
import { startServer } from './support/server.js';

/** The failure of a command that was run with --json: its last line. */
const failureOf = (stdout: string) => {
  const last = linesOf(stdout).at(-1);
  expect(last && complaints(last)).toEqual([]);
  expect(last?.event).toBe('command.failed');
  return last as unknown as { exitCode: number; failure: { code: string; message: string } };
};

describe.concurrent('exit codes', () => {
  test.each([
    ['no command', []],
    ['a command that is none', ['sesions']],
    ['an option that is none', ['watch', '--frobnicate']],
    ['no target', ['sessions']],
    ['a target that is none', ['sessions', 'alice@server:port']],
    ['a port that is none', ['sessions', 'alice@server:0']],
    ['a time that is none', ['watch', 'server', '--interval', '1.5']],
    ['a mode that is none', ['watch', 'server', '--host-key', 'never']],
    ['no password on stdin', ['sessions', 'server', '--password-stdin']],
  ])('2: %s', async (_, args) => {
    using place = new Place();
    const { code, stdout, stderr } = await runCli([...args, '--json'], place);
    expect(code).toBe(2);
    expect(failureOf(stdout)).toMatchObject({ exitCode: 2, failure: { code: 'usage.invalid' } });
    expect(stderr).toMatch(/x2go-guardian: /);
  });

  test.each([
    ['--help', /Usage: x2go-guardian/],
    ['--version', /^\d+\.\d+\.\d+\n$/],
    ['help', /watch/],
  ])('0: %s', async (word, said) => {
    using place = new Place();
    const { code, stdout, stderr } = await runCli([word], place);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(said);
  });

  test('65: X2Go is not installed there', async () => {
    await using server = await startServer();
    server.emulator.faults.missing();
    const { code, stdout } = await runCli(['features', ...server.there, '--json'], server.place);
    expect(code).toBe(65);
    expect(failureOf(stdout).failure.code).toBe('x2go.missing');
  });

  test('66: no such profile', async () => {
    using place = new Place();
    writeFileSync(place.file('c.json'), '{"profiles":[{"id":"office","host":"h","user":"u"}]}');
    const { code, stdout, stderr } = await runCli(
      ['watch', 'ofice', '--config', place.file('c.json'), '--json'],
      place,
    );
    expect(code).toBe(66);
    expect(failureOf(stdout).failure.code).toBe('profile.unknown');
    expect(stderr).toContain('There are: office');
  });

  test('69: nobody listens there; the line that says so tells what to check', async () => {
    await using server = await startServer();
    await server.emulator.faults.refuse();
    const { code, stdout, stderr } = await runCli(['sessions', ...server.there], server.place);
    expect({ code, stdout }).toEqual({ code: 69, stdout: '' });
    expect(stderr).toMatch(
      /^x2go-guardian: alice@127\.0\.0\.1:\d+: Could not reach .*nobody listens there\. Check the port/,
    );
  });

  test('74: the configuration cannot be read', async () => {
    using place = new Place();
    const { code, stdout, stderr } = await runCli(['watch', '--config', place.file('none'), '--json'], place);
    expect(code).toBe(74);
    expect(failureOf(stdout).failure.code).toBe('file.unreadable');
    expect(stderr).toContain('no such file');
  });

  test('75: no answer in time', async () => {
    await using mute = await startMuteServer();
    using place = new Place();
    const { code, stdout } = await runCli(
      ['sessions', `alice@127.0.0.1:${mute.port}`, '--timeout', '300', '--json'],
      place,
    );
    expect(code).toBe(75);
    expect(failureOf(stdout).failure).toMatchObject({
      code: 'call.timedOut',
      message: 'No answer within 300 ms: it is connecting',
    });
  });

  test('77: a wrong password, at once', async () => {
    await using server = await startServer({ password: 'right' });
    const args = [server.target, '--known-hosts', server.knownHosts, '--password-stdin', '--json'];
    const { code, stdout, stderr } = await runCli(['watch', ...args], server.place, { input: 'wrong\n' });
    expect(code).toBe(77);
    expect(failureOf(stdout).failure.code).toBe('auth.refused');
    expect(server.emulator.authAttempts.filter(({ method }) => method === 'password')).toHaveLength(1);
    expect(stdout + stderr).not.toContain('wrong');
  });

  test('77: a key that was named and is not there is not passed over', async () => {
    await using server = await startServer({ password: 'right' });
    const { code, stderr } = await runCli(
      [
        ...['sessions', server.target, '-i', server.place.file('nokey'), '--known-hosts', server.knownHosts],
        '--password-stdin',
      ],
      server.place,
      { input: 'right\n' },
    );
    expect(code).toBe(77);
    expect(stderr).toContain('Cannot read the key');
    expect(server.emulator.authAttempts).toEqual([]);
  });

  test('78: a configuration that is wrong says where and what was wanted', async () => {
    using place = new Place();
    writeFileSync(place.file('c.json'), '{"profiles":[{"id":"office","host":"h","port":"22"}]}');
    const { code, stdout } = await runCli(['watch', '--config', place.file('c.json'), '--json'], place);
    expect(code).toBe(78);
    expect(failureOf(stdout).failure.message).toContain(
      'profiles[0].port must be a port from 1 to 65535, not "22"',
    );
  });
});
