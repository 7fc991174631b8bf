import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JournalEntry } from '../../src/journal/journal.js';
import { startTimeOf } from '../../src/journal/owner.js';
import { processesIn } from '../../src/journal/processes.js';
import { plant } from '../journal/support/place.js';
import { complaints } from '../schema/support/eventSchema.js';
import { eventually } from '../support/real/eventually.js';
import { Cli, linesOf, type Place, runCli } from './support/cli.js';
import { type Server, startServer } from './support/server.js';

const journals = (place: Place) => (existsSync(place.state) ? readdirSync(folderOf(place)) : []);
const folderOf = ({ state }: Place) => join(state, 'x2go-guardian');
/** What a killed run of ours noted. */
const left = (place: Place, entries: readonly JournalEntry[]) =>
  plant(
    { folder: folderOf(place), root: '', names: () => [], text: () => '', [Symbol.dispose]: () => undefined },
    entries,
  );

const sessionEntry = ({ target, emulator }: Server, session: string): JournalEntry => {
  const { host, port, user } = emulator;
  return { kind: 'session', session, profile: { id: target, host, port, user } };
};
async function running({ emulator }: Server) {
  const session = emulator.sessions.start();
  await eventually('its agent', () => emulator.sessions.get(session).state === 'RUNNING');
  return session;
}

/** A process that does nothing until it is ended, and the entry for it. */
function sleeper() {
  const child = spawn('sleep', ['300'], { stdio: 'ignore' });
  const pid = child.pid ?? 0;
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  onTestFinished(() => void child.kill('SIGKILL'));
  const startTime = startTimeOf(processesIn(), pid);
  return { child, ended, entry: { kind: 'child', pid, startTime, command: 'sleep' } as const };
}

const reapWords = ({ keyFile, knownHosts }: Server) => ['-i', keyFile, '--known-hosts', knownHosts];

describe('reap', () => {
  test('with nothing to do is done', async () => {
    await using server = await startServer();
    const { code, stdout, stderr } = await runCli(['reap'], server.place);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'Nothing was left here.\n', stderr: '' });
    expect(server.place.leftovers()).toEqual([]);
  });

  test('ends processes and directories, tells of sessions each time, and connects nowhere', async () => {
    await using server = await startServer();
    const { place } = server;
    const session = await running(server);
    const ours = sleeper();
    const stranger = sleeper();
    const directory = join(place.runtime, 'x2go-guardian-a1b2c3');
    mkdirSync(directory, { mode: 0o700 });
    left(place, [
      ours.entry,
      { ...stranger.entry, startTime: '1' },
      { kind: 'directory', path: directory },
      sessionEntry(server, session),
    ]);
    const { code, stdout, stderr } = await runCli(['reap', '--json'], place);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout).flatMap(complaints)).toEqual([]);
    const told = linesOf(stdout).map(({ event, kind, id, outcome }) => [event, kind, id, outcome].join(' '));
    expect(told).toEqual([
      `reap.ended child ${ours.entry.pid} ended`,
      `reap.ended child ${stranger.entry.pid} left`,
      `reap.ended directory ${directory} ended`,
      `reap.ended session ${session} left`,
    ]);
    await ours.ended;
    expect(stranger.child.exitCode ?? stranger.child.signalCode).toBeNull();
    const again = await runCli(['reap'], place);
    expect(again.stdout).toBe(
      `session ${session} was run by a killed run; resume it, or end it with: x2go-guardian reap\n`,
    );
    expect(server.emulator.connectionsAccepted).toBe(0);
  });

  test('--terminate and --suspend end the sessions that are named, and then they are not told of any more', async () => {
    await using server = await startServer();
    const { place } = server;
    const [one, other, third] = [await running(server), await running(server), await running(server)];
    left(
      place,
      [one, other, third].map((session) => sessionEntry(server, session)),
    );
    const words = ['reap', ...reapWords(server), '--terminate', one, '--suspend', other, '--json'];
    const { code, stdout, stderr } = await runCli(words, place);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout).flatMap(complaints)).toEqual([]);
    expect(server.emulator.sessions.get(one).agentAlive).toBe(false);
    expect(server.emulator.sessions.get(other).state).toBe('SUSPENDED');
    expect(server.emulator.sessions.get(third).state).toBe('RUNNING');
    const again = linesOf((await runCli(['reap', '--json'], place)).stdout);
    expect(again.map(({ id }) => id)).toEqual([third]);
    await eventually('its lines to be closed', () => server.emulator.connections === 0);
  });

  test('--terminate of one that has ended by itself: it is no longer told of', async () => {
    await using server = await startServer();
    const session = await running(server);
    left(server.place, [sessionEntry(server, session)]);
    server.emulator.sessions.terminate(session);
    await eventually('its end', () => !server.emulator.sessions.get(session).agentAlive);
    const { code, stderr } = await runCli(
      ['reap', ...reapWords(server), '--terminate', session],
      server.place,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(journals(server.place)).toEqual([]);
  });

  test('--terminate of a start that was under way takes it back', async () => {
    await using server = await startServer();
    const { host, port, user } = server.emulator;
    const marker = '0123456789abcdef0123456789abcdef';
    left(server.place, [{ kind: 'start', marker, profile: { id: server.target, host, port, user } }]);
    const told = await runCli(['reap'], server.place);
    expect(told.stdout).toContain(`start ${marker} was under way at ${server.target}`);
    const words = ['reap', ...reapWords(server), '--terminate', marker, '--json'];
    const { code, stdout, stderr } = await runCli(words, server.place);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout)).toContainEqual(
      expect.objectContaining({ event: 'reap.ended', id: marker, outcome: 'ended' }),
    );
    expect(server.emulator.commandsServed).toContain('withdraw');
    expect((await runCli(['reap'], server.place)).stdout).toBe('Nothing was left here.\n');
  });

  test('66: a name that no killed run left; 69: the server is not there, and the session is told of again', async () => {
    await using server = await startServer();
    const session = await running(server);
    left(server.place, [sessionEntry(server, session)]);
    const unknown = await runCli(['reap', '--terminate', 'nobody', '--json'], server.place);
    expect(unknown.code).toBe(66);
    expect(unknown.stderr).toContain(`There are: ${session}`);
    expect(linesOf(unknown.stdout).at(-1)).toMatchObject({ failure: { code: 'session.unknown' } });
    await server.emulator.faults.refuse();
    const gone = await runCli(['reap', ...reapWords(server), '--terminate', session], server.place);
    expect(gone.code).toBe(69);
    expect((await runCli(['reap'], server.place)).stdout).toContain(session);
  });
});

test('watch tells at its start what a killed run left, and a suspended session is no longer told of', async () => {
  await using server = await startServer();
  const session = await running(server);
  left(server.place, [sessionEntry(server, session)]);
  const cli = new Cli(['watch', ...server.there, '--json'], server.place);
  expect(await cli.event('reap.ended')).toMatchObject({ kind: 'session', id: session, outcome: 'left' });
  cli.child.kill('SIGTERM');
  expect((await cli.ended).code).toBe(0);
  expect((await runCli(['suspend', ...server.there, session], server.place)).code).toBe(0);
  expect((await runCli(['reap'], server.place)).stdout).toBe('Nothing was left here.\n');
});
