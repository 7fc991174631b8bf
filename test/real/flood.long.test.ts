import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeReal } from '../support/describeReal.js';
import { soon } from '../support/real/bounds.js';
import { endChild } from '../support/real/child.js';
import { eventually } from '../support/real/eventually.js';
import { fakeListing } from '../support/real/fakeListing.js';
import { processesOf } from '../support/real/processes.js';
import { mustRun } from '../support/real/run.js';
import { startRealServer } from '../support/realServer.js';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The library as node runs it, compiled now: dist may be old. Inside node_modules, where its imports are found. */
async function compiled(): Promise<{ readonly library: string; remove(): void }> {
  mkdirSync(file('node_modules/.cache'), { recursive: true });
  const dir = mkdtempSync(file('node_modules/.cache/flood-'));
  const args = ['-p', file('tsconfig.build.json'), '--outDir', dir, '--declaration', 'false', '--noCheck'];
  await mustRun(process.execPath, [file('node_modules/typescript/bin/tsc'), ...args]);
  return { library: join(dir, 'src/index.js'), remove: () => rmSync(dir, { recursive: true, force: true }) };
}

interface Line {
  readonly event: string;
  readonly tookMs: number;
  readonly rss: number;
  readonly peak: number;
  readonly failure?: { readonly code: string };
}

describeReal('FAULTS 38: a server that answers 60 MB', () => {
  test('is cut at 1 MiB within 2 s, for less than 8 MB of memory, and can be listed again', async () => {
    const listing = fakeListing();
    const server = await startRealServer({ inside: listing.inside });
    const { library, remove } = await compiled();
    const options = {
      profile: { id: 'real', host: server.host, port: server.port, user: server.user },
      keyFile: server.keyFile,
      knownHosts: server.writeKnownHosts(),
    };
    const args = ['--expose-gc', file('test/support/real/measured.mjs'), library, JSON.stringify(options)];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines: Line[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
    const refresh = async (outcome: string) => {
      const before = lines.length;
      child.stdin.write('refresh\n');
      const find = (event: string) => lines.slice(before).find((line) => line.event === event);
      const answer = await eventually(`${outcome} in ${JSON.stringify(lines)}`, () => find(outcome));
      return { answer, asked: find('asked') };
    };
    try {
      await eventually('a connection', () => lines.some(({ event }) => event === 'profile.connected'));
      for (let count = 1; count <= 10; count += 1) await refresh('cache.refreshed');
      listing.become('head -c 60000000 /dev/zero | tr "\\0" x');
      const { answer, asked } = await refresh('cache.failed');
      const growth = (answer.peak - (asked?.rss ?? 0)) / 1_024;
      console.info(`60 MB: cut after ${answer.tookMs} ms, memory grew by ${growth.toFixed(1)} MiB`);
      expect(answer.failure?.code).toBe('command.tooLong');
      expect(answer.tookMs).toBeLessThan(soon(2_000));
      listing.become();
      const healed = await refresh('cache.refreshed');
      // 60 MB would have come by now, had the channel stayed open.
      const later = (Math.max(answer.peak, healed.answer.peak) - (asked?.rss ?? 0)) / 1_024;
      console.info(`60 MB: and by ${later.toFixed(1)} MiB in all`);
      expect(later).toBeLessThan(8);
      const left = () => processesOf(server.uid).filter(({ comm }) => comm !== 'sshd');
      await expect.poll(() => left().map(({ cmdline }) => cmdline), { timeout: 3_000 }).toEqual([]);
      child.stdin.end();
      await once(child, 'exit');
      expect(child.exitCode).toBe(0);
      expect(lines.some(({ event }) => event === 'profile.lost')).toBe(false);
    } finally {
      await endChild(child);
      remove();
      await server.stop();
      listing.remove();
    }
  });
});
