/** A password that was refused is not sent to the same account again: no account is locked by those that come back. */
import { describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { RefusedSecrets, type Verdict } from '../../src/ssh/refusedSecrets.js';
import { guard } from '../support/guard.js';
import { eventually } from '../support/until.js';
import { startHop } from './support/hop.js';
import { openWorkshop } from './support/keys.js';

const alice = { user: 'alice', host: 'h' };
const never = new AbortController().signal;
/** Sends a secret that has this fate; says whether it was sent. */
async function send(secrets: RefusedSecrets, secret: string, verdict: Verdict, place = alice) {
  const passed = await secrets.gateOf(place, never)(secret);
  if (passed === 'withheld') return passed;
  passed.settle(verdict);
  return 'sent';
}

describe('the gate', () => {
  test('a refused secret is withheld from its account, until it is forgotten; another one is not', async () => {
    const secrets = new RefusedSecrets();
    expect(await send(secrets, 'wrong', 'refused')).toBe('sent');
    expect(await send(secrets, 'wrong', 'refused')).toBe('withheld');
    expect(await send(secrets, 'wrong', 'refused', { ...alice, host: 'H' })).toBe('withheld');
    expect(await send(secrets, 'right', 'accepted')).toBe('sent');
    for (const place of [
      { user: 'bob', host: 'h' },
      { ...alice, host: 'i' },
      { ...alice, port: 23 },
    ])
      expect(await send(secrets, 'wrong', 'unknown', place)).toBe('sent');
    secrets.forget({ id: 'x', host: 'elsewhere', user: 'alice' });
    expect(await send(secrets, 'wrong', 'refused')).toBe('withheld');
    secrets.forget({ id: 'x', host: 'elsewhere', user: 'bob', via: [alice] });
    expect(await send(secrets, 'wrong', 'refused')).toBe('sent');
  });

  test('three connections in a row that end instead of an answer are a refusal, and one that was let in starts anew', async () => {
    const secrets = new RefusedSecrets();
    const fates: readonly Verdict[] = ['cut', 'cut', 'accepted', 'cut', 'unknown', 'cut', 'cut'];
    for (const fate of fates) expect(await send(secrets, 'x', fate)).toBe('sent');
    expect(await send(secrets, 'x', 'accepted')).toBe('withheld');
  });

  test('one at a time is on its way; the rest hear of its refusal, and go in turn once it was let in', async () => {
    const secrets = new RefusedSecrets();
    const gate = secrets.gateOf(alice, never);
    const first = await gate('wrong');
    const waiting = [gate('wrong'), gate('wrong'), gate('right')];
    if (first === 'withheld') throw new Error('withheld');
    first.settle('refused');
    expect(await Promise.all(waiting.slice(0, 2))).toEqual(['withheld', 'withheld']);
    expect(await waiting[2]).not.toBe('withheld');
  });

  test('whoever is not waited for any more gives up, and one that waits for a person lets others go', async () => {
    const secrets = new RefusedSecrets();
    const first = await secrets.gateOf(alice, never)('a');
    const gone = new AbortController();
    const waiting = secrets.gateOf(alice, gone.signal)('b');
    gone.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    if (first === 'withheld') throw new Error('withheld');
    const next = send(secrets, 'c', 'accepted');
    first.letGo();
    expect(await next).toBe('sent');
    first.settle('refused');
    first.settle('accepted');
    expect(await send(secrets, 'a', 'accepted')).toBe('withheld');
  });
});

const passwords = ({ authAttempts }: Emulator) =>
  authAttempts.filter(({ method }) => method === 'password').map(({ outcome }) => outcome);
const twelve = Array.from({ length: 12 }, (_, at) => `desk-${at}`);
const many = (server: Emulator) => Object.fromEntries(twelve.map((id) => [id, server]));

test('twelve profiles with the same wrong password try it once; the rest fail by name, to be seen in the tree', async () => {
  await using server = await startEmulator({ password: 'right' });
  let password = 'wrong-canary';
  await using guarded = await guard(many(server), { login: () => ({ password }) });
  const { guardian, log } = guarded;
  await eventually('all to have failed', () => log.all('profile.failed').length === twelve.length);
  expect(passwords(server)).toEqual(['refused']);
  const codes = log.all('profile.failed').map(({ failure }) => failure.code);
  expect(codes.sort()).toEqual(['auth.refused', ...Array(twelve.length - 1).fill('auth.withheld')]);
  const [told] = log.all('profile.failed').filter(({ failure }) => failure.code === 'auth.withheld');
  expect(told?.failure).toMatchObject({
    retryable: false,
    message: expect.stringContaining('is not sent again'),
  });
  const tree = JSON.stringify(guardian.inspect());
  expect(tree).toContain('auth.withheld');
  expect(tree + JSON.stringify(log.seen)).not.toContain('wrong-canary');

  // Asked for by hand it is sent once more, and no more than that.
  await Promise.allSettled(twelve.map((id) => guardian.connect(id)));
  expect(passwords(server)).toEqual(['refused', 'refused']);
  // Another password is not the refused one.
  password = 'right';
  await Promise.all(twelve.map((id) => guardian.connect(id)));
  expect(passwords(server).filter((one) => one === 'refused')).toHaveLength(2);
});

test('a password that was changed on the server is refused once, though all lines come back at once', async () => {
  const workshop = openWorkshop();
  const { pem: hostKey } = workshop.makeKey('ed25519');
  workshop.close();
  const old = await startEmulator({ password: 'before', hostKey });
  await using guarded = await guard(many(old), { login: () => ({ password: 'before' }) });
  const { guardian, log } = guarded;
  await Promise.all(twelve.map((id) => guardian.connect(id)));
  expect(passwords(old)).toEqual(Array(twelve.length).fill('accepted'));
  const { port } = old;
  await old.stop();
  await using server = await startEmulator({ password: 'after', port, hostKey });
  await eventually('all to have failed', () => log.all('profile.failed').length === twelve.length, 20_000);
  expect(passwords(server)).toEqual(['refused']);
});

test('a hop is an account of its own', async () => {
  await using hop = await startHop({ password: 'of the hop' });
  await using server = await startEmulator({ password: 'of the office' });
  const { host, port, user } = server;
  const via = [{ host: hop.host, port: hop.port, user: hop.user }];
  const known = [`[${host}]:${port} ${server.hostKey}`, `[${hop.host}]:${hop.port} ${hop.hostKey}`];
  await using guarded = await guard(
    { a: server, b: server },
    {
      knownHostsLines: known,
      profiles: ['a', 'b'].map((id) => ({ id, host, port, user, via })),
      credentials: {
        of: () => ({ password: 'of the office' }),
        ofHop: () => ({ password: 'of the office' }),
      },
    },
  );
  await eventually('both to have failed', () => guarded.log.all('profile.failed').length === 2);
  expect(hop.attempts.filter((one) => one === 'password')).toHaveLength(1);
  expect(passwords(server)).toEqual([]);
});
