import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { isComplete, parseFramed } from '../../src/protocol/framing.js';
import { execString } from '../../src/protocol/script.js';
import { parseSessionRows } from '../../src/protocol/sessionRow.js';
import { watchScript } from '../../src/protocol/stateWatch.js';
import { surveyScript } from '../../src/protocol/survey.js';
import { fullSurvey, newMarker } from './support/client.js';

let dir: string;
let emulator: Emulator;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'x2go-guardian-openssh-'));
  emulator = await startEmulator();
  writeFileSync(join(dir, 'key'), emulator.clientKey, { mode: 0o600 });
  writeFileSync(join(dir, 'known_hosts'), `${emulator.knownHostsLine}\n`);
});
afterEach(async () => {
  await emulator.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** The system's own client, with nothing of the user's configuration. */
function ssh(command: string, ...options: string[]) {
  const settings = [
    `UserKnownHostsFile=${join(dir, 'known_hosts')}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
  ].flatMap((setting) => ['-o', setting]);
  const target = ['-p', String(emulator.port), `${emulator.user}@${emulator.host}`];
  const child = spawn('ssh', [
    '-F',
    '/dev/null',
    '-i',
    join(dir, 'key'),
    ...settings,
    ...options,
    ...target,
    command,
  ]);
  const seen = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    seen.err += text;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, seen, ended };
}

test('OpenSSH runs a survey and gets what the store holds', async () => {
  emulator.sessions.start();
  const request = fullSurvey();
  const { child, seen, ended } = ssh(execString);
  child.stdin.write(surveyScript(request, 10));
  expect(await ended).toBe(0);
  expect(seen.err).toBe('');
  expect(isComplete(request.marker, seen.out)).toBe(true);
  const framed = parseFramed(request.marker, seen.out);
  const sections = framed.ok ? framed.sections : [];
  const rows = parseSessionRows(sections.find(({ name }) => name === 'sessions')?.body ?? '');
  expect(rows.sessions).toEqual(emulator.sessions.list());
});

test('OpenSSH talks with a watch', async () => {
  const session = emulator.sessions.start();
  const marker = newMarker();
  const { child, seen, ended } = ssh(execString);
  child.stdin.write(watchScript({ verb: 'watch', marker }));
  await expect.poll(() => seen.out, { timeout: 5_000 }).toContain(`${marker} begin 0\n`);
  child.stdin.write('1\n');
  await expect.poll(() => seen.out).toContain(`c\ns ${session} RUNNING\nt 1\n`);
  child.stdin.end();
  expect(await ended).toBe(0);
});

test('OpenSSH gets exit codes and stderr', async () => {
  emulator.faults.fail('x2golistsessions', 9, 'LIMIT\n');
  const { seen, ended } = ssh('x2golistsessions');
  expect(await ended).toBe(9);
  expect([seen.out, seen.err]).toEqual(['', 'LIMIT\n']);
});

test('OpenSSH knows the host by its known_hosts line and refuses another key', async () => {
  emulator.faults.changeHostKey();
  const { seen, ended } = ssh('x2goversion');
  expect(await ended).toBe(255);
  expect(seen.err).toMatch(/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/);
});

test('ssh-keygen sees the same fingerprint', async () => {
  const child = spawn('ssh-keygen', ['-l', '-f', join(dir, 'known_hosts')]);
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  await once(child, 'close');
  expect(out).toContain(emulator.fingerprint);
});

test('OpenSSH survives forwarded channels it never asked for', async () => {
  const { child, ended } = ssh(execString);
  await expect.poll(() => emulator.channels, { timeout: 5_000 }).toBe(1);
  expect(await emulator.faults.openChannels(20)).toEqual({ accepted: 0, refused: 20 });
  child.kill();
  await ended;
  await expect.poll(() => emulator.connections).toBe(0);
});
