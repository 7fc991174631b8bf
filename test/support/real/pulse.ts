import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endChild, hasEnded, spawnTied } from './child.js';
import { eventually } from './eventually.js';
import { makeTempDir } from './owner.js';
import { run } from './run.js';
import { findFreePort } from './sshd.js';

/** Samples a second, one channel: enough for tones below 4 kHz. */
export const listeningRate = 8_000;

export interface Pulse {
  readonly pid: number;
  /** Of the user whose sound server it is. */
  readonly home: string;
  readonly runtimeFolder: string;
  /** Where it listens; there it knows its own user by the uid. */
  readonly socket: string;
  /** Where it listens too, on 127.0.0.1; there it asks for the cookie. */
  readonly port: number;
  readonly cookie: Buffer;
  /** Hears what is played, from now on. */
  listen(): Promise<Listener>;
  stop(): Promise<void>;
}

export interface Listener {
  /** The last `seconds` that were heard; undefined while it was not that long. */
  last(seconds: number): Int16Array | undefined;
  /** Waits until so much more was heard, and gives that. */
  next(seconds: number): Promise<Int16Array>;
  stop(): Promise<void>;
}

/** A sound server of our own without a sound card: what it plays goes to a null sink. */
export async function startPulse(): Promise<Pulse> {
  const dir = makeTempDir('sound');
  const home = join(dir, 'home');
  const runtimeFolder = join(dir, 'run');
  const cookieFile = join(home, '.config/pulse/cookie');
  const socket = join(runtimeFolder, 'pulse/native');
  for (const path of [join(home, '.config/pulse'), join(runtimeFolder, 'pulse')])
    mkdirSync(path, { recursive: true, mode: 0o700 });
  const cookie = randomBytes(256);
  writeFileSync(cookieFile, cookie, { mode: 0o600 });
  const port = await findFreePort();
  // Nothing of this machine's own sound, nor of its D-Bus, which would hand us another server.
  const env = {
    PATH: process.env.PATH ?? '',
    LC_ALL: 'C',
    HOME: home,
    XDG_RUNTIME_DIR: runtimeFolder,
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent',
    DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent',
  };
  const modules = [
    'module-null-sink sink_name=heard',
    `module-native-protocol-unix socket=${socket} auth-cookie=${cookieFile}`,
    `module-native-protocol-tcp listen=127.0.0.1 port=${port} auth-cookie=${cookieFile}`,
  ];
  // `-n`: nothing of default.pa. Shared memory would stay in /dev/shm after a SIGKILL.
  const flags =
    '-n --daemonize=no --use-pid-file=no --exit-idle-time=-1 --realtime=no --high-priority=no --disable-shm=yes --log-target=stderr';
  const args = [...flags.split(' '), ...modules.flatMap((line) => ['-L', line])];
  const child = spawnTied('pulseaudio', args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const stop = async () => {
    await endChild(child);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await eventually(
      () => `the sound server to answer: ${said}`,
      async () => hasEnded(child) || (await run('pactl', ['info'], { spawn: { env } })).code === 0,
    );
    if (hasEnded(child) || child.pid === undefined) throw new Error(`pulseaudio ended at once: ${said}`);
  } catch (cause) {
    await stop();
    throw cause;
  }
  return {
    pid: child.pid,
    home,
    runtimeFolder,
    socket,
    port,
    cookie,
    listen: () => listen(env),
    stop,
  };
}

/** The monitor of a null sink runs all the time: silence is zeros that come in. */
async function listen(env: Record<string, string>): Promise<Listener> {
  const format = `--raw --format=s16le --channels=1 --rate=${listeningRate} --latency-msec=50`;
  const child = spawnTied('parec', ['--device=heard.monitor', ...format.split(' ')], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let heard = Buffer.alloc(0);
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const between = (from: number, to: number) =>
    Int16Array.from({ length: to - from }, (_, n) => heard.readInt16LE(2 * (from + n)));
  const length = () => heard.length >> 1;
  const listener: Listener = {
    last: (seconds) => {
      const wanted = seconds * listeningRate;
      return length() < wanted ? undefined : between(length() - wanted, length());
    },
    next: async (seconds) => {
      const from = length();
      const to = from + seconds * listeningRate;
      await eventually(
        () => `${seconds} s of sound to be heard: ${length() - from} samples came. ${said}`,
        () => length() >= to,
        { timeoutMs: 30_000 },
      );
      return between(from, to);
    },
    stop: () => endChild(child),
  };
  await listener.next(0.2);
  return listener;
}
