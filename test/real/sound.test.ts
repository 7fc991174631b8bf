import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Session } from '../../src/index.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { type Guarded, guard, id } from '../support/guarded.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/real/eventually.js';
import { findProcesses, isAlive } from '../support/real/processes.js';
import { type Listener, listeningRate, type Pulse, startPulse } from '../support/real/pulse.js';
import { type Ran, run } from '../support/real/run.js';
import { strongestTone, toneWav } from '../support/real/tone.js';
import { isListening } from '../support/real/traces.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { agentsOf, type Stage, setStage } from '../support/showing.js';

const tones = [440, 550, 660, 770];
const nobody = 65_534;

describeReal('sound of a session', () => {
  let server: RealServer;
  let stage: Stage;
  let pulse: Pulse;
  let guarded: Guarded;
  /** What the guardian's own environment says of sound. */
  const environment = (variables: Record<string, string>) => Object.assign(process.env, variables);
  const cookieFile = () => join(pulse.home, '.config/pulse/cookie');
  /** Where the local sound server knows its own user by the uid. */
  const trusting = () => environment({ PULSE_SERVER: `unix:${pulse.socket}`, PULSE_COOKIE: cookieFile() });
  /** Where it asks for the cookie. */
  const asking = () =>
    environment({ PULSE_SERVER: `tcp:127.0.0.1:${pulse.port}`, PULSE_COOKIE: cookieFile() });

  beforeAll(async () => {
    // A login there may bring a sound server of its own; it would come before our file.
    server = await startRealServer({
      sshdConfig: 'SetEnv PULSE_SERVER=tcp:127.0.0.1:9 PULSE_COOKIE=/nonexistent',
    });
    pulse = await startPulse();
    stage = await setStage(server);
    for (const hz of tones) {
      const wav = toneFile(hz);
      writeFileSync(wav, toneWav(hz, 1.5));
      chownSync(wav, server.uid, -1);
    }
  });
  beforeEach(async () => {
    guarded = stage.guard();
    await guarded.guardian.start();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') guarded.tell();
    for (const { id: name, state } of started.splice(0))
      if (state !== 'terminated') await guarded.guardian.terminateSession(id, name);
    await guarded.guardian.stop();
    expect(guarded.guardian.open).toEqual([]);
    await eventually('every agent to be gone', () => agentsOf(server.uid).length === 0);
  });
  afterAll(async () => {
    delete process.env.PULSE_SERVER;
    delete process.env.PULSE_COOKIE;
    await stage?.stop();
    await pulse?.stop();
    await server?.stop();
  });

  const started: Session[] = [];
  const toneFile = (hz: number) => join(server.home, `tone-${hz}.wav`);
  const start = async (command: string) => {
    const session = await guarded.guardian.startSession(id, { kind: 'application', command });
    started.push(session);
    return session;
  };
  const soundOpened = (after = 0) =>
    guarded.until('tunnel.opened', { after, where: ({ tunnel }) => tunnel === 'sound' });
  const soundFailed = (after = 0) =>
    guarded.until('tunnel.failed', { after, where: ({ tunnel }) => tunnel === 'sound' });

  /** The environment of the session's application: what a program gets that it starts now. */
  const surroundings = () =>
    eventually('the application', () => {
      const [xterm] = findProcesses(({ uid, comm }) => uid === server.uid && comm === 'xterm');
      const text = xterm && readFileSync(`/proc/${xterm.pid}/environ`, 'utf8');
      return text ? Object.fromEntries(text.split('\0').flatMap(pair)) : undefined;
    });
  const inSession = async (...command: string[]) => {
    // libpulse asks the screen as well, and just after a resume an agent answers new programs some seconds late.
    const { DISPLAY, ...inside } = await surroundings();
    return runAs(server.uid, command, inside);
  };
  const playInSession = async (hz: number) => {
    const { code, stderr } = await inSession('paplay', toneFile(hz));
    if (code !== 0) throw new Error(`paplay: ${stderr}`);
  };

  longTest(
    'a tone that its application plays is heard, and again from what is started after a resume and after a cut line',
    async () => {
      asking();
      const listener = await pulse.listen();
      try {
        const session = await start('xterm');
        const { at, record } = await soundOpened();
        expect(record.session).toBe(session.id);
        expect(isListening(record.port)).toBe(true);
        await expectTone(listener, 440, () => playInSession(440));
        expect((await inSession('pactl', 'info')).stdout).toContain(
          `Server String: 127.0.0.1:${record.port}`,
        );

        await session.suspend();
        await eventually('the server to listen no more', () => !isListening(record.port));
        expect((await inSession('pactl', 'info')).stderr).toContain('Connection refused');
        // No other sound server was started in its place.
        expect(findProcesses(({ uid, comm }) => uid === server.uid && comm === 'pulseaudio')).toEqual([]);

        await session.resume();
        const resumed = await soundOpened(at);
        await expectTone(listener, 550, () => playInSession(550));

        const cut = performance.now();
        server.killConnections();
        await guarded.until('session.resumed', { after: cut, timeoutMs: soon(15_000) });
        const recovered = await soundOpened(cut);
        await expectTone(listener, 660, () => playInSession(660));

        await session.terminate();
        for (const opened of [resumed, recovered])
          await eventually('the server to listen no more', () => !isListening(opened.record.port));
        const failures = guarded.of('tunnel.failed').map(({ record: { failure } }) => failure.code);
        expect(new Set(failures)).toEqual(new Set(['ssh.closed']));
      } finally {
        await listener.stop();
      }
    },
  );

  test('a tone is heard that is the application itself', async () => {
    trusting();
    const listener = await pulse.listen();
    try {
      await expectTone(listener, 770, async () => {
        await start(`paplay ${toneFile(770)}`);
        await guarded.until('session.terminated', { timeoutMs: soon(30_000) });
      });
    } finally {
      await listener.stop();
    }
  });

  longTest(
    'another user of the server is not let in, though the sound server here trusts our user',
    async () => {
      trusting();
      const session = await start('xterm');
      const { port } = (await soundOpened()).record;
      const inside = await surroundings();
      expect(inside).toMatchObject({ PULSE_CLIENTCONFIG: expect.stringContaining(session.id) });
      expect(inside).not.toHaveProperty('PULSE_SERVER');
      expect(inside).not.toHaveProperty('PULSE_COOKIE');

      const wrong = join(tmpdir(), `${server.user}-cookie`);
      writeFileSync(wrong, Buffer.alloc(256, 7), { mode: 0o644 });
      const stranger = (cookie: string, ...command: string[]) =>
        runAs(nobody, command, { PATH: process.env.PATH ?? '', HOME: '/nonexistent', PULSE_COOKIE: cookie });
      const address = ['-s', `tcp:127.0.0.1:${port}`];
      try {
        const lent = join(dirname(inside.PULSE_CLIENTCONFIG ?? ''), '.pulse-cookie');
        for (const cookie of [wrong, '/nonexistent', lent]) {
          const { code, stderr } = await stranger(cookie, 'pactl', ...address, 'info');
          expect([code, stderr]).toEqual([1, expect.stringContaining('Connection terminated')]);
        }
        // The user's own cookie is worth nothing there either.
        writeFileSync(wrong, pulse.cookie);
        expect((await stranger(wrong, 'pactl', ...address, 'info')).code).toBe(1);
      } finally {
        rmSync(wrong, { force: true });
      }
      expect((await inSession('pactl', 'info')).code).toBe(0);
      await session.terminate();
      const closed = await guarded.until('tunnel.closed', { where: ({ tunnel }) => tunnel === 'sound' });
      expect(closed.record.refused).toBe(4);
    },
  );

  longTest('without a local sound server it starts without sound, and says so', async () => {
    environment({ PULSE_SERVER: 'unix:/nonexistent' });
    const session = await start('xterm');
    const { record } = await soundFailed();
    expect(record).toMatchObject({
      session: session.id,
      failure: { code: 'sound.missing', message: expect.stringContaining('unix:/nonexistent') },
    });
    expect(session.state).toBe('running');
    expect(await surroundings()).not.toHaveProperty('PULSE_CLIENTCONFIG');
  });

  longTest('where the server forwards nothing to here it starts without sound, and says so', async () => {
    trusting();
    const strict = await startRealServer({ sshdConfig: 'Match all\nAllowTcpForwarding local' });
    const other = guard(strict, { journal: stage.journal });
    try {
      await other.guardian.start();
      const session = await other.guardian.startSession(id, { kind: 'application', command: 'xterm' });
      const failed = await other.until('tunnel.failed', { where: ({ tunnel }) => tunnel === 'sound' });
      expect(failed.record).toMatchObject({ session: session.id, failure: { code: 'tunnel.denied' } });
      expect(session.state).toBe('running');
      await session.terminate();
    } finally {
      await other.guardian.stop();
      await strict.stop();
    }
  });

  test('the sound server of a test leaves nothing', async () => {
    const other = await startPulse();
    await other.stop();
    expect(isAlive(other.pid)).toBe(false);
    expect(isListening(other.port)).toBe(false);
    expect(existsSync(dirname(other.home))).toBe(false);
  });
});

const pair = (text: string): [string, string][] => {
  const at = text.indexOf('=');
  return at < 1 ? [] : [[text.slice(0, at), text.slice(at + 1)]];
};

/** On the server, which is this machine. */
const runAs = (uid: number, command: readonly string[], env: Record<string, string>): Promise<Ran> => {
  const identity = ['--reuid', String(uid), '--regid', String(uid), '--clear-groups'];
  return run('setpriv', [...identity, ...command], { spawn: { env: { LC_ALL: 'C', ...env } } });
};

/** The tone, a whole second of it, while it is played; silence before and after. */
async function expectTone(listener: Listener, hz: number, play: () => Promise<unknown>): Promise<void> {
  const heard = (samples?: Int16Array) => samples && strongestTone(samples, listeningRate);
  expect(heard(await listener.next(0.5))).toBeUndefined();
  const playing = play();
  const loudest = new Set<number>();
  const hears = eventually(
    () => `a tone of ${hz} Hz, heard were ${[...loudest].join(', ') || 'none'}`,
    () => {
      const tone = heard(listener.last(1));
      if (tone !== undefined) loudest.add(tone);
      return tone !== undefined && Math.abs(tone - hz) <= 2;
    },
    { timeoutMs: soon(15_000), everyMs: 200 },
  );
  await Promise.all([playing, hears]);
  await expect.poll(() => heard(listener.last(1)), { timeout: soon(10_000), interval: 200 }).toBeUndefined();
}
