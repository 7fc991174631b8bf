import { describe, expect, test } from 'vitest';
import type { ListedSession } from '../../machines/vocabulary.js';
import { run } from '../../src/cli/run.js';
import { passes, type Sieve, unchangedSeconds } from '../../src/cli/sieve.js';
import { spanSeconds } from '../../src/cli/sieveOptions.js';
import { linesOf } from './support/cli.js';
import { FakeIo } from './support/fakeIo.js';

const times = (createdAt: string, changedAt: string, ageSeconds: number) => ({
  createdAt: `2026-11-${createdAt}`,
  changedAt: `2026-11-${changedAt}`,
  ageSeconds,
});

describe("for how long a session is in its state, by the server's clock alone", () => {
  test.each([
    ['never changed', times('20T10:00:00', '20T10:00:00', 3_600), 3_600],
    ['changed a minute before now', times('20T10:00:00', '20T10:59:00', 3_600), 60],
    ['changed just now', times('20T10:00:00', '20T11:00:00', 3_600), 0],
    ['a change that lies ahead', times('20T10:00:00', '20T12:00:00', 3_600), 0],
    ['a change before its creation', times('20T10:00:00', '20T09:00:00', 3_600), 3_600],
    ['a clock that was set back', times('20T10:00:00', '20T10:00:10', -50), -50],
    ['times of nonsense', times('99T10:00:00', '20T10:00:10', 7), 7],
  ])('%s', (_, row, seconds) => expect(unchangedSeconds(row)).toBe(seconds));
});

describe('which sessions pass', () => {
  const row = {
    ...times('20T10:00:00', '20T10:30:00', 3_600),
    ...{ state: 'suspended', kind: 'desktop', user: 'alice' },
  } as ListedSession;
  test.each<[Sieve, boolean]>([
    [{}, true],
    [{ olderThan: 1_800 }, true],
    [{ olderThan: 1_801 }, false],
    [{ newerThan: 1_801 }, true],
    [{ newerThan: 1_800 }, false],
    [{ olderThan: 0, newerThan: 3_600, state: 'suspended', kind: 'desktop', owner: 'alice' }, true],
    [{ state: 'running' }, false],
    [{ kind: 'application' }, false],
    [{ owner: 'ours' }, true],
    [{ owner: 'others' }, false],
    [{ owner: 'bob' }, false],
  ])('%j: %s', (sieve, isMeant) => {
    expect(passes(sieve, 'alice')(row)).toBe(isMeant);
  });

  test('what is of somebody else is of others', () => {
    expect(passes({ owner: 'ours' }, 'bob')(row)).toBe(false);
    expect(passes({ owner: 'others' }, 'bob')(row)).toBe(true);
  });

  test('an age below nothing is not old, however little is asked for', () => {
    const early = { ...row, ageSeconds: -50 };
    expect(passes({ olderThan: 0 }, 'alice')(early)).toBe(false);
    expect(passes({}, 'alice')(early)).toBe(true);
  });
});

test.each([
  ['90s', 90],
  ['0s', 0],
  ['45m', 2_700],
  ['7d', 604_800],
  ['1d12h', 129_600],
  ['2w', 1_209_600],
])('%s is %d seconds', (text, seconds) => expect(spanSeconds(text)).toBe(seconds));

test.each(['', '7', 'd', '-7d', '7d ', '1.5h', '12h1d', '9999999d', '7d;x', '7d\u0000', '\u0667d'])(
  'no time: %j',
  (text) => expect(() => spanSeconds(text)).toThrow(/a time like 90s/),
);

describe('what is wrong is said before anybody is asked, exit 2', () => {
  const hostile = '\u001b[2J\u202e';
  test.each<[readonly string[], RegExp]>([
    [['sessions', 'h', '--older-than', 'week'], /--older-than.*a time like/],
    [['sessions', 'h', '--older-than', '7d', '--newer-than', '1h'], /No session can pass/],
    [['sessions', 'h', '--state', 'asleep'], /--state.*suspended/],
    [['sessions', 'h', '--kind', 'x'], /--kind.*desktop/],
    [['sessions', 'h', '--owner', ''], /--owner.*ours, others/],
    [['sessions', 'h', '--owner', hostile], /--owner.*ours, others/],
    [['sessions', 'h', '--owner', '--all'], /--owner.*ours, others/],
    [['desktops', 'h', '--older-than', '7d'], /unknown option/],
    [['suspend', 'h', '--older-than', '7d'], /unknown option/],
    [['terminate', 'h', '--older-than', '7d'], /Nobody can be asked here.*--yes.*--dry-run/],
    [['terminate', 'h', '--older-than', '7d', '--yes', '--dry-run'], /--yes.*--dry-run/],
    [['terminate', 'h', 'one', '--dry-run'], /--dry-run is for sessions that are chosen/],
    [['terminate', 'h', 'one', '--yes'], /--yes is for sessions that are chosen/],
    [['terminate', '--all', '--yes'], /--all is for sessions that are chosen/],
    [['terminate', 'h', '--all', '--older-than', '7d', '--yes'], /leave h out/],
    [['terminate', 'h', '--newest', '--older-than', '7d', '--yes'], /--newest names one session/],
    [
      ['terminate', 'h', 'alice-50-1795371806_stRxterm_dp24', '--older-than', '7d', '--yes'],
      /either chosen or named/,
    ],
    [['reap', '--terminate', '--al'], /"--al" is no name of a session/],
    [['reap', '--suspend', 'alice-50', '--suspendd'], /unknown option '--suspendd'/],
    [['reap', '--terminate', hostile], /is no name of a session/],
  ])('%j', async (words, said) => {
    const io = new FakeIo();
    expect(await run([...words, '--json'], io)).toBe(2);
    expect(io.err).toMatch(said);
    expect(io.err).not.toContain('\u001b');
    expect(linesOf(io.out)).toMatchObject([{ event: 'command.failed', exitCode: 2 }]);
  });
});
