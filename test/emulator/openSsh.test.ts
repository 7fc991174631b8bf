import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulator, emulatedViewer, startEmulator } from '../../src/emulator/index.js';
import { isComplete, parseFramed } from '../../src/protocol/framing.js';
import { execString } from '../../src/protocol/script.js';
import { parseSessionRows } from '../../src/protocol/sessionRow.js';
import { watchScript } from '../../src/protocol/stateWatch.js';
import { surveyScript } from '../../src/protocol/survey.js';
import { freePort } from '../support/freePort.js';
import { fullSurvey, newMarker } from './support/client.js';
import { openSsh } from './support/openSsh.js';
import { Program } from './support/program.js';

let dir: string;
let emulator: Emulator;
const programs: Program[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'x2go-guardian-openssh-'));
  emulator = await startEmulator();
  writeFileSync(join(dir, 'key'), emulator.clientKey, { mode: 0o600 });
  writeFileSync(join(dir, 'known_hosts'), `${emulator.knownHostsLine}\n`);
});
afterEach(async () => {
  await emulator.stop();
  for (const program of programs.splice(0)) program.close();
  rmSync(dir, { recursive: true, force: true });
});

const ssh = (command: string, ...options: string[]) => openSsh(emulator, dir, command, options);

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

test('OpenSSH carries a viewer to its agent with -L, and is refused where nobody listens', async () => {
  const session = emulator.sessions.start({ attach: false });
  const { record } = emulator.sessions.get(session);
  const [port, nowhere] = [await freePort(), await freePort()];
  const { child, seen, ended } = ssh(
    execString,
    ...['-L', `127.0.0.1:${port}:localhost:${record.ports?.graphics}`],
    ...['-L', `127.0.0.1:${nowhere}:localhost:9`],
  );
  // OpenSSH listens before it opens its session.
  await expect.poll(() => emulator.channels, { timeout: 10_000 }).toBe(1);
  const viewer = emulatedViewer();
  const run = viewer({ session, port, cookie: emulator.sessions.cookieOf(session) });
  await run.up;
  expect(emulator.sessions.get(session)).toMatchObject({ state: 'RUNNING', shown: true });
  viewer.send(session, Buffer.alloc(3_000_000));
  await expect.poll(() => viewer.received, { timeout: 10_000 }).toBe(3_000_000);
  const lost = viewer({ session: 'none', port: nowhere, cookie: 'none' });
  await expect(lost.up).rejects.toThrow();
  await expect.poll(() => seen.err).toContain('open failed: connect failed');
  emulator.sessions.takeOver(session);
  await run.ended;
  child.kill();
  await ended;
});

test('a viewer on OpenSSH leaves, and its session is suspended; a killed ssh does the same', async () => {
  for (const how of ['viewer', 'ssh'] as const) {
    const session = emulator.sessions.start({ attach: false });
    const port = await freePort();
    const { graphics } = emulator.sessions.get(session).record.ports ?? { graphics: 0 };
    const { child, ended } = ssh(execString, '-L', `127.0.0.1:${port}:localhost:${graphics}`);
    await expect.poll(() => emulator.channels, { timeout: 10_000 }).toBe(1);
    const run = emulatedViewer()({ session, port, cookie: emulator.sessions.cookieOf(session) });
    await run.up;
    if (how === 'viewer') run.end(new AbortController().signal);
    else child.kill('SIGKILL');
    await run.ended;
    await expect.poll(() => emulator.sessions.get(session).state).toBe('SUSPENDED');
    child.kill();
    await ended;
    await expect.poll(() => emulator.channels).toBe(0);
  }
});

test('OpenSSH listens on the server with -R, and cancels what it was granted', async () => {
  const session = emulator.sessions.start();
  const { sound } = emulator.sessions.get(session).record.ports ?? { sound: 0 };
  const local = await Program.listen();
  programs.push(local);
  const { child, ended } = ssh(execString, '-R', `127.0.0.1:${sound}:127.0.0.1:${local.port}`);
  await expect.poll(() => emulator.forwards, { timeout: 10_000 }).toEqual([sound]);
  const there = await emulator.connectTo(sound);
  let heard = 0;
  there.on('data', (chunk: Buffer) => {
    heard += chunk.length;
  });
  there.write(Buffer.alloc(3_000_000, 'n'));
  await expect.poll(() => heard, { timeout: 10_000 }).toBe(3_000_000);
  expect(local.connections).toBe(1);
  child.kill();
  await ended;
  await expect.poll(() => emulator.forwards).toEqual([]);
});

test.each(['refused altogether', 'taken'])('OpenSSH is told that a port for -R is %s', async (how) => {
  if (how === 'taken') emulator.faults.takePort(40_000);
  else emulator.faults.refuseForwarding();
  const { seen, ended } = ssh(
    execString,
    '-o',
    'ExitOnForwardFailure=yes',
    '-R',
    '127.0.0.1:40000:127.0.0.1:9',
  );
  expect(await ended).toBe(255);
  expect(seen.err).toContain('remote port forwarding failed for listen port 40000');
});
