import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endChild, hasEnded, spawnTied } from './child.js';
import { eventually } from './eventually.js';
import type { Forward } from './openSsh.js';

export interface OtherProxyOptions {
  readonly dir: string;
  /** Of the X server to paint on. */
  readonly display: string;
  /** The session's display number on the server; it only names nxproxy's folder. */
  readonly sessionDisplay: number;
  readonly cookie: string;
  readonly forward: Forward;
}

export interface OtherProxy {
  readonly pid: number;
  readonly forward: Forward;
  log(): string;
  hasEnded(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** Waits for it to leave by itself, as after a suspend. */
  ended(timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

/** nxproxy as a client runs it: options in a file, since the cookie does not belong into argv. */
export async function startOtherProxy(options: OtherProxyOptions): Promise<OtherProxy> {
  const { sessionDisplay, cookie, forward } = options;
  const root = mkdtempSync(join(options.dir, 'proxy-'));
  const folder = join(root, 'session');
  mkdirSync(folder);
  const file = join(folder, 'options');
  const keys = {
    retry: 5,
    composite: 1,
    root,
    connect: '127.0.0.1',
    clipboard: 1,
    cookie,
    port: forward.port,
  };
  const line = Object.entries(keys).map(([key, value]) => `${key}=${value}`);
  writeFileSync(file, `nx/nx,${line.join(',')},errors=${join(folder, 'errors')}:${sessionDisplay}`, {
    mode: 0o600,
  });
  const child = spawnTied('nxproxy', ['-S', `nx/nx,options=${file}:${sessionDisplay}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: root,
      DISPLAY: options.display,
      NX_ROOT: root,
      NX_CLIENT: '/bin/true',
    },
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const stop = async () => {
    await endChild(child);
    await forward.close();
  };
  try {
    await eventually(
      () => `nxproxy to reach the agent: ${said}`,
      () => said.includes('Established X server connection') || hasEnded(child),
      { timeoutMs: 30_000 },
    );
    if (hasEnded(child) || child.pid === undefined) throw new Error(`nxproxy ended at once: ${said}`);
  } catch (cause) {
    await stop();
    throw cause;
  }
  return {
    pid: child.pid,
    forward,
    log: () => said,
    hasEnded: () => hasEnded(child),
    kill: (signal) => {
      child.kill(signal);
    },
    ended: async (timeoutMs = 20_000) => {
      await eventually('nxproxy to leave', () => hasEnded(child), { timeoutMs });
      await forward.close();
    },
    stop,
  };
}
