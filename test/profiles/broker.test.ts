import { generateKeyPairSync } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { type BrokerLogin, openBroker } from '../../src/profiles/broker.js';
import { type HttpBroker, parseBrokerAddress } from '../../src/profiles/brokerAddress.js';
import type { HttpOptions } from '../../src/profiles/brokerHttp.js';
import { httpWire, sshWire } from '../../src/profiles/brokerWire.js';
import { holding } from '../support/aftermath.js';
import { makeCertificates } from '../support/certificates.js';
import { startEmulatedBroker } from '../support/emulatedBroker.js';

const never = new AbortController().signal;
const alice: BrokerLogin = { user: 'alice', password: 'broker-canary' };
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs1',
  format: 'pem',
});
const sessionInfo =
  '4711|alice-50-1795371806_stRxterm_dp24|50|desk|S|2026-11-27T07:00:00|0123456789abcdef0123456789abcdef|127.0.0.1|30001|30002|2026-11-27T07:00:00|alice|60|30003|-1|-1';

function addressOf(url: string): HttpBroker {
  const parsed = parseBrokerAddress(url);
  if (!parsed.ok || parsed.address.way === 'ssh') throw new Error(url);
  return parsed.address;
}
const brokerAt = (url: string, login: BrokerLogin = alice, options: HttpOptions = {}) =>
  openBroker(addressOf(url), login, httpWire(addressOf(url), options));

test('it lists, selects and is tested, each question with the id that the answer before it brought', async () => {
  await using server = await startEmulatedBroker({
    firstAuthId: 'first',
    selections: { office: `SERVER:127.0.0.1:2222\n${key}SESSION_INFO:${sessionInfo}\n` },
  });
  const broker = brokerAt(server.url, { ...alice, authId: 'first' });
  const { profiles, skipped } = await broker.list(never);
  expect(profiles).toMatchObject([{ id: 'office', name: 'Office, ground floor' }]);
  expect(skipped).toEqual([]);
  const selected = await broker.select('office', never);
  expect(selected).toMatchObject({ host: '127.0.0.1', port: 2222, key: String(key) });
  expect(selected.session).toMatchObject({ session: 'alice-50-1795371806_stRxterm_dp24', status: 'S' });
  await broker.test(never);
  const ids = server.asked.map((form) => form.get('authid'));
  expect(ids[0]).toBe('first');
  expect(new Set(ids).size).toBe(3);
});

test('two questions at once are put one after the other: an id is good for one', async () => {
  await using server = await startEmulatedBroker({
    firstAuthId: 'first',
    selections: { office: 'SERVER:desk' },
  });
  const broker = brokerAt(server.url, { ...alice, authId: 'first' });
  await Promise.all([broker.list(never), broker.select('office', never), broker.list(never)]);
  expect(server.asked).toHaveLength(3);
});

test('a broker that has forgotten the chain is asked with the first id again, once', async () => {
  await using server = await startEmulatedBroker();
  const broker = brokerAt(server.url);
  await broker.list(never);
  server.forgetChains();
  await broker.list(never);
  expect(server.asked.map((form) => form.has('authid'))).toEqual([false, true, false]);
});

test('a wrong password is refused after one question, and no message holds it', async () => {
  await using server = await startEmulatedBroker();
  const refused = brokerAt(server.url, { ...alice, password: 'wrong-canary' }).list(never);
  await expect(refused).rejects.toMatchObject({ code: 'broker.refused', retryable: false });
  await expect(refused).rejects.not.toThrow('canary');
  expect(server.asked).toHaveLength(1);
});

test('no server for a profile is an error of its own, and never a host of that name', async () => {
  await using server = await startEmulatedBroker();
  await expect(brokerAt(server.url).select('office', never)).rejects.toMatchObject({
    code: 'broker.noServer',
  });
});

test('a changed password is the one that is sent from then on', async () => {
  await using server = await startEmulatedBroker();
  const broker = brokerAt(server.url);
  await broker.list(never);
  await broker.changePassword('new-canary', never);
  server.forgetChains();
  await broker.list(never);
  expect(server.asked.at(-1)?.get('password')).toBe('new-canary');
});

test('a broker that says yes to a new password and keeps the old one is found out', async () => {
  await using server = await startEmulatedBroker({ changesPasswords: false });
  const changed = brokerAt(server.url).changePassword('new', never);
  await expect(changed).rejects.toMatchObject({ code: 'broker.refused' });
  await expect(changed).rejects.toThrow('nothing was changed');
});

test('nobody there, and a broker out of order, are the broker being down', async () => {
  const gone = await startEmulatedBroker();
  await gone[Symbol.asyncDispose]();
  await expect(brokerAt(gone.url).test(never)).rejects.toMatchObject({
    code: 'broker.unreachable',
    retryable: true,
  });
  await using ill = await startEmulatedBroker({ answer: (_, response) => response.writeHead(503).end('no') });
  await expect(brokerAt(ill.url).test(never)).rejects.toMatchObject({ code: 'broker.unreachable' });
});

test('a redirect is refused, and the password goes nowhere else', async () => {
  await using elsewhere = await startEmulatedBroker();
  await using server = await startEmulatedBroker({
    answer: (_, response) => response.writeHead(307, { Location: elsewhere.url }).end(),
  });
  await expect(brokerAt(server.url).list(never)).rejects.toMatchObject({ code: 'broker.redirected' });
  expect(elsewhere.connections()).toBe(0);
});

test.each([
  ['one that never answers', () => undefined],
  ['one that drips', drip],
] as const)('%s is given up in time', async (_, answer) => {
  await using server = await startEmulatedBroker({ answer: (_request, response) => answer(response) });
  const asked = brokerAt(server.url, alice, { deadlineMs: 300 }).list(never);
  await expect(asked).rejects.toMatchObject({ code: 'broker.timedOut', retryable: true });
  await expect.poll(server.open).toBe(0);
});

test('no connection stays open behind an answer', async () => {
  await using server = await startEmulatedBroker();
  await brokerAt(server.url).list(never);
  await expect.poll(server.open).toBe(0);
});

function drip(response: {
  write(text: string): unknown;
  on(name: 'close', then: () => void): unknown;
}): void {
  const timer = setInterval(() => response.write('A'), 20);
  response.on('close', () => clearInterval(timer));
}

test('an answer leaves neither a timer nor an ear, whatever it is', async () => {
  const { signal } = new AbortController();
  const timers = () => holding('Timeout');
  const before = timers();
  await using server = await startEmulatedBroker();
  await brokerAt(server.url).list(signal);
  await expect(brokerAt('http://127.0.0.1:1/').list(signal)).rejects.toMatchObject({
    code: 'broker.unreachable',
  });
  expect([timers(), getEventListeners(signal, 'abort')]).toEqual([before, []]);
});

test('whoever stops waiting is told so at once', async () => {
  const stop = new AbortController();
  await using server = await startEmulatedBroker({ answer: () => stop.abort() });
  await expect(brokerAt(server.url).list(stop.signal)).rejects.toMatchObject({ code: 'call.aborted' });
});

test('a certificate of an authority nobody knows is refused before anything is sent; with the authority it is good', async () => {
  using certificates = makeCertificates();
  await using server = await startEmulatedBroker({ tls: certificates });
  await expect(brokerAt(server.url).list(never)).rejects.toMatchObject({ code: 'broker.untrusted' });
  expect(server.asked).toHaveLength(0);
  const { profiles } = await brokerAt(server.url, alice, { ca: certificates.ca }).list(never);
  expect(profiles).toHaveLength(1);
});

test('a certificate for another name is refused, whatever the environment says', async () => {
  using certificates = makeCertificates('DNS:other.example.org');
  await using server = await startEmulatedBroker({ tls: certificates });
  const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  try {
    const asked = brokerAt(server.url, alice, { ca: certificates.ca }).list(never);
    await expect(asked).rejects.toMatchObject({ code: 'broker.untrusted' });
  } finally {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
  }
  expect(server.asked).toHaveLength(0);
});

test('an address of https where http is spoken sends nothing', async () => {
  await using server = await startEmulatedBroker();
  const asked = brokerAt(server.url.replace('http:', 'https:')).list(never);
  await expect(asked).rejects.toMatchObject({ code: 'broker.unreachable' });
  expect(server.asked).toHaveLength(0);
});

test("over SSH it is a command on the broker's host, whose words are handed over one by one", async () => {
  const parsed = parseBrokerAddress('ssh://broker/usr/bin/x2gobroker');
  if (!parsed.ok || parsed.address.way !== 'ssh') throw new Error('no ssh');
  const ran: (readonly string[])[] = [];
  const wire = sshWire(parsed.address, async (words) => {
    ran.push(words);
    return { code: 0, text: 'AUTHID:second\nAccess granted\nSERVER:desk\n' };
  });
  const broker = openBroker(parsed.address, { user: "al'ice" }, wire);
  await broker.select('of$(id)fice', never);
  await broker.select('office', never);
  expect(ran).toEqual([
    ['/usr/bin/x2gobroker', '--task', 'selectsession', '--user', "al'ice", '--sid', 'of$(id)fice'],
    [
      '/usr/bin/x2gobroker',
      '--task',
      'selectsession',
      '--user',
      "al'ice",
      '--authid',
      'second',
      '--sid',
      'office',
    ],
  ]);
  await expect(broker.changePassword('new', never)).rejects.toMatchObject({ code: 'usage.invalid' });
});

test.each([
  [127, 'broker.missing'],
  [1, 'broker.garbled'],
])('a broker over SSH that ends with %d gives %s', async (code, expected) => {
  const parsed = parseBrokerAddress('ssh://broker');
  if (!parsed.ok || parsed.address.way !== 'ssh') throw new Error('no ssh');
  const wire = sshWire(parsed.address, async () => ({ code, text: '' }));
  await expect(openBroker(parsed.address, alice, wire).list(never)).rejects.toMatchObject({ code: expected });
});

test('an authentication id that is none is refused before it is sent', () => {
  const address = addressOf('http://127.0.0.1:1/plain/');
  const open = () => openBroker(address, { ...alice, authId: 'a\nb' }, async () => '');
  expect(open).toThrow(expect.objectContaining({ code: 'config.invalid' }));
});
