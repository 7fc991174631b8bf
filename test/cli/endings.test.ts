import { execFileSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { complaints } from '../schema/support/eventSchema.js';
import { eventually } from '../support/real/eventually.js';
import { Cli, linesOf } from './support/cli.js';
import { startMuteServer } from './support/muteServer.js';
import { type Server, startServer } from './support/server.js';

/** Nothing of it runs, and it left nothing here and no connection there. */
async function expectClean(cli: Cli, server: Server) {
  expect(() => process.kill(-cli.pid, 0)).toThrow('ESRCH');
  expect(listenersOf(cli.pid)).toEqual([]);
  expect(server.place.leftovers()).toEqual([]);
  await eventually('no connection', () => server.emulator.connections === 0);
}

/** Where a process waits for connections. */
const listenersOf = (pid: number) =>
  execFileSync('ss', ['-Hltnp'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`pid=${pid},`));

/** In a process group of its own, so that its children can be counted. */
const start = (args: readonly string[], server: Server, options = {}) =>
  new Cli(args, server.place, { detached: true, ...options });

describe.concurrent('the end of watch', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'FAULTS 1, 2, 4: %s ends it with 0, clean',
    async (signal) => {
      await using server = await startServer();
      server.emulator.sessions.start();
      const cli = start(['watch', ...server.there, '--json'], server);
      await cli.event('session.registered');
      cli.child.kill(signal);
      const { code, stdout } = await cli.ended;
      expect(code).toBe(0);
      expect(linesOf(stdout).at(-2)).toMatchObject({ event: 'guardian.terminating', reason: signal });
      await expectClean(cli, server);
    },
  );

  test('FAULTS 3: a second signal ends by force what is left, and the exit code says so', async () => {
    await using server = await startServer();
    const cli = start(['watch', ...server.there, '--json'], server);
    await cli.event('cache.refreshed');
    server.emulator.faults.silence();
    const asked = performance.now();
    cli.child.kill('SIGINT');
    await cli.event('guardian.terminating');
    cli.child.kill('SIGINT');
    const { code, stdout } = await cli.ended;
    expect(performance.now() - asked).toBeLessThan(1_000);
    expect(code).toBe(70);
    const [terminated, last] = linesOf(stdout).slice(-2);
    expect(last).toMatchObject({
      event: 'command.failed',
      failure: { code: 'release.forced' },
      exitCode: 70,
    });
    expect(terminated?.event).toBe('guardian.terminated');
    expect(terminated?.report).toContainEqual(
      expect.objectContaining({ kind: 'transport', outcome: 'forced' }),
    );
    expect(() => process.kill(-cli.pid, 0)).toThrow('ESRCH');
  });

  test('FAULTS 9: a dead server holds up nothing, and what is cut is no failure', async () => {
    await using server = await startServer();
    const cli = start(['watch', ...server.there, '--json'], server);
    await cli.event('cache.refreshed');
    server.emulator.faults.silence();
    cli.child.kill('SIGTERM');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(0);
    expect(linesOf(stdout).at(-1)?.report).toContainEqual(
      expect.objectContaining({ kind: 'transport', outcome: 'cut' }),
    );
  });

  test('FAULTS 6: SIGTERM while it connects to something that never answers', async () => {
    await using mute = await startMuteServer();
    await using server = await startServer();
    const cli = start(['watch', `a@127.0.0.1:${mute.port}`, '--json'], server);
    await cli.event('profile.connecting');
    await eventually('the connection', () => mute.connections === 1);
    const asked = performance.now();
    cli.child.kill('SIGTERM');
    const { code, stdout } = await cli.ended;
    expect(performance.now() - asked).toBeLessThan(1_000);
    expect(code).toBe(0);
    expect(linesOf(stdout).at(-1)?.event).toBe('guardian.terminated');
    await expectClean(cli, server);
  });

  test.each(['uncaughtException', 'unhandledRejection'])(
    'FAULTS 10: an %s ends it the same way, with 1',
    async (what) => {
      await using server = await startServer();
      const throwing =
        what === 'uncaughtException' ? 'throw new Error("planted")' : 'Promise.reject(new Error("planted"))';
      const preload = `data:text/javascript,process.on("SIGUSR2",()=>{${throwing}})`;
      const env = server.place.env({ NODE_OPTIONS: `--import=${encodeURI(preload)}` });
      const cli = start(['watch', ...server.there, '--json'], server, { env });
      await cli.event('cache.refreshed');
      cli.child.kill('SIGUSR2');
      const { code, stdout, stderr } = await cli.ended;
      expect(code).toBe(1);
      const [terminated, failed] = linesOf(stdout).slice(-2);
      expect(terminated?.event).toBe('guardian.terminated');
      expect(failed).toMatchObject({
        event: 'command.failed',
        exitCode: 1,
        failure: { code: 'unexpected', message: 'planted' },
      });
      expect(failed && complaints(failed)).toEqual([]);
      expect(stderr).toContain('x2go-guardian: planted. This is a bug here; please report it.');
      await expectClean(cli, server);
    },
  );

  test('a closed stdout is as SIGTERM', async () => {
    await using server = await startServer();
    const cli = start(['watch', ...server.there, '--json', '--interval', '100'], server);
    await cli.event('cache.refreshed');
    cli.child.stdout?.destroy();
    const { code, stderr } = await cli.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expectClean(cli, server);
  });

  test('FAULTS 55: a closed stderr is nobody’s matter', async () => {
    await using server = await startServer();
    const args = ['watch', ...server.there, '--json', '--interval', '100', '--log-level', 'trace'];
    const cli = start(args, server);
    await cli.event('profile.connected');
    cli.child.stderr?.destroy();
    const before = cli.lines.length;
    await cli.until(() => cli.lines.length > before + 10, 'ten more lines');
    cli.child.kill('SIGTERM');
    expect((await cli.ended).code).toBe(0);
    await expectClean(cli, server);
  });

  test('FAULTS 55: a full disk under the logs drops them', async () => {
    await using server = await startServer();
    const args = ['watch', ...server.there, '--json', '--interval', '100', '--log-level', 'trace'];
    const cli = start(args, server, { stdio: ['ignore', 'pipe', openSync('/dev/full', 'w')] });
    await cli.until(() => cli.lines.length > 10, 'ten lines');
    cli.child.kill('SIGTERM');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(0);
    expect(linesOf(stdout).at(-1)?.event).toBe('guardian.terminated');
  });

  test('a full disk under stdout ends it with 74', async () => {
    await using server = await startServer();
    const cli = start(['watch', ...server.there, '--json', '--quiet'], server, {
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    });
    const { code, stderr } = await cli.ended;
    expect(code).toBe(74);
    expect(stderr).toContain('Cannot write to standard output');
    await expectClean(cli, server);
  });

  test('a reader of stdout who stalls does not hold up the end', async () => {
    await using server = await startServer();
    const args = ['watch', ...server.there, '--json', '--interval', '1', '--no-state-watch'];
    // What cannot be written holds the process, and is given up.
    const cli = start(args, server, { env: server.place.env({ NODE_OPTIONS: '' }) });
    await cli.event('cache.refreshed');
    cli.child.stdout?.pause();
    // Two lines of 200 bytes a listing: more than a pipe and the reader's own buffer hold.
    const before = server.emulator.commandsServed.length;
    await eventually('a full pipe', () => server.emulator.commandsServed.length > before + 500);
    const exited = new Promise((resolve) => cli.child.once('exit', resolve));
    const asked = performance.now();
    cli.child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(performance.now() - asked).toBeLessThan(5_000);
    cli.child.stdout?.resume();
  });
});

describe.concurrent('the end of a listing', () => {
  test('SIGTERM while it waits: nothing is left, and it is no success', async () => {
    await using mute = await startMuteServer();
    await using server = await startServer();
    const cli = start(['sessions', `a@127.0.0.1:${mute.port}`, '--json'], server);
    await eventually('the connection', () => mute.connections === 1);
    cli.child.kill('SIGTERM');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(1);
    expect(linesOf(stdout)).toMatchObject([{ event: 'command.failed', failure: { code: 'call.aborted' } }]);
    await expectClean(cli, server);
  });

  test('a listing that hangs ends at the command’s time limit, and the channel with it', async () => {
    await using server = await startServer();
    server.emulator.faults.hang('survey');
    const cli = start(['sessions', ...server.there, '--timeout', '500', '--json'], server);
    const { code } = await cli.ended;
    expect(code).toBe(75);
    await expectClean(cli, server);
  });

  test('a closed stdout is no failure', async () => {
    await using server = await startServer();
    for (let n = 0; n < 20; n++) server.emulator.sessions.start();
    server.emulator.faults.slow('survey', 300);
    const cli = start(['sessions', ...server.there, '--json'], server);
    cli.child.stdout?.destroy();
    expect(await cli.ended).toMatchObject({ code: 0, stderr: '' });
    await expectClean(cli, server);
  });
});
