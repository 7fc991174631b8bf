import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createGuardian } from '../../src/index.js';
import { openJournal } from '../../src/journal/openJournal.js';
import { complaints } from '../schema/support/eventSchema.js';
import { eventually } from '../support/real/eventually.js';
import { linesOf, mainFile, runCli } from './support/cli.js';
import { type Server, startServer } from './support/server.js';
import { hasTmux, Terminal } from './support/terminal.js';

const day = 86_400_000;

/** A server whose clock the test has, with sessions that were suspended so many days ago. */
async function withSuspended(...days: readonly number[]) {
  let now = Date.parse('2026-11-01T12:00:00Z');
  const server = await startServer({ now: () => now });
  const sessions: string[] = [];
  const { sessions: there } = server.emulator;
  for (const [index, ago] of days.entries()) {
    const session = there.start({ command: `app${index}` });
    await eventually('its agent', () => there.get(session).state === 'RUNNING');
    there.suspend(session);
    await eventually('its suspension', () => there.get(session).state === 'SUSPENDED');
    sessions.push(session);
    now += (ago - (days[index + 1] ?? 0)) * day;
  }
  return { server, sessions, pass: (ms: number) => (now += ms) };
}
const lives = ({ emulator }: Server, session: string) => emulator.sessions.get(session).agentAlive;
const chosenIn = (stdout: string) =>
  linesOf(stdout).flatMap(({ event, session }) => (event === 'session.chosen' ? [session] : []));

describe.concurrent('terminate, by what sessions are', () => {
  test('--dry-run tells which would be ended, and ends none; --yes ends those and no other', async () => {
    const { server, sessions } = await withSuspended(9, 8, 2);
    await using _ = server;
    const [a = '', b = '', young = ''] = sessions;
    const running = server.emulator.sessions.start();
    await eventually('its agent', () => server.emulator.sessions.get(running).state === 'RUNNING');
    const words = ['terminate', ...server.there, '--older-than', '7d'];
    const dry = await runCli([...words, '--dry-run', '--json'], server.place);
    expect({ code: dry.code, stderr: dry.stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(dry.stdout).flatMap(complaints)).toEqual([]);
    expect(linesOf(dry.stdout).map(({ event }) => event)).toEqual(['session.chosen', 'session.chosen']);
    expect(chosenIn(dry.stdout).sort()).toEqual([a, b].sort());
    const table = await runCli([...words, '--dry-run'], server.place);
    expect(table.stdout).toMatch(new RegExp(`^${b}  suspended  8d00h +8d00h`, 'm'));
    expect(table.stdout).not.toMatch(new RegExp(`${young}|${running}`));
    for (const session of [a, b, young, running]) expect(lives(server, session)).toBe(true);

    const done = await runCli([...words, '--yes', '--json'], server.place);
    expect({ code: done.code, stderr: done.stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(done.stdout).flatMap(complaints)).toEqual([]);
    expect(done.stdout).toMatch(new RegExp(`session.terminated.*${a}`));
    expect([a, b, young, running].map((one) => lives(server, one))).toEqual([false, false, true, true]);
    // Whoever comes next finds no hold on any of them.
    expect(readdirSync(join(server.place.state, 'x2go-guardian'))).toEqual([]);
  });

  test('a running one only where that is said', async () => {
    const { server } = await withSuspended();
    await using _ = server;
    const running = server.emulator.sessions.start();
    await eventually('its agent', () => server.emulator.sessions.get(running).state === 'RUNNING');
    const words = ['terminate', ...server.there, '--older-than', '0s', '--yes'];
    const none = await runCli(words, server.place);
    expect(none).toMatchObject({ code: 0, stdout: `${server.target}: no sessions\n` });
    expect(lives(server, running)).toBe(true);
    const ended = await runCli([...words, '--state', 'running'], server.place);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain(`${running}: terminated in`);
    expect(lives(server, running)).toBe(false);
  });

  test('one that a guardian here runs or brings back is left alone', async () => {
    const { server, sessions } = await withSuspended(9, 8, 7);
    await using _ = server;
    const [free = '', guarded = '', held = ''] = sessions;
    const journal = openJournal({ folder: join(server.place.state, 'x2go-guardian') });
    try {
      const profile = { id: 'p', host: '127.0.0.1', user: 'alice' };
      journal.note({ kind: 'session', session: guarded, profile });
      journal.hold(held);
      const words = ['terminate', ...server.there, '--state', 'suspended'];
      const dry = await runCli([...words, '--dry-run'], server.place);
      expect(dry.stdout).toContain(`${guarded}: left alone, it runs here, or is being brought back`);
      const { code, stdout } = await runCli([...words, '--yes', '--json'], server.place);
      expect(code).toBe(0);
      const spared = linesOf(stdout).filter(({ event }) => event === 'session.spared');
      expect(spared.flatMap(complaints)).toEqual([]);
      expect(spared).toMatchObject([
        { session: guarded, reason: 'guarded' },
        { session: held, reason: 'guarded' },
      ]);
    } finally {
      journal.close();
    }
    expect([free, guarded, held].map((one) => lives(server, one))).toEqual([false, true, true]);
  });

  test('on several servers: what fails is told with its code, the rest is done all the same', async () => {
    const { server, sessions } = await withSuspended(9);
    await using _ = server;
    await using gone = await startServer();
    await gone.emulator.faults.refuse();
    const words = ['terminate', ...server.there, gone.target, '--older-than', '7d', '--yes', '--json'];
    const { code, stdout, stderr } = await runCli(words, server.place);
    expect(code).toBe(69);
    expect(stderr).toContain(gone.target);
    expect(linesOf(stdout).at(-1)).toMatchObject({ event: 'command.failed', profile: gone.target });
    expect(lives(server, sessions[0] ?? '')).toBe(false);
  });

  test('--all: a session that two profiles lead to is chosen once', async () => {
    const { server, sessions } = await withSuspended(9);
    await using _ = server;
    const { place, keyFile, knownHosts, emulator } = server;
    const access = {
      host: '127.0.0.1',
      port: emulator.port,
      user: emulator.user,
      identity: keyFile,
      knownHosts,
    };
    const file = place.file('config.json');
    writeFileSync(
      file,
      JSON.stringify({
        profiles: [
          { id: 'mail', ...access },
          { id: 'office', ...access },
        ],
      }),
    );
    const words = ['terminate', '--all', '--config', file, '--older-than', '7d'];
    const dry = await runCli([...words, '--dry-run', '--json'], place);
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(chosenIn(dry.stdout)).toEqual(sessions);
    const { code, stdout } = await runCli([...words, '--yes'], place);
    expect(code).toBe(0);
    expect(stdout.match(/terminated in/g)).toHaveLength(1);
    expect(stdout).not.toContain('left alone');
    expect(lives(server, sessions[0] ?? '')).toBe(false);
  });

  test('sessions lists those that pass, by the same words', async () => {
    const { server, sessions } = await withSuspended(9, 2);
    await using _ = server;
    const list = async (...words: readonly string[]) => {
      const { stdout } = await runCli(['sessions', ...server.there, ...words, '--json'], server.place);
      return linesOf(stdout).map(({ session }) => session);
    };
    expect(await list('--older-than', '7d')).toEqual([sessions[0]]);
    expect(await list('--newer-than', '7d', '--owner', 'ours')).toEqual([sessions[1]]);
    expect(await list('--owner', 'others')).toEqual([]);
  });
});

test('what the server says at the last moment counts: one that is in use by then is not ended', async () => {
  const { server, sessions } = await withSuspended(9);
  await using _ = server;
  const [session = ''] = sessions;
  const { emulator } = server;
  await using guardian = createGuardian({
    profiles: [{ id: 'p', host: '127.0.0.1', port: emulator.port, user: emulator.user }],
    credentials: { of: async () => ({ privateKey: emulator.clientKey }) },
    hostKeys: () => ({ mode: 'strict', files: [server.knownHosts] }),
    ...{ autoUpdateListSessionsCache: true, autoRegisterSessions: true, stateWatch: false, journal: false },
    refreshInterval: 600_000,
  });
  const registered = new Promise((resolve) => guardian.on('session.registered', resolve));
  await guardian.start();
  await registered;
  emulator.sessions.writeState(session, 'RESUMING');
  await expect(guardian.terminateSession('p', session, { unlessUsed: true })).rejects.toMatchObject({
    code: 'session.takenOver',
  });
  expect(lives(server, session)).toBe(true);
  emulator.sessions.writeState(session, 'SUSPENDED');
  await guardian.terminateSession('p', session, { unlessUsed: true });
  expect(lives(server, session)).toBe(false);
});

describe.skipIf(!hasTmux)('asked on a terminal', () => {
  const command = (...words: readonly string[]) => [process.execPath, mainFile, ...words].join(' ');

  test('no is no; yes ends what was shown, but not what somebody uses meanwhile', async () => {
    const { server, sessions, pass } = await withSuspended(10, 9, 8);
    await using _ = server;
    const [stale = '', wanted = '', looked = ''] = sessions;
    using terminal = new Terminal(server.place, 120, 30);
    const line = command('terminate', ...server.there, '--older-than', '7d');
    terminal.type(`clear; ${line}; echo "it ended: $?"`);
    await terminal.until('the question', (text) => /End these 3 sessions on \S+\?/.test(text));
    terminal.key('Enter');
    await terminal.until('the end', (text) => text.includes('it ended: 0'));
    expect(sessions.map((one) => lives(server, one))).toEqual([true, true, true]);

    terminal.type(`clear; ${line}; echo "it was over: $?"`);
    await terminal.until('the question', (text) => text.includes('End these 3 sessions'));
    pass(60_000);
    const { sessions: there } = server.emulator;
    for (const used of [wanted, looked]) {
      there.resume(used);
      await eventually('its return', () => there.get(used).state === 'RUNNING');
    }
    // Somebody looked into it and left: it is as old as that.
    there.suspend(looked);
    await eventually('its suspension', () => there.get(looked).state === 'SUSPENDED');
    terminal.type('y');
    const text = await terminal.until('the end', (seen) => seen.includes('it was over: 0'));
    for (const used of [wanted, looked])
      expect(text).toContain(`${used}: left alone, somebody has used it meanwhile`);
    expect(text).toContain(`${stale}: terminated in`);
    expect([stale, wanted, looked].map((one) => lives(server, one))).toEqual([false, true, true]);
  });

  test('Ctrl-C in the question ends nothing', async () => {
    const { server, sessions } = await withSuspended(9);
    await using _ = server;
    using terminal = new Terminal(server.place, 120, 30);
    terminal.type(
      `clear; ${command('terminate', ...server.there, '--older-than', '7d')}; echo "it ended: $?"`,
    );
    await terminal.until('the question', (text) => text.includes('End this session'));
    terminal.key('C-c');
    await terminal.until('the end', (text) => /it ended: [1-9]/.test(text));
    expect(lives(server, sessions[0] ?? '')).toBe(true);
  });
});
