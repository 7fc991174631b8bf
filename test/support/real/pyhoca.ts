import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { RealServer } from '../realServer.js';
import { endChild, hasEnded, spawnTied } from './child.js';
import { eventually } from './eventually.js';
import { findProcesses, type SeenProcess } from './processes.js';

/** pyhoca-cli in a home of its own, which knows the server's host key. */
export interface Pyhoca {
  log(): string;
  /** The nxproxies that paint for this home. */
  proxies(): SeenProcess[];
  /** Waits for its end: its exit code. */
  ended(timeoutMs?: number): Promise<number | null>;
  stop(): Promise<void>;
}

/** `action`: `-R SESSION`, `-S SESSION`, `-T SESSION`, `-N` with what belongs to it. */
export function startPyhoca(server: RealServer, display: string, action: readonly string[]): Pyhoca {
  const home = mkdtempSync(join(server.keyFile, '../pyhoca-'));
  mkdirSync(join(home, '.ssh'), { mode: 0o700 });
  server.writeKnownHosts(join(home, '.ssh/known_hosts'));
  const where = ['--server', server.host, '-p', String(server.port), '-u', server.user];
  // It does not take an ed25519 key from a file. The password is this test's own and dies with its user.
  const access = ['--password', server.password, '--force-password'];
  const child: ChildProcess = spawnTied('pyhoca-cli', [...where, ...access, '--sound', 'none', ...action], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: home, DISPLAY: display, LC_ALL: 'C.UTF-8' },
  });
  let said = '';
  const hear = (chunk: Buffer) => {
    said += chunk.toString();
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  return {
    log: () => said,
    // Its helper has the same command line.
    proxies: () => {
      const all = findProcesses(({ comm, cmdline }) => comm === 'nxproxy' && cmdline.includes(`${home}/`));
      return all.filter(({ ppid }) => !all.some(({ pid }) => pid === ppid));
    },
    ended: async (timeoutMs = 40_000) => {
      await eventually(
        () => `pyhoca-cli to end: ${said}`,
        () => hasEnded(child),
        { timeoutMs },
      );
      return child.exitCode;
    },
    stop: () => endChild(child),
  };
}
