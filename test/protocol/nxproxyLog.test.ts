import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endOf, hear, untold } from '../../src/protocol/nxproxyLog.js';
import { fixture } from './fixtures.js';

const told = (text: string) => text.split('\n').reduce(hear, untold);
const byItself = { code: 0, signal: null, ours: false };

describe('what nxproxy wrote tells how it ended', () => {
  test.each([
    ['nxproxy-session-suspended.log', 'ended'],
    ['nxproxy-session-stolen.log', 'ended'],
    ['nxproxy-session-terminated.log', 'ended'],
    ['nxproxy-session-app-exited.log', 'ended'],
    ['nxproxy-session-sigterm.log', 'ended'],
    ['nxproxy-session-ssh-lost.log', 'cut'],
    ['nxproxy-session-error-refused.log', 'refused'],
    ['nxproxy-session-error-nodisplay.log', 'refused'],
    ['nxproxy-session-error-agent-gone.log', 'refused'],
    // To the letter what the agent that was gone left behind.
    ['nxproxy-session-error-wrong-cookie.log', 'refused'],
    ['nxproxy-session-error-nooptions.log', 'failed'],
  ])('%s: %s', (name, how) => {
    const end = endOf(told(fixture(name)), byItself);
    expect(end.how).toBe(how);
    expect(end.failure === undefined).toBe(how === 'ended');
  });

  test('a refused connection to the tunnel and to the X display: the same words, told apart by the name', () => {
    const tunnel = "Info: Connecting to remote host '127.0.0.1:4000'.";
    const failed = (name: string) =>
      `Error: Connection to '${name}' failed. Error is 2 'No such file or directory'.`;
    expect(endOf(told(`${tunnel}\n${failed('127.0.0.1:4000')}`), byItself).how).toBe('refused');
    const screen = endOf(told(`${tunnel}\n${failed(':199')}`), byItself);
    expect(screen.how).toBe('screen');
    expect(screen.failure).toMatchObject({ code: 'screen.missing', retryable: false });
    expect(screen.failure?.message).toContain(':199');
  });

  test.each([
    ["Warning: X connection failed with error 'Invalid MIT-MAGIC-COOKIE-1 key'.", 'screen', 'screen.missing'],
    ["Error: Couldn't negotiate a valid session with remote NX proxy.", 'cookie', 'proxy.failed'],
    ['setpriv: failed to execute /opt/nxproxy: No such file or directory', 'missing', 'proxy.missing'],
    [
      '/usr/bin/nxproxy: error while loading shared libraries: libXcomp.so.3: cannot open shared object file',
      'missing',
      'proxy.missing',
    ],
  ])('%s: %s', (line, how, code) => {
    expect(endOf(told(line), byItself)).toMatchObject({ how, failure: { code } });
  });

  test('the first trouble decides; a complaint of a session that is up is none', () => {
    const cut =
      'Error: Failure reading from the peer proxy.\nError: The remote NX proxy closed the connection.';
    expect(endOf(told(cut), byItself).how).toBe('cut');
    const up = 'Info: Established X server connection.';
    expect(endOf(told(`${up}\nError: Something odd.`), byItself).how).toBe('ended');
    expect(endOf(told('Error: Something odd.'), byItself)).toMatchObject({
      how: 'failed',
      failure: { message: 'nxproxy failed: Error: Something odd.' },
    });
  });

  test('an end that was asked for is no failure; a signal of others is; silence says its exit code', () => {
    const lost = told(fixture('nxproxy-session-ssh-lost.log'));
    expect(endOf(lost, { ...byItself, ours: true })).toEqual({ how: 'ended' });
    expect(endOf(lost, { code: null, signal: 'SIGKILL', ours: true })).toEqual({ how: 'ended' });
    const killed = endOf(lost, { code: null, signal: 'SIGKILL', ours: false });
    expect(killed).toMatchObject({ how: 'killed', failure: { code: 'proxy.failed', retryable: true } });
    expect(endOf(untold, { ...byItself, code: 3 }).failure?.message).toContain('exit code 3');
  });

  test('any lines in any order, and nothing in a message that a terminal would obey', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...fixture('nxproxy-session-ssh-lost.log').split('\n'), 'Error: \x1b]0;gotcha\x07'),
    );
    const property = fc.property(fc.array(line), (lines) => {
      const { how, failure } = endOf(lines.reduce(hear, untold), byItself);
      expect(failure === undefined).toBe(how === 'ended');
      expect(failure?.message ?? '').not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
      expect((failure?.message ?? '').length).toBeLessThan(300);
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});

test('up is up', () => {
  const lines = fixture('nxproxy-session-connecting-running.log').split('\n');
  const at = lines.findIndex((line) => line.startsWith('Info: Established X server connection'));
  expect(lines.slice(0, at).reduce(hear, untold).up).toBe(false);
  expect(lines.slice(0, at + 1).reduce(hear, untold).up).toBe(true);
});
