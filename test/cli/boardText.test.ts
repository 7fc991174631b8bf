import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boardText } from '../../src/cli/boardText.js';
import { plainStyle, styleFor } from '../../src/cli/style.js';
import { widthOf } from '../../src/cli/width.js';
import { aBoard, failure } from './support/aBoard.js';

const session = 'alice-50-1795371806_stDmate-session_dp24';
const wide = { columns: 100, rows: 30 };

describe('the table', () => {
  test('shows profiles with their state, and sessions with state, age, by whom and the last event', () => {
    const { board, say, pass } = aBoard('office', 'lab');
    say
      .connected('office')
      .registered('office', session, { ageSeconds: 7_500 })
      .failed('lab', failure('auth.refused'));
    pass(12_000);
    const lines = boardText(board, ['21:00:00  news'], wide, plainStyle).split('\n');
    expect(lines).toEqual([
      `x2go-guardian  1 of 2 connected, 1 session${' '.repeat(47)}Ctrl-C ends`,
      '',
      '  SESSION                                   STATE          AGE     BY     LAST EVENT',
      '● office  connected  for 12s, 1 session, alice@office.example:22',
      `  ${session}  running        2h05m   found  found 12s ago`,
      '',
      '✗ lab  failed  not today',
      '',
      '21:00:00  news',
    ]);
  });

  test('counts down to the next attempt, with the failure, and shows sessions as they were', () => {
    const { board, say, pass } = aBoard('office');
    say.connected('office').registered('office', session).lost('office', failure('ssh.refused'), 4_000, 2);
    pass(1_500);
    const text = boardText(board, [], wide, plainStyle);
    expect(text).toContain('○ office  lost  attempt 3 in 3s: not today');
    expect(text).toContain(`${session}  (running)`);
    pass(5_000);
    expect(boardText(board, [], wide, plainStyle)).toContain('attempt 3 in 0s');
  });

  test('follows what a session does, and lets an ended one go after a while', () => {
    const { board, say, pass } = aBoard('office');
    say
      .connected('office')
      .registered('office', session)
      .did('office', session, 'session.suspended', 'suspended');
    expect(boardText(board, [], wide, plainStyle)).toMatch(/suspended +1m +other +suspended now/);
    say.did('office', session, 'session.terminated', 'terminated');
    expect(boardText(board, [], wide, plainStyle)).toMatch(/terminated +other +terminated now/);
    pass(25_000);
    board.tidy();
    expect(boardText(board, [], wide, plainStyle)).not.toContain(session);
  });

  test('takes over from a listing the states that nobody announces', () => {
    const { board, say } = aBoard('office');
    say.connected('office').registered('office', session).listed('office', session, 'suspending', 99);
    expect(boardText(board, [], wide, plainStyle)).toMatch(/suspending +1m/);
  });

  test('drops columns by their worth where the window is narrow, and cuts the rest', () => {
    const { board, say } = aBoard('office');
    say.connected('office').registered('office', session);
    const at = (columns: number) => boardText(board, [], { columns, rows: 20 }, plainStyle);
    expect(at(70)).toContain('LAST EVENT');
    expect(at(50)).not.toContain('LAST EVENT');
    expect(at(50)).toMatch(/SESSION +STATE +AGE +BY$/m);
    expect(at(50)).toMatch(/alice-50-1795371806_s… {2}running +1m +found$/m);
    expect(at(30)).toMatch(/SESSION +STATE$/m);
    expect(at(30)).toMatch(/alice-50-\d+… {2}running$/m);
    expect(at(12)).toMatch(/^ {2}alice-50-…$/m);
  });

  test('keeps a line for every profile where the window is short, and counts what it leaves out', () => {
    const { board, say } = aBoard('a', 'b', 'c');
    for (const id of ['a', 'b']) say.connected(id).registered(id, `${id}-1`).registered(id, `${id}-2`);
    const at = (rows: number) => boardText(board, ['news'], { columns: 80, rows }, plainStyle).split('\n');
    expect(at(6)).toEqual([
      expect.stringContaining('SESSION'),
      expect.stringContaining('● a  connected  for 0s, 2 sessions (1 not shown)'),
      expect.stringContaining('a-1'),
      expect.stringContaining('● b  connected  for 0s, 2 sessions (2 not shown)'),
      expect.stringContaining('○ c  disconnected'),
    ]);
    expect(at(3)).toEqual([expect.stringContaining('● a'), 'and 2 more, 1 of them not connected']);
    expect(at(20).at(-1)).toBe('news');
  });

  test('is never larger than the window and never has a control character of a server', () => {
    const nasty = fc.string({ unit: 'binary', maxLength: 60 });
    const box = fc.record({
      columns: fc.integer({ min: 1, max: 120 }),
      rows: fc.integer({ min: 1, max: 40 }),
    });
    const style = styleFor({ isTTY: true }, { LANG: 'C.UTF-8' });
    fc.assert(
      fc.property(
        fc.array(nasty, { minLength: 1, maxLength: 5 }),
        fc.array(nasty, { maxLength: 6 }),
        box,
        (ids, names, size) => {
          const unique = [...new Set(ids)];
          const { board, say } = aBoard(...unique);
          for (const [index, id] of unique.entries()) {
            if (index % 2 === 0) say.connected(id);
            else say.lost(id, failure('ssh.refused', names[0]), 1_000, 1);
            for (const name of names) say.registered(id, name);
          }
          const lines = boardText(board, [], size, style).split('\n');
          expect(lines.length).toBeLessThanOrEqual(Math.max(1, size.rows - 1));
          for (const line of lines) {
            const plain = stripVTControlCharacters(line);
            expect(widthOf(plain)).toBeLessThanOrEqual(size.columns);
            expect(plain).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('says by words what it says by colour, and has ASCII for terminals without more', () => {
    const { board, say } = aBoard('office');
    say.connected('office').registered('office', session);
    const colourful = styleFor({ isTTY: true }, { LANG: 'C.UTF-8' });
    expect(stripVTControlCharacters(boardText(board, [], wide, colourful))).toBe(
      boardText(board, [], wide, plainStyle),
    );
    expect(boardText(board, [], wide, colourful)).toContain('\x1b[32m');
    for (const env of [
      { LANG: 'C.UTF-8', NO_COLOR: '1' },
      { LANG: 'C.UTF-8', TERM: 'dumb' },
    ]) {
      expect(boardText(board, [], wide, styleFor({ isTTY: true }, env))).not.toContain('\x1b');
    }
    const ascii = boardText(
      board,
      [],
      { columns: 30, rows: 20 },
      styleFor({ isTTY: true }, { LANG: 'C', NO_COLOR: '1' }),
    );
    expect(ascii).toMatch(/^[\x20-\x7e\n]+$/);
    expect(ascii).toContain('* office');
  });
});
