/** A broker behind SSH, on OpenSSH's own server. */
import { getEventListeners } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { brokerExec } from '../../src/cli/brokerSsh.js';
import { openWorkshop } from '../ssh/support/keys.js';
import { sshdAvailable, startSshd, type TestSshd } from '../ssh/support/sshd.js';
import { holding } from '../support/aftermath.js';
import { startMuteServer } from './support/muteServer.js';

const sockets = () => holding('TCPSocketWrap');

describe.skipIf(!sshdAvailable)('a command on the host of a broker', () => {
  const workshop = openWorkshop();
  const hostKey = workshop.makeKey('ed25519');
  const client = workshop.makeKey('ed25519');
  const knownHosts = workshop.path('known');
  let sshd: TestSshd;
  beforeAll(async () => {
    sshd = await startSshd({ dir: workshop.dir, hostKeys: [hostKey.path], authorized: [client.line] });
    writeFileSync(knownHosts, `[127.0.0.1]:${sshd.port} ${hostKey.line}\n`);
  });
  afterAll(async () => {
    await sshd?.stop();
    workshop.close();
  });
  const execAt = (port: number) => {
    const broker = {
      way: 'ssh' as const,
      host: '127.0.0.1',
      port,
      program: '/broker',
      shown: 'ssh://broker',
    };
    return brokerExec(broker, 'root', { identity: [client.path], knownHosts }, {});
  };

  test('has a connection of its own, of which nothing is left when it has answered', async () => {
    const before = sockets();
    const { signal } = new AbortController();
    const run = await execAt(sshd.port)(['sh', '-c', 'echo "it is $1"; exit 3', '-', 'here'], signal);
    expect(run).toEqual({ code: 3, text: 'it is here\n' });
    expect([sockets(), getEventListeners(signal, 'abort')]).toEqual([before, []]);
  });

  test('that nobody waits for any more leaves no connection to a host that says nothing', async () => {
    await using mute = await startMuteServer();
    const ending = new AbortController();
    const run = execAt(mute.port)(['true'], ending.signal);
    run.catch(() => undefined);
    await expect.poll(() => mute.connections).toBe(1);
    ending.abort(new Error('planted'));
    await expect(run).rejects.toThrow('planted');
    await expect.poll(() => mute.connections).toBe(0);
  });
});
