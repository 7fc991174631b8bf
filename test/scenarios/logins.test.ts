import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import type { AskRequest } from '../../src/ssh/credentials.js';
import { fastClock } from '../support/fastClock.js';
import { everyFlag, guard } from '../support/guard.js';
import { eventually, pause } from '../support/until.js';

describe.concurrent('a login', () => {
  test('FAULTS 31: a wrong password fails at once and is not tried again until connect()', async () => {
    await using server = await startEmulator({ password: 'right' });
    let password = 'wrong';
    await using guarded = await guard(
      { office: server },
      { ...everyFlag, clock: fastClock(20), login: () => ({ password }) },
    );
    const { guardian, log } = guarded;
    const { failure, state } = await log.until('profile.failed', undefined, { within: 5_000 });
    expect(state).toBe('failed');
    expect(failure).toMatchObject({ code: 'auth.refused', retryable: false });
    expect(JSON.stringify(log.seen)).not.toContain('wrong');
    expect(JSON.stringify(guardian.actor.getPersistedSnapshot())).not.toContain('wrong');
    const tries = () => server.authAttempts.filter(({ method }) => method === 'password').length;
    expect(tries()).toBe(1);
    // 20 s on the guardian's clock: neither the tick nor a back-off tries again.
    await pause(1_000);
    expect([tries(), server.connectionsAccepted]).toEqual([1, 1]);
    expect(log.names()).not.toContain('profile.lost');
    await expect(guardian.connect('office')).rejects.toMatchObject({ code: 'auth.refused' });
    expect(tries()).toBe(2);
    password = 'right';
    await guardian.connect('office');
    expect(tries()).toBe(3);
    expect(guardian.profiles()[0]).toMatchObject({ state: 'connected' });
  });

  test('FAULTS 32: a keyboard-interactive prompt is answered by whoever is asked', async () => {
    await using server = await startEmulator({
      keyboardInteractive: [
        { prompt: 'Token: ', answer: '123456' },
        { prompt: 'Favourite\u202e colour: ', answer: 'blue', echo: true },
      ],
    });
    const asked: AskRequest[] = [];
    await using guarded = await guard(
      { office: server },
      {
        login: () => ({
          ask: async (request) => {
            asked.push(request);
            return ['123456', 'blue'];
          },
        }),
      },
    );
    await guarded.log.until('profile.connected');
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ kind: 'keyboard-interactive' });
    expect(asked[0]?.prompts.map(({ echo }) => echo)).toEqual([false, true]);
    expect(asked[0]?.prompts[0]?.text.trim()).toBe('Token:');
    expect(JSON.stringify(asked)).not.toContain('\u202e');
    expect(server.authAttempts.at(-1)).toMatchObject({ method: 'keyboard-interactive', outcome: 'accepted' });
  });

  test('FAULTS 32: a person who takes a minute to answer is waited for', async () => {
    await using server = await startEmulator({
      keyboardInteractive: [{ prompt: 'Token: ', answer: '123456' }],
    });
    // A second of theirs is 40 s on the guardian's clock; the connect deadline is 15.
    await using guarded = await guard(
      { office: server },
      {
        clock: fastClock(40),
        login: () => ({ ask: () => pause(1_000).then(() => ['123456']) }),
      },
    );
    await guarded.log.until('profile.connected');
    expect(guarded.log.names()).not.toContain('profile.lost');
  });

  test('FAULTS 32: a prompt that nobody can answer fails with its text', async () => {
    await using server = await startEmulator({
      keyboardInteractive: [{ prompt: 'Token from your card: ', answer: '123456' }],
    });
    await using guarded = await guard({ office: server }, { login: () => ({ password: 'irrelevant' }) });
    const { failure } = await guarded.log.until('profile.failed');
    expect(failure.code).toMatch(/^auth\./);
    expect(failure.message).not.toContain('irrelevant');
    await eventually('the line is closed', () => server.connections === 0);
  });

  test('FAULTS 32: an expired password fails with what the server says', async () => {
    await using server = await startEmulator({ password: 'old' });
    server.faults.expirePassword('Your password is 99 days old.');
    await using guarded = await guard({ office: server }, { login: () => ({ password: 'old' }) });
    const { failure } = await guarded.log.until('profile.failed');
    expect(failure).toMatchObject({ code: 'auth.passwordExpired', retryable: false });
    expect(failure.message).toContain('99 days old');
  });

  test('credentials that cannot be had fail the profile and nothing else', async () => {
    await using server = await startEmulator();
    await using guarded = await guard(
      { office: server, home: server },
      {
        login: (profile) => {
          if (profile === 'home') throw new Error('the vault is locked');
          return { identities: [{ privateKey: server.clientKey }] };
        },
      },
    );
    const { failure } = await guarded.log.until('profile.failed', ({ profile }) => profile === 'home');
    expect(failure.message).toContain('the vault is locked');
    await guarded.log.until('profile.connected', ({ profile }) => profile === 'office');
  });
});
