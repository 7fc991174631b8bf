import { readFileSync } from 'node:fs';
import pino from 'pino';
import { afterAll, describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import type { AskRequest } from '../../src/ssh/credentials.js';
import { type Guarded, guard } from '../support/guard.js';
import { eventually, pause } from '../support/until.js';
import { openWorkshop } from './support/keys.js';

const workshop = openWorkshop();
afterAll(() => workshop.close());

/** A person, whose answers the test gives. */
function aPerson(...answers: string[]) {
  const asked: AskRequest[] = [];
  const ask = async (request: AskRequest) => {
    asked.push(request);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === undefined) throw new Error('cancelled');
    return [answer];
  };
  return { asked, ask };
}
/** Somebody who is still typing. */
function aSlowPerson() {
  const asked: AskRequest[] = [];
  let answer = (_text: string) => {};
  let cancel = () => {};
  const ask = (request: AskRequest) => {
    asked.push(request);
    return new Promise<string[]>((resolve, reject) => {
      answer = (text) => resolve([text]);
      cancel = () => reject(new Error('cancelled'));
    });
  };
  return { asked, ask, answer: (text: string) => answer(text), cancel: () => cancel() };
}
/** The same server, started again with another password. */
async function startAgain(old: Awaited<ReturnType<typeof startEmulator>>, password: string, pem: string) {
  const { port } = old;
  await old.stop();
  return startEmulator({ password, port, hostKey: pem });
}
/** Waits until the profile has been lost and is connected again. */
async function reconnected({ log, guardian }: Guarded, from: number) {
  await log.until('profile.lost', undefined, { after: from });
  await guardian.connect('office');
}
const attempts = (server: Awaited<ReturnType<typeof startEmulator>>, method = 'password') =>
  server.authAttempts.filter((one) => one.method === method).map(({ outcome }) => outcome);

describe.concurrent('a password that a person typed', () => {
  test('opens the door again after a lost line, asks nobody, and is nowhere to be seen', async () => {
    const canary = 'Canary-7f3a';
    const lines: string[] = [];
    const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    await using server = await startEmulator({ password: canary });
    const { asked, ask } = aPerson(canary);
    await using guarded = await guard({ office: server }, { login: () => ({ ask }), logger });
    const { guardian, log } = guarded;
    const inspected: string[] = [];
    guardian.actor.system.inspect((event) => {
      inspected.push(
        JSON.stringify(event, (key, value) => (key === 'actorRef' || key === 'rootId' ? undefined : value)),
      );
    });
    await log.until('profile.connected');
    for (let times = 1; times <= 2; times += 1) {
      const from = log.length;
      await server.faults.close();
      await reconnected(guarded, from);
    }
    expect(asked).toHaveLength(1);
    expect(attempts(server)).toEqual(['accepted', 'accepted', 'accepted']);
    const snapshot = JSON.stringify(guardian.actor.getPersistedSnapshot());
    expect(inspected.length).toBeGreaterThan(10);
    for (const text of [...lines, ...inspected, JSON.stringify(log.seen), snapshot]) {
      expect(text).not.toContain(canary);
    }
    expect(JSON.stringify(await guardian.stop())).not.toContain(canary);
  });

  test('is forgotten when it is refused, and asked for once more, before there is a connection', async () => {
    const { pem } = workshop.makeKey('ed25519');
    const old = await startEmulator({ password: 'old', hostKey: pem });
    let server = old;
    const open: number[] = [];
    const person = aPerson('old', 'new');
    const ask = (request: AskRequest) => {
      open.push(server.connections);
      return person.ask(request);
    };
    await using guarded = await guard({ office: old }, { login: () => ({ ask }) });
    const { log } = guarded;
    await log.until('profile.connected');
    const lost = log.length;
    server = await startAgain(old, 'new', pem);
    await using _ = server;
    await reconnected(guarded, lost);
    expect(attempts(server)).toEqual(['refused', 'accepted']);
    expect(log.names()).not.toContain('profile.failed');
    expect(person.asked).toHaveLength(2);
    expect(open).toEqual([1, 0]);
    const from = log.length;
    await server.faults.close();
    await reconnected(guarded, from);
    expect(person.asked).toHaveLength(2);
  });

  test('refused twice, it is not tried again: no account gets locked', async () => {
    const { pem } = workshop.makeKey('ed25519');
    const old = await startEmulator({ password: 'old', hostKey: pem });
    const { asked, ask } = aPerson('old', 'wrong', 'new');
    await using guarded = await guard({ office: old }, { login: () => ({ ask }) });
    const { guardian, log } = guarded;
    await log.until('profile.connected');
    await using server = await startAgain(old, 'new', pem);
    await log.until('profile.lost');
    await expect(guardian.connect('office')).rejects.toMatchObject({ code: 'auth.refused' });
    await pause(1_500);
    expect(attempts(server)).toEqual(['refused', 'refused']);
    expect(asked).toHaveLength(2);
    await guardian.connect('office');
    expect(attempts(server)).toEqual(['refused', 'refused', 'accepted']);
    expect(asked).toHaveLength(3);
  });

  test('that was wrong the first time is refused once, and not kept', async () => {
    await using server = await startEmulator({ password: 'right' });
    const { asked, ask } = aPerson('wrong', 'right');
    await using guarded = await guard({ office: server }, { login: () => ({ ask }) });
    await guarded.log.until('profile.failed');
    expect(attempts(server)).toEqual(['refused']);
    await guarded.guardian.connect('office');
    expect(asked).toHaveLength(2);
  });

  test('that is not to be remembered is asked for before each reconnect, once however long the server is away', async () => {
    const { pem } = workshop.makeKey('ed25519');
    const old = await startEmulator({ password: 'secret', hostKey: pem });
    const { asked, ask } = aPerson('secret');
    const login = () => ({ ask, remember: false });
    await using guarded = await guard({ office: old }, { login });
    const { guardian, log } = guarded;
    await log.until('profile.connected');
    const from = log.length;
    await old.stop();
    await log.until('profile.lost', ({ attempt }) => attempt >= 2, { after: from });
    expect(asked).toHaveLength(2);
    await using server = await startEmulator({ password: 'secret', port: old.port, hostKey: pem });
    await guardian.connect('office');
    expect(asked).toHaveLength(2);
    const again = log.length;
    await server.faults.close();
    await reconnected(guarded, again);
    expect(asked).toHaveLength(3);
  });

  test('is dropped at disconnect', async () => {
    await using server = await startEmulator({ password: 'secret' });
    const { asked, ask } = aPerson('secret');
    await using guarded = await guard({ office: server }, { login: () => ({ ask }) });
    const { guardian, log } = guarded;
    await log.until('profile.connected');
    await guardian.disconnect('office');
    await guardian.connect('office');
    expect(asked).toHaveLength(2);
  });

  test('is dropped with its profile', async () => {
    await using server = await startEmulator({ password: 'secret' });
    const { asked, ask } = aPerson('secret');
    await using guarded = await guard({ office: server }, { login: () => ({ ask }) });
    const { guardian, log } = guarded;
    await log.until('profile.connected');
    guardian.removeProfile('office');
    await eventually('the profile to be gone', () => guardian.profiles().length === 0);
    const { host, port, user } = server;
    guardian.addProfile({ id: 'office', host, port, user });
    await guardian.connect('office');
    expect(asked).toHaveLength(2);
  });

  test('a question is put once, though the line breaks while it is answered', async () => {
    await using server = await startEmulator({ password: 'secret' });
    const { asked, ask, answer } = aSlowPerson();
    await using guarded = await guard({ office: server }, { login: () => ({ ask }) });
    const { log } = guarded;
    await eventually('the question', () => asked.length === 1);
    for (let times = 1; times <= 2; times += 1) {
      await server.faults.close();
      await log.until('profile.lost', ({ attempt }) => attempt === times);
      await eventually('another login', () => server.connections === 1);
    }
    expect(asked).toHaveLength(1);
    answer('secret');
    await log.until('profile.connected');
    expect(asked).toHaveLength(1);
    expect(attempts(server)).toEqual(['accepted']);
  });

  test('a question that was cancelled while the line was away is put again', async () => {
    await using server = await startEmulator({ password: 'secret' });
    const { asked, ask, answer, cancel } = aSlowPerson();
    await using guarded = await guard({ office: server }, { login: () => ({ ask }) });
    const { log } = guarded;
    await eventually('the question', () => asked.length === 1);
    await server.faults.close();
    await log.until('profile.lost');
    cancel();
    await eventually('the next question', () => asked.length === 2);
    answer('secret');
    await log.until('profile.connected');
    // No login was spent on the answer that never came.
    expect(server.connectionsAccepted).toBe(2);
    expect(log.names()).not.toContain('profile.failed');
  });

  test('a question that was cancelled may be put again', async () => {
    await using server = await startEmulator({ password: 'secret' });
    let answers = [] as string[];
    const ask = async () => answers;
    await using guarded = await guard({ office: server }, { login: () => ({ ask }) });
    await guarded.log.until('profile.failed');
    answers = ['secret'];
    await guarded.guardian.connect('office');
    expect(attempts(server)).toEqual(['accepted']);
  });
});

describe.concurrent("a key's passphrase", () => {
  test('is asked for once, though the server is away for a while', async () => {
    const key = workshop.makeKey('ed25519', 'open sesame');
    const line = readFileSync(`${key.path}.pub`, 'utf8');
    await using server = await startEmulator({ authorizedKeys: [line] });
    await server.faults.refuse();
    const { asked, ask } = aPerson('open sesame');
    const login = () => ({ identities: [key.path], ask });
    await using guarded = await guard({ office: server }, { login });
    const { guardian, log } = guarded;
    await log.until('profile.lost', ({ attempt }) => attempt === 2);
    await server.faults.heal();
    await guardian.connect('office');
    const from = log.length;
    await server.faults.close();
    await reconnected(guarded, from);
    expect(asked).toHaveLength(1);
  });

  test('that opens the key no more is asked for once more; a key that the server refuses asks nothing', async () => {
    const key = workshop.makeKey('ed25519', 'first');
    const other = workshop.makeKey('ed25519', 'second');
    await using server = await startEmulator({ authorizedKeys: [key.line, other.line] });
    const stranger = workshop.makeKey('ed25519', 'second');
    let pem = key.pem;
    const { asked, ask } = aPerson('first', 'second');
    const login = () => ({ identities: [{ privateKey: pem, label: 'the key' }], ask });
    await using guarded = await guard({ office: server }, { login });
    const { guardian, log } = guarded;
    await log.until('profile.connected');
    pem = other.pem;
    const from = log.length;
    await server.faults.close();
    await reconnected(guarded, from);
    expect(asked).toHaveLength(2);
    pem = stranger.pem;
    await server.faults.close();
    await log.until('profile.failed');
    expect(asked).toHaveLength(2);
    await expect(guardian.connect('office')).rejects.toMatchObject({ code: 'auth.refused' });
  });
});

describe.concurrent("the server's own questions", () => {
  const code = { prompt: 'Code: ', answer: '123456' };

  test('are asked at every login, when there is a connection: a code is not kept', async () => {
    await using server = await startEmulator({ keyboardInteractive: [code] });
    const open: number[] = [];
    const person = aPerson('123456');
    const ask = (request: AskRequest) => {
      open.push(server.connections);
      return person.ask(request);
    };
    await using guarded = await guard({ office: server }, { login: () => ({ ask }) });
    const { log } = guarded;
    await log.until('profile.connected');
    const from = log.length;
    await server.faults.close();
    await reconnected(guarded, from);
    expect(person.asked).toHaveLength(2);
    expect(open).toEqual([1, 1]);
  });

  test('are put once, though the line breaks while they are answered', async () => {
    await using server = await startEmulator({ keyboardInteractive: [code] });
    const { asked, ask, answer } = aSlowPerson();
    await using guarded = await guard({ office: server }, { login: () => ({ ask }) });
    const { log } = guarded;
    await eventually('the question', () => asked.length === 1);
    await server.faults.close();
    await log.until('profile.lost');
    answer('123456');
    await log.until('profile.connected');
    expect(asked).toHaveLength(1);
    const from = log.length;
    await server.faults.close();
    await log.until('profile.lost', undefined, { after: from });
    await eventually('the next question', () => asked.length === 2);
    answer('123456');
    await log.until('profile.connected', undefined, { after: from });
  });
});
