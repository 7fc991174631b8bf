import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { prepareAuthentication } from '../../src/ssh/authentication.js';
import { strictVerifier } from '../../src/ssh/hostVerifier.js';
import { KeyAgent } from '../../src/ssh/keyAgent.js';
import { openWorkshop } from './support/keys.js';
import { dial, logIn } from './support/login.js';
import { startServer } from './support/server.js';
import { sshdAvailable, startSshd, type TestSshd } from './support/sshd.js';

describe.skipIf(!sshdAvailable)('against sshd', () => {
  const workshop = openWorkshop();
  const [ed25519, ecdsa, rsa, locked, stranger] = [
    workshop.makeKey('ed25519'),
    workshop.makeKey('ecdsa'),
    workshop.makeKey('rsa'),
    workshop.makeKey('ed25519', 'sesame'),
    workshop.makeKey('ecdsa'),
  ];
  const start = (...settings: string[]) =>
    startSshd({
      dir: workshop.dir,
      hostKeys: [ed25519.path],
      authorized: [ed25519.line, ecdsa.line, rsa.line, locked.line],
      settings,
    });
  const withSshd = async (settings: string[], use: (sshd: TestSshd) => Promise<void>) => {
    const sshd = await start(...settings);
    try {
      await use(sshd);
    } finally {
      await sshd.stop();
    }
  };
  let sshd: TestSshd;
  beforeAll(async () => {
    sshd = await start();
  });
  afterAll(async () => {
    await sshd?.stop();
    workshop.close();
  });

  test.each([
    ['ed25519', { identities: [ed25519.path] }],
    ['ecdsa', { identities: [ecdsa.path] }],
    ['rsa', { identities: [rsa.path] }],
    ['an encrypted one', { identities: [locked.path], passphrase: 'sesame' }],
    ['one by contents', { privateKey: ed25519.pem }],
    ['a default one', { defaultIdentities: ['/nowhere', stranger.path, rsa.path] }],
  ])('a key lets root in: %s', async (_, credentials) => {
    expect((await logIn(sshd.port, credentials)).error).toBe(undefined);
  });

  test.each(['rsa-sha2-256', 'rsa-sha2-512'])('RSA where only %s is taken', async (algorithm) => {
    await withSshd([`PubkeyAcceptedAlgorithms ${algorithm}`], async ({ port }) => {
      expect((await logIn(port, { identities: [rsa.path] })).error).toBe(undefined);
    });
  });

  test('RSA where only SHA-1 is taken: refused', async () => {
    await withSshd(['PubkeyAcceptedAlgorithms ssh-rsa'], async ({ port, log }) => {
      const { error } = await logIn(port, { identities: [rsa.path] });
      expect(error?.code).toBe('auth.refused');
      expect(log()).not.toMatch(/pkalg ssh-rsa|algorithm ssh-rsa/);
    });
  });

  test('two keys, when the server wants two', async () => {
    await withSshd(['AuthenticationMethods publickey,publickey'], async ({ port }) => {
      expect((await logIn(port, { identities: [ed25519.path, ecdsa.path] })).error).toBe(undefined);
      const { error } = await logIn(port, { identities: [ed25519.path] });
      expect(error?.message).toContain(
        `accepted key ${ed25519.path} (${ed25519.fingerprint}) and wants more`,
      );
    });
  });

  test('too many keys: the message names those that were tried, and what the server said', async () => {
    await withSshd(['MaxAuthTries 2'], async ({ port }) => {
      const { error } = await logIn(port, {
        identities: [stranger.path, rsa.path, locked.path],
        passphrase: 'sesame',
      });
      expect(error).toBe(undefined);
      const many = [1, 2, 3].map(() => workshop.makeKey('ecdsa').path);
      const refused = await logIn(port, { identities: many });
      expect(refused.error?.message).toContain('Too many authentication failures');
      expect(refused.error?.message).toContain(`key ${many[1]}`);
    });
  });

  test('a certificate that lies beside a refused key is named', async () => {
    const key = workshop.makeKey('ed25519');
    const sign = ['-q', '-s', ecdsa.path, '-I', 'root', '-n', 'root', `${key.path}.pub`];
    execFileSync('ssh-keygen', sign, { stdio: 'ignore' });
    const { error } = await logIn(sshd.port, { identities: [key.path] });
    expect(error?.message).toContain(`the certificate ${key.path}-cert.pub is not used`);
  });

  describe('with a key agent', () => {
    const socket = workshop.path('agent');
    let agent: ChildProcess;
    const add = (...args: string[]) =>
      execFileSync('ssh-add', ['-q', ...args], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
        stdio: 'ignore',
      });
    beforeAll(async () => {
      agent = spawn('setpriv', ['--pdeathsig', 'TERM', 'ssh-agent', '-D', '-a', socket], { stdio: 'ignore' });
      await vi.waitUntil(() => existsSync(socket));
    });
    afterAll(async () => {
      agent.kill();
      await once(agent, 'exit');
    });

    test.each([
      ['ed25519', ed25519],
      ['ecdsa', ecdsa],
      ['rsa', rsa],
    ])('%s', async (_, key) => {
      add('-D');
      add(stranger.path, key.path);
      expect((await logIn(sshd.port, { agent: socket })).error).toBe(undefined);
    });

    test('RSA signs with SHA-2 here too', async () => {
      add('-D');
      add(rsa.path);
      await withSshd(['PubkeyAcceptedAlgorithms rsa-sha2-256'], async ({ port }) => {
        expect((await logIn(port, { agent: socket })).error).toBe(undefined);
      });
      const verified: boolean[] = [];
      const server = await startServer(
        [ed25519.pem],
        (context) => {
          if (context.method !== 'publickey') return context.reject(['publickey']);
          const { key, blob, signature, hashAlgo } = context;
          const parsed = ssh2.utils.parseKey(key.data);
          if (signature && blob && !(parsed instanceof Error)) {
            verified.push(parsed.verify(blob, signature, hashAlgo));
          }
          context.accept();
        },
        { withoutExtInfo: true },
      );
      expect((await logIn(server.port, { agent: socket })).error).toBe(undefined);
      expect(server.seen).toEqual(['publickey ssh-rsa sha256', 'publickey ssh-rsa sha256 signed']);
      expect(verified).toEqual([true]);
      await server.close();
    });

    test('a key that is in a file and in the agent is offered once', async () => {
      add('-D');
      add(stranger.path, ecdsa.path);
      await withSshd([], async ({ port, log }) => {
        const { attempts } = await logIn(port, { agent: socket, identities: [stranger.path] });
        expect(attempts).toEqual([`key ${stranger.path} (${stranger.fingerprint})`]);
        expect(
          log().match(/userauth-request for user root service ssh-connection method publickey/g),
        ).toHaveLength(3);
      });
    });

    test('for a locked key that the agent holds nobody is asked', async () => {
      add('-D');
      const asked: string[] = [];
      const ask = async ({ title }: { title: string }) => {
        asked.push(title);
        return ['sesame'];
      };
      const credentials = { agent: socket, identities: [locked.path], ask };
      expect((await logIn(sshd.port, credentials)).error).toBe(undefined);
      expect(asked).toEqual([`Passphrase for ${locked.path}`]);

      const opened = workshop.path('opened');
      copyFileSync(locked.path, opened);
      execFileSync('ssh-keygen', ['-q', '-p', '-P', 'sesame', '-N', '', '-f', opened]);
      add(opened);
      expect((await logIn(sshd.port, credentials)).error).toBe(undefined);
      expect((await logIn(sshd.port, { agent: socket, identities: [locked.path] })).error).toBe(undefined);
      expect(asked).toHaveLength(1);
      // Where the agent is not to be used it holds nothing.
      await logIn(sshd.port, { ...credentials, order: ['publickey'] });
      expect(asked).toHaveLength(2);
      await logIn(sshd.port, { ...credentials, agentKeys: [ed25519.path] });
      expect(asked).toHaveLength(3);
    });

    test('order agent alone offers what is in a file too', async () => {
      add('-D');
      add(ecdsa.path);
      const credentials = { agent: socket, identities: [ecdsa.path], order: ['agent' as const] };
      expect((await logIn(sshd.port, credentials)).error).toBe(undefined);
    });

    test('after the agent, the list of methods is asked for again: ssh2 lost the one that came', async () => {
      add('-D');
      add(ed25519.path);
      await withSshd(
        ['AuthenticationMethods publickey,password', 'PasswordAuthentication yes'],
        async ({ port, log }) => {
          const credentials = { identities: [stranger.path], agent: socket, password: 'surely wrong' };
          const { error } = await logIn(port, credentials);
          expect(error?.message).toContain('password');
          expect(log()).toMatch(/Failed password for root/);
        },
      );
    });

    test('a key the agent will not sign with is left behind, the next one is tried', async () => {
      add('-D');
      add('-c', ed25519.path); // wants a confirmation, and nobody is there to give it
      add(ecdsa.path);
      expect((await logIn(sshd.port, { agent: socket })).error).toBe(undefined);
      add('-D');
      add('-c', ed25519.path);
      const { error } = await logIn(sshd.port, { agent: socket });
      expect(error?.message).toContain('did not sign with');
    });

    test('a certificate of the agent is named where no plain key is let in: ssh2 cannot sign with it', async () => {
      add('-D');
      const [authority, signed] = [workshop.makeKey('ed25519'), workshop.makeKey('ed25519')];
      execFileSync('ssh-keygen', [
        '-q',
        '-s',
        authority.path,
        '-I',
        'alice',
        '-n',
        'root',
        `${signed.path}.pub`,
      ]);
      add(signed.path);
      const trusted = `${authority.path}.pub`;
      await withSshd([`TrustedUserCAKeys ${trusted}`], async ({ port }) => {
        const { error, attempts } = await logIn(port, { agent: socket });
        expect(error?.code).toBe('auth.refused');
        expect(attempts).toEqual([`key agent (${signed.fingerprint})`]);
        expect(error?.message).toMatch(
          /the certificate \S* ?SHA256:\S+ of the key agent is not used: ssh-ed25519-cert-v01@openssh\.com is not supported/,
        );
      });
    });

    test('an empty agent is nothing tried', async () => {
      add('-D');
      const { error, attempts } = await logIn(sshd.port, { agent: socket });
      expect(attempts).toEqual([]);
      expect(error?.code).toBe('auth.noMethod');
    });
  });

  test('an agent that is not there does not stop the rest', async () => {
    const { error } = await logIn(sshd.port, {
      agent: '/nowhere',
      order: ['agent', 'publickey'],
      identities: [rsa.path],
    });
    expect(error).toBe(undefined);
    const alone = await logIn(sshd.port, { agent: '/nowhere' });
    expect(alone.error?.message).toContain('the key agent at /nowhere is of no use: it cannot be reached');
  });

  describe('an agent that does not answer', () => {
    const path = workshop.path('silent');
    const keyOf = (pem: string) => ssh2.utils.parseKey(pem) as ssh2.ParsedKey;
    const sockets: Socket[] = [];
    let silent: Server;
    beforeAll(async () => {
      silent = createServer((socket) => sockets.push(socket.on('error', () => undefined).resume())).listen(
        path,
      );
      await once(silent, 'listening');
    });
    afterAll(() => {
      silent.close();
    });

    test('is passed over after five seconds, and hung up on', async () => {
      const order = ['agent', 'publickey'] as const;
      expect((await logIn(sshd.port, { agent: path, order, identities: [rsa.path] })).error).toBe(undefined);
    });

    test('is hung up on at once, not only when the connection is up', async () => {
      sockets.length = 0;
      const agent = new KeyAgent(path, [], () => undefined);
      const keys = await new Promise((resolve) => agent.getIdentities((_, listed) => resolve(listed)));
      expect(keys).toEqual([]);
      await expect.poll(() => sockets.map((socket) => socket.destroyed)).toEqual([true]);
    });

    test.each([
      ['listing', (agent: KeyAgent) => agent.getIdentities(() => undefined)],
      ['signing', (agent: KeyAgent) => agent.sign(keyOf(rsa.pem), Buffer.from('data'), () => undefined)],
    ])('is hung up on by close() while it is busy with %s', async (_, begin) => {
      sockets.length = 0;
      const agent = new KeyAgent(path, [], () => undefined);
      begin(agent);
      await expect.poll(() => sockets.length).toBe(1);
      agent.close();
      await expect.poll(() => sockets.map((socket) => socket.destroyed)).toEqual([true]);
    });

    test('is hung up on with the authentication that asks it, long before its deadline', async () => {
      sockets.length = 0;
      const { handler, close } = await prepareAuthentication('root', { agent: path });
      const accepts = strictVerifier(() => true);
      const refused = dial(sshd.port, { authHandler: handler, hostVerifier: accepts }).catch(() => 'refused');
      await expect.poll(() => sockets.length).toBe(1);
      close();
      await expect.poll(() => sockets.map((socket) => socket.destroyed), { timeout: 2_000 }).toEqual([true]);
      expect(await refused).toBe('refused');
    });
  });
});
