import { describe, expect, test } from 'vitest';
import { complaints } from '../schema/support/eventSchema.js';
import { eventually } from '../support/real/eventually.js';
import { Cli, linesOf, runCli } from './support/cli.js';
import { type Server, startServer } from './support/server.js';

/** A session of somebody's that runs. */
async function running({ emulator }: Server, command = 'xterm') {
  const session = emulator.sessions.start({ command });
  await eventually('its agent', () => emulator.sessions.get(session).state === 'RUNNING');
  return session;
}
const stateOf = ({ emulator }: Server, session: string) => emulator.sessions.get(session).state;

describe.concurrent('suspend and terminate', () => {
  test('several at once, by parts of their names; each outcome is told, and nothing is left open', async () => {
    await using server = await startServer();
    const [gimp, mutt] = [await running(server, 'gimp'), await running(server, 'mutt')];
    const { code, stdout, stderr } = await runCli(['suspend', ...server.there, 'gimp', mutt], server.place);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n').sort()).toEqual([
      '',
      expect.stringMatching(new RegExp(`^${gimp}: suspended in [\\d.]+ m?s$`)),
      expect.stringMatching(new RegExp(`^${mutt}: suspended in [\\d.]+ m?s$`)),
    ]);
    expect([stateOf(server, gimp), stateOf(server, mutt)]).toEqual(['SUSPENDED', 'SUSPENDED']);
    await eventually('its lines to be closed', () => server.emulator.connections === 0);
    expect(server.emulator.commandsServed).not.toContain('watch');
    expect(server.place.leftovers()).toEqual([]);
  });

  test('as JSON: the events of the sessions that are meant, as the schema has them', async () => {
    await using server = await startServer();
    const [gimp, mutt] = [await running(server, 'gimp'), await running(server, 'mutt')];
    const { code, stdout } = await runCli(['terminate', ...server.there, 'gimp', '--json'], server.place);
    expect(code).toBe(0);
    const lines = linesOf(stdout);
    expect(lines.flatMap(complaints)).toEqual([]);
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'session.terminated', session: gimp, by: 'me', reason: 'ended' }),
    );
    expect(stdout).not.toContain(mutt);
    expect(stateOf(server, mutt)).toBe('RUNNING');
    expect(server.emulator.sessions.get(gimp)).toMatchObject({ listed: false, agentAlive: false });
  });

  test('the oldest one', async () => {
    let now = Date.now() - 60_000;
    await using server = await startServer({ now: () => now });
    const old = await running(server);
    now += 60_000;
    const young = await running(server);
    const { code } = await runCli(['terminate', ...server.there, '--oldest'], server.place);
    expect(code).toBe(0);
    expect(server.emulator.sessions.get(old).agentAlive).toBe(false);
    expect(stateOf(server, young)).toBe('RUNNING');
  });

  test('66: one that is not there; the others are seen to all the same', async () => {
    await using server = await startServer();
    const session = await running(server);
    const words = ['suspend', ...server.there, 'nobody-', session, '--json'];
    const { code, stdout, stderr } = await runCli(words, server.place);
    expect(code).toBe(66);
    expect(stderr).toContain('There is no session "nobody-" there');
    expect(linesOf(stdout).at(-1)).toMatchObject({
      event: 'command.failed',
      exitCode: 66,
      failure: { code: 'session.unknown' },
    });
    expect(linesOf(stdout).flatMap(complaints)).toEqual([]);
    expect(stateOf(server, session)).toBe('SUSPENDED');
  });

  test('66: a part that fits several names those, and touches none of them', async () => {
    await using server = await startServer();
    const both = [await running(server), await running(server)];
    const { code, stderr } = await runCli(['terminate', ...server.there, 'alice-'], server.place);
    expect(code).toBe(66);
    expect(stderr).toContain('"alice-" fits 2 sessions');
    for (const session of both) {
      expect(stderr).toContain(session);
      expect(stateOf(server, session)).toBe('RUNNING');
    }
  });

  test('69: a line that cannot be had; 75: a session that does not let go in time', async () => {
    await using server = await startServer();
    const session = await running(server);
    server.emulator.faults.hang('x2gosuspend-session');
    const words = [...server.there, session, '--timeout', '6000', '--json'];
    const late = await runCli(['suspend', ...words], server.place);
    expect(late.code).toBe(75);
    expect(linesOf(late.stdout).at(-1)).toMatchObject({ failure: { code: 'call.timedOut' } });
    expect(late.stderr).toContain(`${session} was not suspended within 6000 ms`);
    await server.emulator.faults.refuse();
    expect((await runCli(['suspend', ...words], server.place)).code).toBe(69);
  });
});

describe.concurrent('wait', () => {
  test('until somebody else has suspended it', async () => {
    await using server = await startServer();
    const session = await running(server);
    const words = ['wait', ...server.there, '--newest', '--state', 'suspended', '--json'];
    const cli = new Cli(words, server.place);
    await cli.event('session.registered');
    expect(cli.child.exitCode).toBeNull();
    server.emulator.sessions.suspend(session);
    const { code, stdout, stderr } = await cli.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout).flatMap(complaints)).toEqual([]);
    expect(linesOf(stdout)).toContainEqual(expect.objectContaining({ event: 'session.suspended', session }));
  });

  test('is over at once where it has the state, or has ended and is to be ended', async () => {
    await using server = await startServer();
    const session = await running(server);
    const has = await runCli(['wait', ...server.there, session, '--state', 'running'], server.place);
    expect(has).toMatchObject({ code: 0, stdout: `${session}: running\n`, stderr: '' });
    server.emulator.sessions.terminate(session);
    await eventually('its end', () => !server.emulator.sessions.get(session).agentAlive);
    const gone = await runCli(['wait', ...server.there, session, '--state', 'terminated'], server.place);
    expect(gone).toMatchObject({ code: 0, stderr: '' });
  });

  test('66: it ends, and will never be suspended; it runs, and starts only once; it is not there', async () => {
    await using server = await startServer();
    const session = await running(server);
    const cli = new Cli(['wait', ...server.there, session, '--state', 'suspended', '--json'], server.place);
    await cli.event('session.registered');
    const once = await runCli(['wait', ...server.there, session, '--state', 'starting'], server.place);
    expect(once.code).toBe(66);
    expect(once.stderr).toContain('starts only once');
    server.emulator.sessions.terminate(session);
    const { code, stdout } = await cli.ended;
    expect(code).toBe(66);
    expect(linesOf(stdout).at(-1)).toMatchObject({ failure: { code: 'session.ended' }, exitCode: 66 });
    const none = await runCli(['wait', ...server.there, session, '--state', 'running'], server.place);
    expect(none.code).toBe(66);
  });

  test('75: not in time', async () => {
    await using server = await startServer();
    const session = await running(server);
    const words = ['wait', ...server.there, session, '--state', 'suspended', '--timeout', '6000'];
    const { code, stderr } = await runCli(words, server.place);
    expect(code).toBe(75);
    expect(stderr).toContain(`${session} was not suspended within 6000 ms: it is running`);
  });
});
