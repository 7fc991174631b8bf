import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { formatMount } from '../../src/protocol/mounts.js';
import { formatSessionRow, parseSessionRow } from '../../src/protocol/sessionRow.js';
import { connect, ran } from './support/client.js';

const epoch = Date.UTC(2026, 10, 22, 18, 23, 26);
const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');

describe('at the pace of a real server', () => {
  let emulator: Emulator;
  let clock: SimulatedClock;
  beforeEach(async () => {
    clock = new SimulatedClock();
    emulator = await startEmulator({ pace: 1, clock, now: () => epoch + clock.now() });
  });
  afterEach(() => emulator.stop());

  /** What can be seen of a session each time it changes, with the second in which it did. */
  function course(session: string, seconds: number): string[] {
    const seen: string[] = [];
    const look = () => {
      const { record, listed, state, agentAlive } = emulator.sessions.get(session);
      const text = `${listed ? record.status : 'gone'} ${state ?? '-'} ${agentAlive ? 'alive' : 'dead'}`;
      if (!seen.at(-1)?.endsWith(` ${text}`)) seen.push(`${(clock.now() / 1000).toFixed(1)} ${text}`);
    };
    for (let tenth = 0; tenth <= seconds * 10; tenth++) {
      look();
      clock.increment(100);
    }
    return seen;
  }

  test('a session starts, is suspended, resumed and terminated step by step', () => {
    const session = emulator.sessions.start();
    expect(emulator.sessions.get(session).record).not.toHaveProperty('agentPid');
    expect(course(session, 9.9)).toEqual(['0.0 R - dead', '2.0 R STARTING alive', '4.4 R RUNNING alive']);
    emulator.sessions.suspend(session);
    expect(course(session, 9.9)).toEqual([
      '10.0 R RUNNING alive',
      '11.4 R SUSPENDING alive',
      '12.0 S SUSPENDING alive',
      '17.3 S SUSPENDED alive',
    ]);
    emulator.sessions.resume(session, { client: '192.0.2.9' });
    expect(course(session, 9.9)).toEqual([
      '20.0 S SUSPENDED alive',
      '22.0 R RESUMING alive',
      '23.5 R RUNNING alive',
    ]);
    expect(emulator.sessions.get(session).record).toMatchObject({
      client: '192.0.2.9',
      createdAt: '2026-11-22T18:23:26',
      changedAt: '2026-11-22T18:23:48',
      ageSeconds: 30,
    });
    emulator.sessions.terminate(session);
    expect(course(session, 20)).toEqual([
      '30.0 R RUNNING alive',
      '31.0 R TERMINATING alive',
      '31.4 gone TERMINATING alive',
      '31.8 gone TERMINATED dead',
    ]);
  });

  test('a session is taken over, and R throughout', () => {
    const session = emulator.sessions.start();
    clock.increment(10_000);
    const before = emulator.sessions.get(session).record;
    emulator.sessions.takeOver(session);
    expect(course(session, 20)).toEqual([
      '10.0 R RUNNING alive',
      '11.4 R SUSPENDING alive',
      '17.3 R SUSPENDED alive',
      '19.5 R RESUMING alive',
      '20.5 R RUNNING alive',
    ]);
    const { record } = emulator.sessions.get(session);
    expect(record).toMatchObject({
      client: '127.0.0.2',
      agentPid: before.agentPid,
      createdAt: before.createdAt,
    });
    expect(record.changedAt > before.changedAt).toBe(true);
  });

  test('the application ends: the folder goes ten seconds later', () => {
    const session = emulator.sessions.start();
    clock.increment(10_000);
    emulator.sessions.endApplication(session);
    expect(course(session, 20)).toEqual([
      '10.0 R RUNNING alive',
      '11.0 gone TERMINATED dead',
      '20.8 gone - dead',
    ]);
  });

  test('an action drops what is left of the one before', () => {
    const session = emulator.sessions.start();
    clock.increment(10_000);
    emulator.sessions.suspend(session);
    clock.increment(1_500);
    emulator.sessions.takeOver(session);
    expect(course(session, 20)).toEqual([
      '11.5 R SUSPENDING alive',
      '18.8 R SUSPENDED alive',
      '21.0 R RESUMING alive',
      '22.0 R RUNNING alive',
    ]);
    expect(emulator.pendingTimers).toBe(0);
  });
});

describe('at once', () => {
  let emulator: Emulator;
  beforeEach(async () => {
    emulator = await startEmulator({ now: () => epoch });
  });
  afterEach(() => emulator.stop());

  test('an agent that never met its proxy stays STARTING', () => {
    const session = emulator.sessions.start({ attach: false });
    expect(emulator.sessions.get(session)).toMatchObject({ state: 'STARTING', agentAlive: true });
  });

  test('a killed agent leaves its row R and its state file stale', () => {
    const session = emulator.sessions.start();
    emulator.sessions.killAgent(session);
    expect(emulator.sessions.get(session)).toMatchObject({
      listed: true,
      state: 'RUNNING',
      agentAlive: false,
    });
    expect(emulator.sessions.get(session).record.status).toBe('R');
    emulator.sessions.abandon(session);
    expect(emulator.sessions.get(session).state).toBe('RUNNING');
    emulator.sessions.suspend(session);
    expect(emulator.sessions.get(session).listed).toBe(false);
  });

  test('an orphan is not listed and its agent lives', () => {
    const session = emulator.sessions.start();
    emulator.sessions.terminate(session, { orphan: true });
    expect(emulator.sessions.get(session)).toMatchObject({
      listed: false,
      state: 'SUSPENDED',
      agentAlive: true,
    });
  });

  test('only a listing tells the data base of a session that was abandoned', async () => {
    const { sessions } = emulator;
    const session = sessions.start();
    sessions.addMount(session, '/srv');
    sessions.abandon(session);
    expect(sessions.get(session).record.status).toBe('R');
    const client = await connect(emulator);
    expect((await ran(client, 'x2golistsessions')).out).toContain('|S|');
    expect(sessions.get(session)).toMatchObject({ record: { status: 'S' }, mounts: [] });
    client.end();
  });

  test('plain commands suspend and terminate, and say nothing about strangers', async () => {
    const { sessions } = emulator;
    const session = sessions.start();
    const client = await connect(emulator);
    expect((await ran(client, `exec x2gosuspend-session ${session}`)).code).toBe(0);
    expect(sessions.get(session).state).toBe('SUSPENDED');
    expect((await ran(client, `x2goterminate-session ${session}`)).code).toBe(0);
    expect(sessions.list()).toEqual([]);
    const stranger = await ran(client, 'x2goterminate-session nosuch');
    expect([stranger.code, stranger.out, stranger.err]).toEqual([0, '', '']);
    expect((await ran(client, 'x2gosuspend-session')).code).toBe(255);
    client.end();
  });

  test('five hundred sessions have five hundred names, pids, cookies and ports, and rows that parse', () => {
    const { sessions } = emulator;
    const kinds = ['application', 'desktop', 'published', 'shadow', 'kdrive'] as const;
    const all = Array.from({ length: 500 }, (_, n) =>
      sessions.start({ kind: kinds[n % 5] ?? 'desktop', command: 'xt;erm $(id)' }),
    );
    const records = all.map((session) => sessions.get(session).record);
    expect(new Set(all).size).toBe(500);
    expect(new Set(records.map(({ agentPid }) => agentPid)).size).toBe(500);
    expect(new Set(all.map((session) => sessions.cookieOf(session))).size).toBe(500);
    expect(new Set(records.map(({ ports }) => ports?.graphics)).size).toBe(500);
    for (const record of records) {
      const row = parseSessionRow(formatSessionRow(record, sessions.cookieOf(record.session)));
      expect(row).toEqual({ ok: true, session: record, cookie: sessions.cookieOf(record.session) });
    }
  });

  test('unknown sessions throw', () => {
    expect(() => emulator.sessions.suspend('nosuch')).toThrow('no session nosuch');
  });
});

/** A line with everything replaced that differs from one server to another: the form alone. */
const form = (line: string) =>
  line
    .replace(/[0-9a-f]{32}/g, '<cookie>')
    .replace(/[0-9]+/g, '9')
    .replace(/\|(vm|emulator)\|/g, '|<server>|');

test('what is printed has the form of what a real server printed', async () => {
  const emulator = await startEmulator({ desktops: [{ user: 'alice', display: 77 }] });
  const { sessions } = emulator;
  const client = await connect(emulator);
  const printed = async (command: string) => (await ran(client, command)).out;
  const shadowed = sessions.start({ kind: 'desktop' });
  expect(form(await printed('x2golistsessions'))).toBe(form(fixture('x2golistsessions-running-desktop.txt')));
  const { display } = sessions.get(shadowed).record;
  expect(await printed('x2golistdesktops')).toBe(`alice@:${display}\nalice@:77\n`);
  sessions.start({ kind: 'shadow' });
  expect(form(await printed('x2golistshadowsessions'))).toBe(form(fixture('x2golistshadowsessions-own.txt')));
  sessions.start({ command: 'xterm' });
  expect(form(await printed('x2golistsessions'))).toBe(form(fixture('x2golistsessions-two.txt')));
  expect(await printed(`x2golistmounts ${shadowed}`)).toBe(fixture('x2golistmounts-empty.txt'));
  const mountpoint = sessions.addMount(shadowed, '/tmp/protoshare');
  expect(await printed(`x2golistmounts ${shadowed}`)).toBe(fixture('x2golistmounts-one.txt'));
  expect(formatMount({ session: shadowed, client: '127.0.0.1', mountpoint })).toBe(
    fixture('x2golistmounts-one.txt').trim(),
  );
  expect(await printed('x2gofeaturelist')).toBe(fixture('x2gofeaturelist.txt'));
  expect(await printed('x2goversion')).toBe(fixture('x2goversion.txt'));
  client.end();
  await emulator.stop();
});
