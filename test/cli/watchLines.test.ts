import { describe, expect, test } from 'vitest';
import { complaints } from '../schema/support/eventSchema.js';
import { Cli, linesOf } from './support/cli.js';
import { startServer } from './support/server.js';

describe.concurrent('watch --json', () => {
  test('prints the records of the library and nothing else, and the report names profile and transport', async () => {
    await using server = await startServer();
    const session = server.emulator.sessions.start();
    const cli = new Cli(['watch', ...server.there, '--json'], server.place);
    await cli.event('session.registered', (line) => line.session === session);
    server.emulator.sessions.suspend(session);
    expect(await cli.event('session.suspended')).toMatchObject({ session, by: 'other', state: 'suspended' });
    cli.child.kill('SIGTERM');
    const { code, stdout, stderr } = await cli.ended;

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = linesOf(stdout);
    expect(lines.flatMap(complaints)).toEqual([]);
    for (const line of lines) expect(Object.keys(line).slice(0, 3)).toEqual(['v', 'time', 'event']);
    const names = lines.map(({ event }) => event);
    expect(names[0]).toBe('guardian.started');
    expect(names.slice(-2)).toEqual(['guardian.terminating', 'guardian.terminated']);
    expect(lines.at(-2)).toMatchObject({ reason: 'SIGTERM' });
    const report = lines.at(-1)?.report;
    for (const kind of ['profile', 'transport'] as const) {
      expect(report).toContainEqual(expect.objectContaining({ kind, id: server.target, outcome: 'closed' }));
    }
  });

  test('refreshes sessions, desktops and mounts, each --interval without a state watch', async () => {
    await using server = await startServer();
    const args = ['watch', ...server.there, '--json', '--interval', '150', '--no-state-watch'];
    const cli = new Cli(args, server.place);
    await cli.until(() => countOf(cli, 'sessions') >= 4 && countOf(cli, 'mounts') >= 4, 'a fourth listing');
    await cli.until(() => countOf(cli, 'desktops') >= 1, 'a listing of desktops');
    cli.child.kill('SIGTERM');
    await cli.ended;
    expect(cli.lines.filter(({ source }) => source === 'watch')).toEqual([]);
    expect(server.emulator.commandsServed).not.toContain('watch');
  });

  test('goes on when a line is lost, with the time of the next attempt', async () => {
    await using server = await startServer();
    const cli = new Cli(['watch', ...server.there, '--json', '--quiet'], server.place);
    await cli.event('profile.connected');
    await server.emulator.faults.refuse();
    const lost = await cli.event('profile.lost', ({ failure }) => codeOf(failure) === 'ssh.refused');
    expect(lost.retryInMs).toBeGreaterThan(0);
    await server.emulator.faults.heal();
    await cli.until(() => cli.lines.filter(({ event }) => event === 'profile.connected').length === 2);
    cli.child.kill('SIGTERM');
    expect((await cli.ended).code).toBe(0);
  });

  test('guards what can come up although another profile cannot', async () => {
    await using good = await startServer();
    await using bad = await startServer({ user: 'bob' });
    const args = ['watch', good.target, bad.target, '-i', good.keyFile, '--known-hosts', good.knownHosts];
    const cli = new Cli([...args, '--json'], good.place);
    await cli.event('profile.connected', ({ profile }) => profile === good.target);
    const failed = await cli.event('profile.failed');
    expect(failed).toMatchObject({ profile: bad.target, failure: { code: 'hostKey.unknown' } });
    await cli.event('cache.refreshed', ({ profile }) => profile === good.target);
    cli.child.kill('SIGTERM');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(0);
    expect(linesOf(stdout).at(-1)?.event).toBe('guardian.terminated');
  });

  test('logs go to stderr, one JSON object a line, and say nothing of secrets', async () => {
    await using server = await startServer({ password: 'canary-secret' });
    const cli = new Cli(
      [
        'watch',
        server.target,
        '--known-hosts',
        server.knownHosts,
        '--password-stdin',
        '--json',
        '--log-level',
        'trace',
      ],
      server.place,
    );
    cli.child.stdin?.end('canary-secret\n');
    await cli.event('cache.refreshed');
    cli.child.kill('SIGTERM');
    const { stdout, stderr } = await cli.ended;
    const logs = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string });
    expect(logs.map(({ event }) => event)).toContain('profile.connected');
    expect(stdout + stderr).not.toContain('canary-secret');
  });
});

describe.concurrent('watch without a terminal', () => {
  test('prints a line of text an event, and the report in words', async () => {
    await using server = await startServer();
    const session = server.emulator.sessions.start();
    const cli = new Cli(['watch', ...server.there], server.place);
    await cli.until(() => /session\.registered/.test(cli.stdout));
    server.emulator.sessions.terminate(session);
    await cli.until(() => /session\.terminated/.test(cli.stdout));
    cli.child.kill('SIGTERM');
    const { code, stdout, stderr } = await cli.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      new RegExp(
        `^\\d{4}-\\d\\d-\\d\\d [\\d:]{8}  ${server.target}  session\\.terminated +${session} ended, by somebody else$`,
        'm',
      ),
    );
    expect(stdout).toMatch(/Guarded 1 profile for .*, ended: SIGTERM\./);
    expect(stdout.trim().split('\n').at(-1)).toBe('Everything of ours is closed.');
    expect(stdout).not.toContain('\x1b');
  });
});

const countOf = (cli: Cli, cache: string) =>
  cli.lines.filter((line) => line.event === 'cache.refreshed' && line.cache === cache).length;
const codeOf = (failure: unknown) => (failure as { code?: string } | undefined)?.code;
