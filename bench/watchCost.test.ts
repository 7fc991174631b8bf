import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { besides, guard, id } from '../test/support/guarded.js';
import { startOtherClient } from '../test/support/otherClient.js';
import { endChild } from '../test/support/real/child.js';
import { eventually } from '../test/support/real/eventually.js';
import { type RealServer, startRealServer } from '../test/support/realServer.js';
import { makeCpuGroup } from './cpuGroup.js';

const minutes = 2;

function startPython(server: RealServer) {
  const folder = besides(server, 'python');
  mkdirSync(folder);
  const script = fileURLToPath(new URL('pythonGuardian.py', import.meta.url));
  const args = [script, server.host, String(server.port), server.user, server.password, folder];
  // Debian's own python, which has the Debian package.
  const child = spawn('/usr/bin/python3', args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, HOME: folder },
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return { child, lines };
}

test('an idle minute with four sessions costs the server at most a tenth of what python-x2go costs', async () => {
  const server = await startRealServer();
  const client = await startOtherClient(server);
  const [ours, theirs] = [makeCpuGroup(), makeCpuGroup()];
  const { guardian, until, of } = guard(server);
  let python: ReturnType<typeof startPython> | undefined;
  try {
    for (let count = 1; count <= 4; count += 1) {
      const session = await client.startSession({ kind: 'application', command: 'xterm' });
      await client.until(session, 'RUNNING');
    }
    // Agents and the other client's lines run already, so they are in no group; what sshd starts now is.
    const sshd = server.sshdPid() ?? 0;
    ours.take(sshd);
    await guardian.start();
    await until('profile.connected');
    theirs.take(sshd);
    python = startPython(server);
    const { child, lines } = python;
    await eventually('python-x2go to connect', () => lines.includes('connected'), { timeoutMs: 40_000 });
    await pause(15_000); // the first listings of both are over
    expect(guardian.sessions(id)?.value.map(({ state }) => state)).toEqual(Array(4).fill('running'));

    const before = [ours.usedMs(), theirs.usedMs()] as const;
    const began = performance.now();
    await pause(minutes * 60_000);
    const our = (ours.usedMs() - before[0]) / minutes;
    const their = (theirs.usedMs() - before[1]) / minutes;

    child.kill('SIGTERM');
    await once(child, 'exit');
    const listings = of('cache.refreshed', began).filter(({ record }) => record.source === 'listing').length;
    console.info(
      `CPU of the server in an idle minute: ours ${our.toFixed(0)} ms (${listings} listings in ${minutes} minutes), ` +
        `python-x2go ${their.toFixed(0)} ms, ratio ${(our / their).toFixed(3)}; python said: ${lines.join(', ')}`,
    );
    expect(lines).toContain('registered 4');
    expect(listings).toBe(minutes);
    expect(our).toBeGreaterThan(0);
    expect(our / their).toBeLessThan(0.1);
  } finally {
    if (python) await endChild(python.child);
    await guardian.stop();
    await client.stop();
    await server.stop();
    ours.remove();
    theirs.remove();
  }
});
