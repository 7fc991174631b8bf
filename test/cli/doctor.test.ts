import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureTable } from '../../machines/vocabulary.js';
import { isEncrypted, nodeCheck } from '../../src/cli/localChecks.js';
import { stepOf } from '../../src/cli/serverChecks.js';
import { complaints } from '../schema/support/eventSchema.js';
import { linesOf, Place, runCli } from './support/cli.js';
import { startServer } from './support/server.js';

describe.concurrent('doctor', () => {
  test('looks at this machine: what is missing is a note with what to do', async () => {
    using place = new Place();
    const { code, stdout, stderr } = await runCli(['doctor'], place);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^(ok {5}|note {3}) {2}Node \d+/);
    expect(stdout).toMatch(/^note {5}No key agent/m);
    expect(stdout).toMatch(
      /^note {5}No private key in .* {2}-> ssh-keygen -t ed25519, or --password-stdin$/m,
    );
    expect(stdout).toMatch(/^note {5}.*known_hosts is not there/m);
    expect(stdout).toMatch(/ssh2's native encryption is/);
  });

  test('tells how far one gets on each server, and exits with the first problem’s code', async () => {
    await using good = await startServer();
    await using unknown = await startServer();
    await using closed = await startServer();
    await closed.emulator.faults.refuse();
    const targets = [good.target, unknown.target, closed.target];
    const args = ['doctor', ...targets, '-i', good.keyFile, '--known-hosts', good.knownHosts, '--json'];
    const { code, stdout } = await runCli(args, good.place);
    const lines = linesOf(stdout);
    expect(lines.flatMap(complaints)).toEqual([]);
    const about = (profile: string) =>
      lines
        .filter((line) => line.event === 'doctor.finding' && line.profile === profile)
        .map(({ check, verdict }) => `${check} ${verdict}`);
    const all = 'reachable host-key login x2go listing forwarding sound folders limit clock';
    expect(about(good.target)).toEqual(all.split(' ').map((check) => `${check} ok`));
    expect(about(unknown.target)).toEqual(['reachable ok', 'host-key error']);
    expect(about(closed.target)).toEqual(['reachable error']);
    expect(lines.at(-1)).toMatchObject({ event: 'command.failed', exitCode: code });
    expect([69, 76]).toContain(code);
  });

  test('finds a key that is named and not there, and known_hosts that cannot be read', async () => {
    using place = new Place();
    mkdirSync(place.file('known_hosts'));
    const args = ['doctor', '-i', place.file('nokey'), '--known-hosts', place.file('known_hosts')];
    const { code, stdout, stderr } = await runCli(args, place);
    expect(code).toBe(77);
    expect(stdout).toMatch(/^problem {2}The key .*nokey cannot be read: ENOENT.* {2}-> Check the path$/m);
    expect(stdout).toMatch(/^problem {2}.*known_hosts cannot be read: EISDIR/m);
    expect(stderr).toBe('');
  });

  test('a server without X2Go, and one that does not list', async () => {
    await using server = await startServer();
    server.emulator.faults.missing();
    const args = ['doctor', ...server.there];
    const missing = await runCli(args, server.place);
    expect(missing.code).toBe(65);
    expect(missing.stdout).toMatch(/^problem .* {2}-> Install x2goserver there/m);
    await server.emulator.faults.heal();
    server.emulator.faults.fail('x2golistsessions');
    const broken = await runCli(args, server.place);
    expect(broken.code).toBe(65);
    expect(broken.stdout).toMatch(/^ok .*X2Go 4.*\nproblem /m);
  });

  test('what a server denies, limits or has wrong is named with its remedy, and hides nothing else', async () => {
    await using server = await startServer({ now: () => Date.now() - 3_630_000 });
    server.emulator.faults.refuseForwarding();
    server.emulator.faults.limitSessions(1);
    server.emulator.faults.fail('x2golistsessions');
    const args = ['doctor', ...server.there];
    const { code, stdout } = await runCli([...args, '--json'], server.place);
    const lines = linesOf(stdout);
    expect(lines.flatMap(complaints)).toEqual([]);
    expect(
      lines.filter(({ profile, event }) => profile === server.target && event === 'doctor.finding'),
    ).toMatchObject([
      { check: 'reachable', verdict: 'ok' },
      { check: 'host-key', verdict: 'ok' },
      { check: 'login', verdict: 'ok' },
      { check: 'x2go', verdict: 'ok' },
      { check: 'listing', verdict: 'error' },
      { check: 'forwarding', verdict: 'error', advice: expect.stringContaining('AllowTcpForwarding') },
      { check: 'sound', verdict: 'warning', advice: expect.stringContaining('AllowTcpForwarding') },
      { check: 'folders', verdict: 'ok' },
      { check: 'limit', verdict: 'warning', message: expect.stringContaining('(1)') },
      { check: 'clock', verdict: 'warning', message: expect.stringMatching(/1 h 0 min behind ours/) },
    ]);
    expect(lines.at(-1)).toMatchObject({ event: 'command.failed', exitCode: code });
    expect(code).toBe(65);
    server.emulator.sessions.start();
    server.emulator.faults.hang('examine');
    const hung = await runCli([...args, '--timeout', '4000'], server.place);
    expect(hung.stdout).toMatch(/^problem .*The examination .*/m);
    expect(hung.stdout).toMatch(/^problem .*allows no forwarding {2}-> Set AllowTcpForwarding yes/m);
  });

  test('counts the keys of an agent, and says when it is dead', async () => {
    using place = new Place();
    const socket = join(place.runtime, 'agent');
    const withLength = (bytes: Buffer) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return Buffer.concat([length, bytes]);
    };
    // SSH_AGENT_IDENTITIES_ANSWER with three keys, each with its comment.
    const identities = Buffer.from([12, 0, 0, 0, 3]);
    const key = withLength(Buffer.from('ssh-ed25519'));
    const keys = ['one', 'two', 'three'].flatMap((name) => [withLength(key), withLength(Buffer.from(name))]);
    const agent = createServer((line) => {
      line.once('data', () => line.end(withLength(Buffer.concat([identities, ...keys]))));
    });
    await new Promise<void>((resolve) => agent.listen(socket, resolve));
    const doctor = () => runCli(['doctor'], place, { env: { SSH_AUTH_SOCK: socket } });
    expect((await doctor()).stdout).toMatch(/^ok {7}The key agent has 3 keys$/m);
    await new Promise((resolve) => agent.close(resolve));
    const { code, stdout } = await doctor();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^note {5}The key agent at .* cannot be used: it cannot be reached/m);
  });

  test('sees keys at their usual places, and passes over those that are encrypted', async () => {
    using place = new Place();
    const folder = join(place.home, '.ssh');
    mkdirSync(folder);
    const keygen = (name: string, passphrase: string) =>
      spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', join(folder, name)]);
    keygen('id_ed25519', '');
    keygen('id_rsa', 'secret');
    writeFileSync(join(folder, 'known_hosts'), '# nobody\n\na ssh-ed25519 AAAA\n');
    chmodSync(join(folder, 'known_hosts'), 0o600);
    const { stdout } = await runCli(['doctor'], place);
    expect(stdout).toMatch(/^ok {7}The key .*id_ed25519 is there$/m);
    expect(stdout).toMatch(/^note {5}The key .*id_rsa is there and encrypted: .* {2}-> -i .*id_rsa$/m);
    expect(stdout).toMatch(/known_hosts can be read: 1 line$/m);
  });
});

test.each([
  ['18.20.0', 'error'],
  ['20.18.3', 'error'],
  ['20.19.0', 'warning'],
  ['22.0.0', 'ok'],
  ['24.1.0', 'ok'],
])('Node %s is %s', (version, verdict) => {
  expect(nodeCheck(version).verdict).toBe(verdict);
});

test('encrypted keys of every format are known', () => {
  expect(isEncrypted('-----BEGIN ENCRYPTED PRIVATE KEY-----\n')).toBe(true);
  expect(isEncrypted('-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n')).toBe(true);
  expect(isEncrypted('-----BEGIN RSA PRIVATE KEY-----\nMIIE\n')).toBe(false);
  expect(isEncrypted('no key')).toBe(false);
});

test('every failure belongs to a step', () => {
  const steps = Object.keys(failureTable).map((code) =>
    stepOf({ code, message: '', retryable: false } as never),
  );
  expect(new Set(steps)).toEqual(new Set(['reachable', 'host-key', 'login', 'x2go']));
});
