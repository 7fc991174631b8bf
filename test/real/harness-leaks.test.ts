import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeReal } from '../support/describeReal.js';
import { startOtherClient } from '../support/otherClient.js';
import { makeTempDir } from '../support/real/owner.js';
import { isAlive, lookAt } from '../support/real/processes.js';
import { noTraces, tracesOf } from '../support/real/traces.js';
import { createUnixUser } from '../support/real/unixUser.js';
import { startRealServer } from '../support/realServer.js';

describeReal('what a real server leaves behind', () => {
  test('leaves nothing behind: no process, user, file, listener or row', async () => {
    const server = await startRealServer();
    const client = await startOtherClient(server);
    const session = await client.startSession({ kind: 'application', command: 'xterm' });
    await client.until(session, 'RUNNING');
    const before = await tracesOf(server);
    expect(before).toMatchObject({ users: 1, homes: 1, rows: 1, listeners: 1, tempDirs: 1 });
    expect(before.processes).toBeGreaterThan(2);
    expect(before.files).toBeGreaterThan(1);
    await client.stop();
    await server.stop();
    expect(await tracesOf(server)).toEqual(noTraces);
    expect(isAlive(session.agentPid)).toBe(false);
  });

  test('a planted leak is noticed, and ended by stop()', async () => {
    const server = await startRealServer();
    const leak = asUser(server.uid, 'sleep', '1000');
    await expect.poll(() => tracesOf(server)).toMatchObject({ processes: 1 });
    await server.stop();
    expect(await tracesOf(server)).toEqual(noTraces);
    await expect.poll(() => leak.signalCode).toBe('SIGTERM');
  });

  test('what a killed run left is gone after the next start; what a living one uses is not', async () => {
    const living = await startRealServer();
    const owner = await tagOfTheDead();
    const keyFile = join(makeTempDir('server', owner), 'id_ed25519');
    const { name, ...left } = await createUnixUser({ publicKey: 'none', owner });
    const dead = { ...left, user: name, port: 1, keyFile };
    const leak = asUser(dead.uid, 'sleep', '1000');
    await expect.poll(() => tracesOf(dead)).toMatchObject({ users: 1, homes: 1, processes: 1, tempDirs: 1 });
    const next = await startRealServer();
    try {
      expect(await tracesOf(dead)).toEqual(noTraces);
      expect(await tracesOf(living)).toMatchObject({ users: 1, homes: 1, listeners: 1, tempDirs: 1 });
      await expect.poll(() => leak.signalCode).toBe('SIGTERM');
    } finally {
      await Promise.all([living.stop(), next.stop()]);
    }
  });
});

const asUser = (uid: number, ...command: string[]) =>
  spawn('setpriv', ['--reuid', String(uid), '--clear-groups', ...command], { stdio: 'ignore' });

async function tagOfTheDead(): Promise<string> {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  const seen = lookAt(child.pid ?? 0);
  child.kill();
  await once(child, 'exit');
  return `${seen?.pid}-${seen?.startedAt}`;
}
