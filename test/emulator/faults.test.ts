import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Client } from 'ssh2';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newKeyPair } from '../../src/emulator/identity.js';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { isComplete } from '../../src/protocol/framing.js';
import { watchScript } from '../../src/protocol/stateWatch.js';
import { surveyScript } from '../../src/protocol/survey.js';
import { connect, exec, fullSurvey, newMarker, ran, survey } from './support/client.js';

let emulator: Emulator;
const clients: Client[] = [];
const join = async (...args: [Parameters<typeof connect>[1]?]) => {
  const client = await connect(emulator, ...args);
  clients.push(client);
  return client;
};
beforeEach(async () => {
  emulator = await startEmulator();
});
afterEach(async () => {
  await emulator.stop();
  for (const client of clients.splice(0)) client.end();
});

/** Everything a raw connection gets, to its end. */
async function raw(send = ''): Promise<{ socket: Socket; text: () => string; bytes: () => number }> {
  const socket = connectTcp(emulator.port, emulator.host);
  const chunks: Buffer[] = [];
  let bytes = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    if (bytes < 1_000_000) chunks.push(chunk);
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(send);
  return { socket, text: () => Buffer.concat(chunks).toString('latin1'), bytes: () => bytes };
}

const failure = (client: Client) => once(client, 'error').then(([cause]) => cause as NodeJS.ErrnoException);

describe('the line', () => {
  test('refuse() cuts what is open and refuses what comes; heal() listens on the same port again', async () => {
    const client = await join();
    const closed = once(client, 'close');
    await emulator.faults.refuse();
    await closed;
    expect(emulator.connections).toBe(0);
    await expect(join()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await emulator.faults.heal();
    await join();
    expect(emulator.connections).toBe(1);
  });

  test('close() ends connections with FIN, reset() with RST', async () => {
    const one = await raw();
    await expect.poll(one.text).toContain('SSH-2.0');
    const ended = Promise.race([once(one.socket, 'end').then(() => 'end'), once(one.socket, 'close')]);
    await emulator.faults.close();
    expect(await ended).toBe('end');
    const other = await raw();
    await expect.poll(other.text).toContain('SSH-2.0');
    const cause = once(other.socket, 'error').then(([error]) => (error as NodeJS.ErrnoException).code);
    await emulator.faults.reset();
    expect(await cause).toBe('ECONNRESET');
    expect(emulator.connections).toBe(0);
    await join();
  });

  test.each([0, 1, 7, 21, 40, 500])('dropAfter(%i) cuts after exactly so many bytes, once', async (bytes) => {
    emulator.faults.dropAfter(bytes);
    const line = await raw('SSH-2.0-test\r\n');
    await once(line.socket, 'close');
    expect(line.bytes()).toBe(bytes);
    await join();
  });

  test('dropAfter() in the middle of an answer', async () => {
    const client = await join();
    emulator.faults.dropAfter(3_000);
    emulator.faults.garbage('x2golistsessions', 'x'.repeat(100_000));
    const talk = await ran(client, 'x2golistsessions');
    expect(talk.code).toBeUndefined();
    expect(talk.bytes).toBeLessThan(3_000);
  });

  test('a silent line answers nothing, keepalives neither, until it is healed: then nothing is missing', async () => {
    const client = await join();
    const shell = await exec(client);
    emulator.faults.silence();
    shell.channel.write(surveyScript(fullSurvey(), 10));
    const asked = ran(client, 'x2gofeaturelist');
    const late = await raw('SSH-2.0-test\r\n');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(late.bytes()).toBe(0);
    expect(emulator.commandsServed).toEqual([]);
    expect(emulator.connections).toBe(2);
    await emulator.faults.heal();
    expect((await asked).out).toContain('X2GO_PRINTING');
    await expect.poll(late.text).toMatch(/^SSH-2.0-/);
    late.socket.destroy();
  });

  test('a silent line is noticed by a client with keepalives', async () => {
    const client = await join({ keepaliveInterval: 20, keepaliveCountMax: 2 });
    emulator.faults.silence();
    expect(await failure(client)).toMatchObject({ level: 'client-timeout' });
  });

  test('an answer held up by silence arrives after healing', async () => {
    const client = await join();
    emulator.faults.slow('x2golistsessions', 300);
    const asked = ran(client, 'x2golistsessions');
    await expect.poll(() => emulator.pendingTimers, { interval: 5 }).toBe(1);
    emulator.sessions.start();
    emulator.faults.silence();
    await expect.poll(() => emulator.pendingTimers).toBe(0);
    let answered = false;
    void asked.then(() => {
      answered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toBe(false);
    await emulator.faults.heal();
    expect((await asked).out).toContain(emulator.sessions.list()[0]?.session);
  });
});

describe('the banner', () => {
  test('throttle() is OpenSSH at its MaxStartups', async () => {
    emulator.faults.throttle();
    const line = await raw();
    await once(line.socket, 'close');
    expect(line.text()).toBe('Exceeded MaxStartups\r\n');
    await emulator.faults.heal();
    await join();
  });

  test('floodBanner() sends so many bytes and no newline', async () => {
    emulator.faults.floodBanner(3_000_000);
    const line = await raw();
    await expect.poll(line.bytes).toBe(3_000_000);
    expect(line.text()).not.toContain('\n');
    line.socket.destroy();
    await expect.poll(() => emulator.connections).toBe(0);
  });

  test('garbleBanner() is no SSH server', async () => {
    emulator.faults.garbleBanner();
    const line = await raw();
    await expect.poll(line.text).toContain('HTTP/1.1 400');
    line.socket.destroy();
  });
});

describe('a command', () => {
  test('hang() never answers, the sections before it do; stdin still ends it', async () => {
    const client = await join();
    emulator.faults.hang('x2golistsessions');
    const request = fullSurvey();
    const talk = await exec(client);
    talk.channel.write(surveyScript(request, 10));
    await talk.until((out) => out.includes(' home 0\n'));
    await ran(client, 'x2gofeaturelist');
    expect(talk.out).not.toContain(' sessions ');
    talk.channel.end();
    await talk.closed;
    expect(talk.out).toMatch(/ end 143\n$/);
    const plain = await exec(client, 'x2golistsessions');
    await expect.poll(() => emulator.channels).toBe(1);
    plain.channel.close();
    await expect.poll(() => emulator.channels).toBe(0);
  });

  test('slow() answers later', async () => {
    const client = await join();
    emulator.faults.slow('x2gofeaturelist', 150);
    const before = performance.now();
    expect((await survey(client)).get('features')?.code).toBe(0);
    expect(performance.now() - before).toBeGreaterThan(145);
  });

  test('fail() exits with a code and a word on stderr', async () => {
    const client = await join();
    emulator.faults.fail('x2golistsessions', 9, 'LIMIT\n');
    const talk = await ran(client, 'x2golistsessions');
    expect([talk.code, talk.out, talk.err]).toEqual([9, '', 'LIMIT\n']);
    const sections = await survey(client);
    expect(sections.get('sessions')).toMatchObject({ code: 9, body: '' });
    expect(sections.get('shadows')).toMatchObject({ code: 0 });
  });

  test('garbage() prints rows that are none', async () => {
    const client = await join();
    emulator.faults.garbage('x2golistsessions');
    const talk = await ran(client, 'x2golistsessions');
    expect(talk.code).toBe(0);
    expect(talk.out).toContain('\u001b[2J');
    expect(talk.out).toContain('\ufffd');
    expect(talk.bytes).toBeGreaterThan(5_000);
    await emulator.faults.heal();
    expect((await ran(client, 'x2golistsessions')).out).toBe('');
  });

  test('flood() sends so many bytes, no faster than they are read', async () => {
    const client = await join();
    emulator.faults.flood('x2golistsessions', 20_000_000);
    const before = process.memoryUsage().rss;
    const talk = await exec(client, 'x2golistsessions');
    talk.channel.pause();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000);
    expect(emulator.channels).toBe(1);
    talk.channel.resume();
    await talk.closed;
    expect([talk.bytes, talk.code]).toEqual([20_000_000, 0]);
  });

  test('a flood ends when its channel is closed', async () => {
    const client = await join();
    emulator.faults.flood('x2golistsessions');
    const talk = await exec(client);
    talk.channel.write(surveyScript(fullSurvey(), 10));
    await expect.poll(() => talk.bytes).toBeGreaterThan(1_000_000);
    talk.channel.close();
    await talk.closed;
    await expect.poll(() => emulator.channels).toBe(0);
    expect(talk.bytes).toBeLessThan(59_000_000);
    expect((await ran(client, 'x2gofeaturelist')).code).toBe(0);
  });

  test('a watch goes wrong at its start, or later', async () => {
    const client = await join();
    const marker = newMarker();
    const talk = await exec(client);
    talk.channel.write(watchScript({ verb: 'watch', marker }));
    await talk.until((out) => out.includes(' begin 0\n'));
    emulator.faults.garbage('watch', 'q\n');
    talk.channel.write('1\n');
    await talk.until((out) => out.endsWith('q\n'));
    emulator.faults.hang('watch');
    talk.channel.write('2\n');
    await ran(client, 'x2gofeaturelist');
    expect(talk.out).not.toContain('t 2');
    emulator.faults.fail('watch', 3);
    const other = await exec(client);
    other.channel.write(watchScript({ verb: 'watch', marker }));
    await other.closed;
    expect([other.code, other.out]).toEqual([3, '']);
  });
});

describe('the shell', () => {
  test.each(['hello\n', 'no newline'])(
    'noisyShell(%j) comes before everything and harms nothing',
    async (noise) => {
      const client = await join();
      emulator.faults.noisyShell(noise);
      expect((await ran(client, 'x2goversion')).out).toMatch(new RegExp(`^${noise}x2goserver: `));
      expect((await survey(client)).get('home')?.body).toBe('/home/alice');
    },
  );

  test('noLogin() says so and exits with 1', async () => {
    const client = await join();
    emulator.faults.noLogin();
    const talk = await exec(client);
    talk.channel.write(surveyScript(fullSurvey(), 10));
    await talk.closed;
    expect([talk.code, talk.out]).toEqual([1, 'This account is currently not available.\n']);
  });

  test('missing(): every command is not found', async () => {
    const client = await join();
    emulator.faults.missing();
    const codes = [...(await survey(client))].map(([name, { code }]) => [name, code]);
    expect(Object.fromEntries(codes)).toEqual({
      home: 0,
      sessions: 127,
      shadows: 127,
      states: 0,
      features: 127,
      versions: 127,
    });
  });

  test('a script of somebody else is refused', async () => {
    const client = await join();
    const talk = await exec(client);
    talk.channel.write('{ rm -rf /\n}\n');
    await talk.closed;
    expect([talk.code, talk.out]).toEqual([2, '']);
    const endless = await exec(client);
    endless.channel.end('{ : x2go-guardian/1 survey');
    await endless.closed;
    expect(endless.code).toBe(2);
  });
});

describe('channels', () => {
  test('refuseChannels(n) lets n be open at once', async () => {
    const client = await join();
    emulator.faults.refuseChannels(2);
    const [one] = [await exec(client), await exec(client)];
    await expect(exec(client)).rejects.toMatchObject({ reason: 2 });
    one.channel.close();
    await one.closed;
    await expect.poll(() => emulator.channels).toBe(1);
    await exec(client);
  });

  test.each(['forwarded-tcpip', 'x11', 'session', 'auth-agent'] as const)(
    'openChannels() of %s are refused by a client that asked for none',
    async (kind) => {
      const client = await join();
      expect(await emulator.faults.openChannels(50, kind)).toEqual({ accepted: 0, refused: 50 });
      expect((await ran(client, 'x2gofeaturelist')).code).toBe(0);
    },
  );

  test('openChannels() counts what a careless client accepts', async () => {
    const client = await join();
    client.on('x11', (_info, accept, reject) => {
      if (client.listenerCount('close') > 0) accept();
      else reject();
    });
    client.on('close', () => {});
    const talk = await new Promise((resolve, reject) => {
      client.exec('x2goversion', { x11: true }, (cause, channel) =>
        cause ? reject(cause) : resolve(channel),
      );
    }).catch((cause: Error) => cause.message);
    expect(talk).toMatch(/X11/);
    const opened = await emulator.faults.openChannels(3, 'x11');
    expect(opened.accepted + opened.refused).toBe(3);
  });

  test('openChannels() ends when the client is gone', async () => {
    const client = await join();
    emulator.faults.silence();
    const opened = emulator.faults.openChannels(5);
    client.destroy();
    await emulator.stop();
    expect(await opened).toEqual({ accepted: 0, refused: 5 });
  });
});

describe('who is who', () => {
  const attempt = (config: Parameters<typeof connect>[1]) =>
    connect(emulator, { privateKey: undefined as never, ...config });

  test('changeHostKey() is another host until it is healed', async () => {
    emulator.faults.changeHostKey();
    await expect(join()).rejects.toThrow(/Host denied/);
    await emulator.faults.heal();
    await join();
  });

  test('a rekey asks for the host key again and breaks nothing', async () => {
    let asked = 0;
    const client = await join({
      hostVerifier: () => {
        asked++;
        return true;
      },
    });
    emulator.rekey();
    await expect.poll(() => asked).toBe(2);
    expect((await ran(client, 'x2gofeaturelist')).code).toBe(0);
  });

  test('passwords, keys and questions are judged, and attempts noted without them', async () => {
    await emulator.stop();
    const other = newKeyPair();
    emulator = await startEmulator({
      password: 'right',
      authorizedKeys: [other.public],
      keyboardInteractive: [{ prompt: 'Token: ', answer: '123456' }],
    });
    await expect(attempt({ password: 'wrong' })).rejects.toMatchObject({ level: 'client-authentication' });
    expect(emulator.authAttempts).toEqual([
      { method: 'none', user: 'alice', outcome: 'refused' },
      { method: 'password', user: 'alice', outcome: 'refused' },
    ]);
    clients.push(await attempt({ password: 'right' }));
    await expect(attempt({ password: 'right', username: 'mallory' })).rejects.toThrow();
    clients.push(await attempt({ privateKey: other.private }));
    clients.push(await attempt({ privateKey: emulator.clientKey }));
    await expect(attempt({ privateKey: emulator.clientKey, username: 'mallory' })).rejects.toThrow();
    const stranger = newKeyPair();
    await expect(attempt({ privateKey: stranger.private })).rejects.toThrow();
    expect(JSON.stringify(emulator.authAttempts)).not.toContain('right');
    const client = new ssh2.Client();
    clients.push(client);
    client.on('keyboard-interactive', (_name, _text, _lang, prompts, finish) => {
      expect(prompts).toEqual([{ prompt: 'Token: ', echo: false }]);
      finish(['123456']);
    });
    client.connect({ host: emulator.host, port: emulator.port, username: 'alice', tryKeyboard: true });
    await once(client, 'ready');
    expect(emulator.authAttempts.at(-1)).toEqual({
      method: 'keyboard-interactive',
      user: 'alice',
      outcome: 'accepted',
    });
  });

  test('expirePassword() wants another one first', async () => {
    await emulator.stop();
    emulator = await startEmulator({ password: 'old' });
    emulator.faults.expirePassword('Too old.');
    const client = new ssh2.Client();
    clients.push(client);
    const prompts: string[] = [];
    client.on('change password', (prompt, done) => {
      prompts.push(prompt);
      done('new');
    });
    client.connect({ host: emulator.host, port: emulator.port, username: 'alice', password: 'old' });
    await once(client, 'ready');
    expect(prompts).toEqual(['Too old.']);
    clients.push(await attempt({ password: 'new' }));
    await expect(attempt({ password: 'old' })).rejects.toThrow();
  });
});

test('a survey is complete after every fault was planted and healed', async () => {
  const { faults } = emulator;
  for (const command of ['x2golistsessions', 'survey', 'x2goversion'] as const) faults.hang(command);
  faults.noisyShell();
  faults.noLogin();
  faults.missing();
  faults.refuseChannels(0);
  faults.throttle();
  faults.changeHostKey();
  faults.dropAfter(10);
  faults.silence();
  await faults.refuse();
  await faults.heal();
  const request = fullSurvey();
  const talk = await exec(await join());
  talk.channel.write(surveyScript(request, 10));
  await talk.until((out) => isComplete(request.marker, out));
});
