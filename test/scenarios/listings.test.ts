import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { everyFlag, guard } from '../support/guard.js';
import { eventually, pause } from '../support/until.js';

const quick = { refreshInterval: 100, stateWatch: false, timing: { listingDeadline: 500 } } as const;

describe.concurrent('a listing that goes wrong', () => {
  test('FAULTS 36: that hangs is given up at its deadline; the sessions stay as they are', async () => {
    await using server = await startEmulator();
    const session = server.sessions.start();
    await using guarded = await guard({ office: server }, { ...everyFlag, ...quick });
    const { guardian, log } = guarded;
    await log.until('session.registered');
    server.faults.hang('x2golistsessions');
    const hung = log.length;
    const { failure } = await log.until('cache.failed', ({ cache }) => cache === 'sessions', { after: hung });
    expect(failure).toMatchObject({ code: 'command.timedOut', retryable: true });
    expect(failure.message).toContain('0.5 s');
    expect(guardian.sessions('office')).toBeUndefined();
    await eventually('no channel is left on the server', () => server.channels <= 1);
    await server.faults.heal();
    await log.until('cache.refreshed', ({ cache }) => cache === 'sessions', { after: log.length });
    expect(guardian.sessions('office')?.value.map((row) => row.session)).toEqual([session]);
    expect(log.names().filter((name) => name.startsWith('session.'))).toEqual(['session.registered']);
    expect(server.connectionsAccepted).toBe(1);
  });

  test('FAULTS 36: that hangs from the start on does not keep a profile from being connected', async () => {
    await using server = await startEmulator();
    server.sessions.start();
    server.faults.hang('x2golistsessions');
    await using guarded = await guard({ office: server }, { ...everyFlag, ...quick });
    const { log } = guarded;
    const { features } = await log.until('profile.connected');
    expect(features).toContain('X2GO_LIST_DESKTOPS');
    await log.until('cache.failed');
    await server.faults.heal();
    // It ran when we connected: nobody has just started it.
    expect(await log.until('session.registered')).toMatchObject({ by: 'found' });
  });

  test.each([
    ['rows that are none', undefined, 6],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x0a, 0x80, 0x0a]), 2],
    ['half a row', 'x|y|', 1],
  ])('FAULTS 37: %s are skipped and counted, and nothing departs', async (_, text, rows) => {
    await using server = await startEmulator();
    server.sessions.start();
    server.sessions.start({ kind: 'desktop' });
    await using guarded = await guard({ office: server }, { ...everyFlag, ...quick });
    const { log } = guarded;
    await eventually('both are registered', () => log.all('session.registered').length === 2);
    const planted = log.length;
    if (text === undefined) server.faults.garbage('x2golistsessions');
    else server.faults.garbage('x2golistsessions', text);
    const { skippedRows, counts } = await log.until(
      'cache.refreshed',
      (record) => record.cache === 'sessions' && record.skippedRows > 0,
      { after: planted },
    );
    expect(skippedRows).toBe(rows);
    expect(counts).toEqual({ sessions: 0, running: 0, suspended: 0 });
    await pause(500);
    expect(log.names().filter((name) => name.startsWith('session.'))).toEqual([
      'session.registered',
      'session.registered',
    ]);
  });

  test('FAULTS 37: the good rows among bad ones are kept', async () => {
    await using server = await startEmulator();
    const kept = server.sessions.start();
    await using guarded = await guard({ office: server }, { ...everyFlag, ...quick });
    const { guardian, log } = guarded;
    await log.until('session.registered');
    const good = server.sessions.store.rows(false);
    server.faults.garbage('x2golistsessions', `\u001b[31mnot a row\n${good}1|2|3\n`);
    const refreshed = await log.until('cache.refreshed', ({ skippedRows }) => skippedRows === 2);
    expect(refreshed.counts).toMatchObject({ sessions: 1 });
    expect(guardian.sessions('office')?.value.map(({ session }) => session)).toEqual([kept]);
    expect(log.names()).not.toContain('session.terminated');
  });

  test('FAULTS 39: that exits with an error is "unknown", never "no sessions"', async () => {
    await using server = await startEmulator();
    server.sessions.start();
    await using guarded = await guard({ office: server }, { ...everyFlag, ...quick });
    const { guardian, log } = guarded;
    await log.until('session.registered');
    server.faults.fail('x2golistsessions', 1, 'DBI connect failed\n');
    const planted = log.length;
    const { failure } = await log.until('cache.failed', undefined, { after: planted });
    expect(failure).toMatchObject({ code: 'command.failed', retryable: true });
    expect(failure.message).toContain('DBI connect failed');
    await eventually('three of them failed', () => log.all('cache.failed', planted).length >= 3);
    expect(guardian.sessions('office')).toBeUndefined();
    expect(guardian.profiles()[0]?.state).toBe('connected');
    expect(log.names().filter((name) => name.startsWith('session.'))).toEqual(['session.registered']);
  });

  test('a server without X2Go is refused for good, by name', async () => {
    await using server = await startEmulator();
    server.faults.missing();
    await using guarded = await guard({ office: server }, everyFlag);
    const { failure } = await guarded.log.until('profile.failed');
    expect(failure).toMatchObject({ code: 'x2go.missing', retryable: false });
    await eventually('its line is closed', () => server.connections === 0);
  });
});

describe.concurrent('a login shell', () => {
  test.each(['Welcome!\n', 'no newline at the end', `${'motd\n'.repeat(2_000)}`])(
    'FAULTS 40: noise before everything changes nothing (%#)',
    async (noise) => {
      await using server = await startEmulator();
      server.faults.noisyShell(noise);
      const session = server.sessions.start();
      await using guarded = await guard({ office: server }, { ...everyFlag, timing: { watchPace: 50 } });
      const { guardian, log } = guarded;
      await log.until('session.registered', (record) => record.session === session);
      server.sessions.suspend(session);
      // Through the watch, whose first line is noise as well.
      await log.until('session.suspended');
      await log.until(
        'cache.refreshed',
        ({ cache, skippedRows }) => cache === 'desktops' && skippedRows === 0,
      );
      expect(guardian.profiles()[0]?.state).toBe('connected');
    },
  );

  test('FAULTS 41: nologin fails for good and says what the shell said', async () => {
    await using server = await startEmulator();
    server.faults.noLogin();
    await using guarded = await guard({ office: server }, everyFlag);
    const { failure } = await guarded.log.until('profile.failed', undefined, { within: 5_000 });
    expect(failure).toMatchObject({ code: 'shell.unusable', retryable: false });
    expect(failure.message).toContain('This account is currently not available.');
    await eventually('its line is closed', () => server.connections === 0);
  });
});
