/** Logins to a real sshd with PAM: passwords that have expired, accounts that are closed, wrong passwords, a forwarded agent. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Credentials } from '../../src/ssh/credentials.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { besides, type Guarded, guard, id } from '../support/guarded.js';
import { eventually } from '../support/real/eventually.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { setStage } from '../support/showing.js';

describeReal('a login where PAM has a say', () => {
  let server: RealServer;
  let guarded: Guarded | undefined;
  beforeAll(async () => {
    const sshdFirst = 'UsePAM yes\nKbdInteractiveAuthentication yes\nLogLevel VERBOSE';
    server = await startRealServer({ sshdFirst });
  });
  afterEach(() => guarded?.guardian.stop());
  afterAll(() => server?.stop());
  const begin = async (credentials: Credentials) => {
    guarded = guard(server, { credentials: { of: () => credentials } });
    await guarded.guardian.start();
    return guarded;
  };
  const ways: readonly [string, () => Credentials][] = [
    ['a key', () => ({ identities: [server.keyFile] })],
    ['keyboard-interactive', () => ({ password: server.password, order: ['keyboard-interactive'] })],
    ['password', () => ({ password: server.password, order: ['password'] })],
  ];

  longTest.each(ways)('by %s lets in', async (_, credentials) => {
    const { guardian } = await begin(credentials());
    await guardian.connect(id);
  });

  const isExpired = async (credentials: Credentials) => {
    execFileSync('chage', ['-d', '0', server.user]);
    try {
      const { until } = await begin(credentials);
      const { record } = await until('profile.failed');
      expect(record.failure).toMatchObject({ code: 'auth.passwordExpired', retryable: false });
    } finally {
      execFileSync('chage', ['-d', '2020-01-01', server.user]);
    }
  };
  test('by a key: a password that has expired is told by name, for good', () =>
    isExpired({ identities: [server.keyFile] }));
  longTest.each(ways)('by %s: a password that has expired is told by name', (_, credentials) =>
    isExpired(credentials()),
  );

  longTest('to an account that is closed says in which login the server hung up', async () => {
    execFileSync('chage', ['-E', '2021-01-01', server.user]);
    try {
      const { until } = await begin({ identities: [server.keyFile] });
      const { record } = await until('profile.lost');
      expect(record.failure.code).toBe('ssh.closed');
      expect(record.failure.message).toMatch(
        /in the middle of a login with key .* \(SHA256:.*\): the account may/,
      );
    } finally {
      execFileSync('chage', ['-E', '-1', server.user]);
    }
  });

  longTest('with a wrong password of eight profiles is tried once', async () => {
    const { host, port, user } = server;
    const log = () =>
      readFileSync(server.sshdLogFile, 'utf8').match(/Failed (password|keyboard)/g)?.length ?? 0;
    const before = log();
    const profiles = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => ({ id: `${id}-${number}`, host, port, user }));
    guarded = guard(server, { profiles, credentials: { of: () => ({ password: 'wrong' }) } });
    const { guardian, of } = guarded;
    await guardian.start();
    await eventually('all to have failed', () => of('profile.failed').length === profiles.length);
    expect(log() - before).toBe(1);
    const codes = of('profile.failed').map(({ record }) => record.failure.code);
    expect(codes.filter((code) => code === 'auth.withheld')).toHaveLength(profiles.length - 1);
  });

  longTest('with a forwarded agent: the command of the session sees its keys', async () => {
    const socket = besides(server, 'agent');
    const agent: ChildProcess = spawn('setpriv', ['--pdeathsig', 'TERM', 'ssh-agent', '-D', '-a', socket], {
      stdio: 'ignore',
    });
    const stage = await setStage(server);
    try {
      await eventually('the agent', () => existsSync(socket));
      const env = { ...process.env, SSH_AUTH_SOCK: socket };
      execFileSync('ssh-add', ['-q', server.keyFile], { env, stdio: 'ignore' });
      const credentials = { identities: [server.keyFile], forwardAgent: socket };
      const shown = stage.guard({ credentials: { of: () => credentials } });
      guarded = shown;
      await shown.guardian.start();
      await shown.until('profile.connected');
      const command = join(server.home, 'look');
      writeFileSync(command, '#!/bin/sh\nssh-add -l >"$HOME/agent-keys" 2>&1\nexec xterm\n', { mode: 0o755 });
      await shown.guardian.startSession(id, { kind: 'application', command, sound: false });
      const list = join(server.home, 'agent-keys');
      await eventually('the list', () => existsSync(list) && readFileSync(list, 'utf8') !== '');
      expect(readFileSync(list, 'utf8')).toContain('x2go-harness');
      await shown.guardian.stop();
    } finally {
      await stage.stop();
      agent.kill();
      await once(agent, 'exit');
    }
  });
});
