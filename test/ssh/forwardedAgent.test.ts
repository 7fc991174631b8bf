/** A key agent that is forwarded: the session's programs use it, no hop and no other program does, and it goes with the line. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { monotonicClock } from '../../src/clock.js';
import type { Connection } from '../../src/ssh/connection.js';
import type { Credentials } from '../../src/ssh/credentials.js';
import { runScript } from '../../src/ssh/exec.js';
import { ForwardedAgent } from '../../src/ssh/forwardedAgent.js';
import { RefusedSecrets } from '../../src/ssh/refusedSecrets.js';
import { Way } from '../../src/ssh/way.js';
import { openWorkshop } from './support/keys.js';
import { sshdAvailable, startSshd, type TestSshd } from './support/sshd.js';

describe.skipIf(!sshdAvailable)('an agent that is forwarded', () => {
  const workshop = openWorkshop();
  const hostKey = workshop.makeKey('ed25519');
  const client = workshop.makeKey('ed25519');
  const held = workshop.makeKey('ed25519');
  const socket = workshop.path('agent');
  const knownHosts = workshop.path('known');
  let agent: ChildProcess;
  let sshd: TestSshd;
  let strict: TestSshd;
  beforeAll(async () => {
    const start = (...settings: string[]) =>
      startSshd({ dir: workshop.dir, hostKeys: [hostKey.path], authorized: [client.line], settings });
    [sshd, strict] = [await start(), await start('AllowAgentForwarding no')];
    const lines = [sshd, strict].map(({ port }) => `[127.0.0.1]:${port} ${hostKey.line}\n`);
    writeFileSync(knownHosts, lines.join(''));
    agent = spawn('setpriv', ['--pdeathsig', 'TERM', 'ssh-agent', '-D', '-a', socket], { stdio: 'ignore' });
    await vi.waitUntil(() => existsSync(socket));
    execFileSync('ssh-add', ['-q', held.path], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: 'ignore',
    });
  });
  afterAll(async () => {
    await Promise.all([sshd?.stop(), strict?.stop()]);
    agent.kill();
    await once(agent, 'exit');
    workshop.close();
  });

  /** A line with these credentials; `via` leads over the same server once more. */
  async function connect({ port }: TestSshd, credentials: Credentials, via: TestSshd[] = []) {
    const way = await new Promise<{ way: Way; line: Connection }>((resolve, reject) => {
      const place = { host: '127.0.0.1', user: 'root' };
      const world = {
        clock: monotonicClock,
        answers: new Map(),
        refusals: new RefusedSecrets(),
        credentialsOf: async () => ({ identities: [client.path], ...credentials }),
        hostKeysOf: () => ({ mode: 'strict' as const, files: [knownHosts] }),
      };
      const hops = via.map((hop) => ({ ...place, port: hop.port }));
      const made: Way = new Way(
        world,
        { id: 'x', ...place, port, via: hops },
        {
          ready: (line) => resolve({ way: made, line }),
          lost: reject,
        },
      );
      made.open();
    });
    return {
      say: async (command: string) => {
        const script = {
          name: 'x',
          marker: 'm4rk',
          text: `${command}\nprintf '\\nm4rk end 0\\n'; exit\n`,
          deadlineMs: 10_000,
        };
        return (await runScript(way.line, monotonicClock, script, new AbortController().signal)).text;
      },
      close: () => way.way.close(new AbortController().signal),
    };
  }

  test('is used by what runs there, over several channels, and hears no more when the line is closed', async () => {
    const line = await connect(sshd, { forwardAgent: socket });
    const both = await Promise.all([line.say('ssh-add -l'), line.say('ssh-add -l; echo $SSH_AUTH_SOCK')]);
    for (const text of both) expect(text).toContain(held.fingerprint);
    const there = /^\/tmp\/\S+$/m.exec(both[1] ?? '')?.[0] ?? expect.fail('no socket there');
    await line.close();
    await vi.waitUntil(() => !existsSync(there));
  });

  test('is not there without being asked for, also where it is what let us in', async () => {
    const line = await connect(sshd, { agent: socket });
    expect(await line.say('echo "sock=$SSH_AUTH_SOCK."; ssh-add -l')).toContain('sock=.');
    await line.close();
  });

  test('is for the last host alone: a hop never gets it', async () => {
    const line = await connect(sshd, { forwardAgent: socket }, [strict]);
    expect(await line.say('ssh-add -l')).toContain(held.fingerprint);
    expect(strict.log()).not.toContain('auth-agent-req');
    await line.close();
  });

  test('that the server refuses is told, once, and everything else goes on', async () => {
    const told: string[] = [];
    const line = await connect(strict, { forwardAgent: socket, agentRefused: (text) => told.push(text) });
    expect(await line.say('echo "one=$SSH_AUTH_SOCK."')).toContain('one=.');
    expect(await line.say('echo two')).toContain('two');
    expect(told).toEqual([expect.stringMatching(/does not let its programs use our key agent/)]);
    await line.close();
  });

  test.each(['is not there', 'hangs up in the middle'])(
    'that %s ends what asks for it, and nothing else',
    async (how) => {
      const folder = mkdtempSync(`${workshop.dir}/`);
      const path = how === 'is not there' ? '/nowhere' : `${folder}/s`;
      const rude = createServer((one) => {
        one.on('error', () => undefined).once('data', () => one.destroy());
      });
      if (how !== 'is not there') await once(rude.listen(path), 'listening');
      const line = await connect(sshd, { forwardAgent: path });
      expect(await line.say('ssh-add -l 2>&1; echo "left with $?"')).toMatch(/left with [12]/);
      expect(await line.say('echo still here')).toContain('still here');
      await line.close();
      rude.close();
      rmSync(folder, { recursive: true });
    },
  );

  test('hangs up on the agent when its line is gone', async () => {
    const path = workshop.path('listening');
    const listening = createServer().listen(path);
    await once(listening, 'listening');
    const met = once(listening, 'connection');
    const forwarded = new ForwardedAgent(path);
    forwarded.getStream(() => undefined);
    const [line] = await met;
    const gone = once(line.resume(), 'close');
    forwarded.close();
    await gone;
    await new Promise((resolve) => listening.close(resolve));
  });
});

test('what it was reported as it stays, whatever becomes of its socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-'));
  const path = join(folder, 'socket');
  const server = createServer((socket) => socket.resume()).listen(path);
  await once(server, 'listening');
  const reported: unknown[] = [];
  const agent = new ForwardedAgent(path);
  agent.getStream((cause, stream) => void reported.push(cause ?? stream));
  await vi.waitUntil(() => reported.length === 1);
  const [stream] = reported as [Socket];
  stream.destroy(new Error('planted'));
  await vi.waitUntil(() => stream.closed);
  expect(reported).toEqual([stream]);
  server.close();
  new ForwardedAgent(path).getStream((cause) => void reported.push(cause?.message));
  await vi.waitUntil(() => reported.length === 2);
  expect(reported[1]).toMatch(/ENOENT/);
  rmSync(folder, { recursive: true });
});
