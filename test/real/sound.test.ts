import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { soundOf } from '../../src/channels/sound.js';
import type { Ride } from '../../src/world.js';
import { describeReal } from '../support/describeReal.js';
import { soon } from '../support/real/bounds.js';
import { endChild, hasEnded, spawnTied } from '../support/real/child.js';
import { eventually } from '../support/real/eventually.js';
import { openSsh } from '../support/real/openSsh.js';
import { isAlive } from '../support/real/processes.js';
import { type Listener, listeningRate, type Pulse, startPulse } from '../support/real/pulse.js';
import { findFreePort } from '../support/real/sshd.js';
import { strongestTone, toneWav } from '../support/real/tone.js';
import { isListening } from '../support/real/traces.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

describeReal('sound of a session', () => {
  let server: RealServer;
  let pulse: Pulse;
  let listener: Listener;
  const ended: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    server = await startRealServer();
    pulse = await startPulse();
  });
  beforeEach(async () => {
    listener = await pulse.listen();
  });
  afterEach(async () => {
    await listener?.stop();
    for (const end of ended.splice(0).reverse()) await end();
  });
  afterAll(async () => {
    await pulse?.stop();
    await server?.stop();
  });

  /** The way of a session's sound as OpenSSH makes it: the forward, the files, the variable. */
  async function attach(ride: (place: { serverPort: number; folder: string }) => Promise<Ride>) {
    const serverPort = await findFreePort();
    const folder = join(server.home, `session-${serverPort}`);
    const { to, files } = await ride({ serverPort, folder });
    writeAsUser(server, folder, files);
    const forward = await forwardBack(server, serverPort, to);
    ended.push(forward);
    const { exec } = openSsh(server, server.writeKnownHosts());
    const run = (command: string) => exec(`PULSE_CLIENTCONFIG='${folder}/.pulse-client.conf' ${command}`);
    return { run, serverPort, forward };
  }
  const local = (variables: Record<string, string>) =>
    soundOf({ variables, home: pulse.home, uid: process.getuid?.() });

  test('silence is heard as silence', async () => {
    expect(strongestTone(await listener.next(1), listeningRate)).toBeUndefined();
  });

  test.each([440, 660])('a tone of %i Hz is heard by the local sound server', async (hz) => {
    const { prepare } = local({ XDG_RUNTIME_DIR: pulse.runtimeFolder });
    const { run } = await attach(async (place) => {
      const ride = await prepare(place);
      expect(ride.to).toEqual({ path: pulse.socket });
      return ride;
    });
    await expectTone(listener, hz, () => playToneInSession(server, hz, run));
  });

  test('a tone is heard by a local sound server that asks for its cookie', async () => {
    const { prepare } = local({ PULSE_SERVER: `tcp:127.0.0.1:${pulse.port}` });
    const { run } = await attach(prepare);
    await expectTone(listener, 440, () => playToneInSession(server, 440, run));
  });

  test('without its cookie a session is not let in there', async () => {
    const { prepare } = local({ PULSE_SERVER: `tcp:127.0.0.1:${pulse.port}` });
    const { run } = await attach(async (place) => {
      const { to, files } = await prepare(place);
      return { to, files: files.filter(({ name }) => name !== '.pulse-cookie') };
    });
    const { code, stderr } = await run('pactl info');
    expect(stderr).toContain('Access denied');
    expect(code).toBe(1);
  });

  test('when the tunnel is gone no other sound server is started on the server', async () => {
    const { prepare } = local({ XDG_RUNTIME_DIR: pulse.runtimeFolder });
    const { run, forward, serverPort } = await attach(prepare);
    expect((await run('pactl info')).stdout).toContain(`Server String: 127.0.0.1:${serverPort}`);
    await forward();
    expect((await run('pactl info')).stderr).toContain('Connection refused');
    expect((await run('pgrep -u "$USER" -l pulseaudio')).stdout).toBe('');
  });

  test('the sound server of a test leaves nothing', async () => {
    const other = await startPulse();
    await other.stop();
    expect(isAlive(other.pid)).toBe(false);
    expect(isListening(other.port)).toBe(false);
    expect(existsSync(dirname(other.home))).toBe(false);
  });
});

/** Plays a tone for three seconds; `run` runs a command in the session, and need not wait for its end. */
async function playToneInSession(
  server: RealServer,
  hz: number,
  run: (command: string) => Promise<unknown>,
): Promise<void> {
  const wav = `tone-${hz}.wav`;
  writeAsUser(server, server.home, [{ name: wav, content: toneWav(hz, 3) }]);
  await run(`paplay ${join(server.home, wav)}`);
}

/** The tone, a whole second of it, while it is played; silence before and after. */
async function expectTone(listener: Listener, hz: number, play: () => Promise<unknown>): Promise<void> {
  const heard = (samples?: Int16Array) => samples && strongestTone(samples, listeningRate);
  expect(heard(await listener.next(0.5))).toBeUndefined();
  const playing = play();
  const loudest = new Set<number>();
  await eventually(
    () => `a tone of ${hz} Hz, heard were ${[...loudest].join(', ') || 'none'}`,
    () => {
      const tone = heard(listener.last(1));
      if (tone !== undefined) loudest.add(tone);
      return tone !== undefined && Math.abs(tone - hz) <= 2;
    },
    { timeoutMs: soon(10_000), everyMs: 200 },
  );
  await playing;
  await expect.poll(() => heard(listener.last(1)), { timeout: soon(10_000), interval: 200 }).toBeUndefined();
}

function writeAsUser(server: RealServer, folder: string, files: Ride['files']): void {
  const own = (path: string) => chownSync(path, server.uid, -1);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  own(folder);
  for (const { name, content } of files) {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    own(join(folder, name));
  }
}

/** `ssh -R`; what it gives ends it. */
async function forwardBack(server: RealServer, serverPort: number, to: Ride['to']) {
  const target = 'path' in to ? to.path : `${to.host}:${to.port}`;
  const settings = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    `UserKnownHostsFile=${server.writeKnownHosts()}`,
    'GlobalKnownHostsFile=/dev/null',
    'ExitOnForwardFailure=yes',
  ];
  const args = [
    ...['-N', '-F', 'none', '-i', server.keyFile, '-p', String(server.port)],
    ...settings.flatMap((setting) => ['-o', setting]),
    ...['-R', `${serverPort}:${target}`, `${server.user}@${server.host}`],
  ];
  const child = spawnTied('ssh', args, { stdio: 'ignore' });
  const forwarding = () => isListening(serverPort) || hasEnded(child);
  await eventually(`sshd to listen on ${serverPort}`, forwarding);
  if (hasEnded(child)) throw new Error(`ssh -R ${serverPort}:${target} ended at once`);
  return () => endChild(child);
}
