/** FAULTS, parser fuzz: whatever is in a journal, reading it throws nothing, and half a journal is none. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../src/journal/journal.js';
import { isSameCommand, parseStat, processesIn } from '../../src/journal/processes.js';
import { entryText, ownerText, parseOwner, parseRecord, recordText } from '../../src/journal/record.js';
import { deadOwner, profile, session } from './support/place.js';

const words = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((text) => !text.includes('\0'));
const profiles = fc
  .record({ id: words, host: words, user: words, port: fc.option(fc.integer({ min: 1, max: 65_535 })) })
  .map(({ port, ...rest }) => (port === null ? rest : { ...rest, port }));
const entries: fc.Arbitrary<JournalEntry> = fc.oneof(
  fc.record({
    kind: fc.constant('child' as const),
    pid: fc.integer({ min: 2, max: 2 ** 22 }),
    startTime: fc.nat().map(String),
    command: words,
  }),
  fc.record({ kind: fc.constant('directory' as const), path: words }),
  fc.record({ kind: fc.constant('start' as const), marker: words, profile: profiles }),
  fc.record({ kind: fc.constant('session' as const), session: words, profile: profiles }),
);
const records = fc.array(entries, { maxLength: 6 });
const textOf = (list: readonly JournalEntry[]) => recordText(ownerText(deadOwner()), list.map(entryText));

describe("a journal's text", () => {
  test('is read as it was written', () => {
    const property = fc.property(records, (list) => {
      expect(parseRecord(textOf(list))).toEqual({ ok: true, record: { owner: deadOwner(), entries: list } });
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  test('cut off anywhere is no journal', () => {
    const text = textOf([
      { kind: 'child', pid: 77, startTime: '1', command: 'x' },
      { kind: 'session', session, profile },
    ]);
    expect(parseRecord(text).ok).toBe(true);
    for (let length = 0; length < text.length; length++)
      expect(parseRecord(text.slice(0, length)).ok).toBe(false);
  });

  const noise = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.constantFrom(
      '"pid":',
      '-1',
      '0',
      '1',
      '1e309',
      'null',
      '"end"\n',
      '\n',
      '{}',
      '[]',
      '"__proto__":',
      '{"v":1}',
    ),
  );
  const spoiled = fc
    .tuple(
      records.map(textOf),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 30 }), noise), { minLength: 1, maxLength: 4 }),
    )
    .map(([text, changes]) =>
      changes.reduce((now, [where, length, put]) => {
        const at = where % (now.length + 1);
        return now.slice(0, at) + put + now.slice(at + length);
      }, text),
    );
  const lines = fc
    .array(noise, { maxLength: 6 })
    .map((each) => `${ownerText(deadOwner())}\n${each.join('\n')}\n"end"\n`);
  test('may be anything: 10,000 of them, and never a process that is not one', () => {
    const property = fc.property(fc.oneof(spoiled, lines, noise), (text) => {
      const read = parseRecord(text);
      if (!read.ok) return void expect(read.reason).toMatch(/\w/);
      for (const entry of read.record.entries) {
        if (entry.kind === 'child') expect(entry.pid).toBeGreaterThan(1);
        else expect(['directory', 'start', 'session']).toContain(entry.kind);
      }
      expect(parseRecord(textOf(read.record.entries)).ok).toBe(true);
    });
    fc.assert(property, { numRuns: 10_000 });
  }, 60_000);

  test('has an owner that may be process 1, as in a container', () => {
    const one = { ...deadOwner(), pid: 1 };
    expect(parseOwner(ownerText(one))).toEqual({ ok: true, owner: one });
    expect(parseOwner(ownerText({ ...one, pid: 0 }))).toMatchObject({ ok: false, later: false });
    expect(parseOwner(ownerText(one).replace('"v":1', '"v":7'))).toMatchObject({ ok: false, later: true });
  });
});

describe('a process', () => {
  const rest = 'S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 22 23';
  test.each<[string, ReturnType<typeof parseStat>]>([
    [`77 (sleep) ${rest}`, { startTime: '4711', ended: false }],
    [`77 (a) Z 1 (b) ${rest}`, { startTime: '4711', ended: false }],
    [`77 (\n) ${rest.replace('S', 'Z')}`, { startTime: '4711', ended: true }],
    ['77 (sleep) S 1 2', undefined],
    ['', undefined],
  ])('%j', (text, expected) => expect(parseStat(text)).toEqual(expected));

  test('stat may be anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => void parseStat(text)),
      { numRuns: 10_000 },
    );
  });

  test.each([
    ['/usr/bin/nxproxy -S options=/run/x:50', 'nxproxy -S options=/run/x:50', true],
    ['setpriv --pdeathsig TERM nxproxy -S options=/x:50', '/usr/bin/nxproxy -S options=/x:50', true],
    ['/usr/bin/nxproxy -S options=/x:50', 'setpriv --pdeathsig TERM /usr/bin/nxproxy -S options=/x:50', true],
    ['/opt/nxproxy -S', '/bin/sh /opt/nxproxy -S', true],
    ['nxproxy', '/usr/bin/nxproxy -S options=/x:50', true],
    ['nxproxy -S options=/x:50', 'nxproxy -S options=/y:50', false],
    ['nxproxy -S', 'nxproxy', false],
    ['nxproxy', 'nxproxy-dbg -S', false],
    ['sleep 10', 'sleep 1000', false],
    ['', 'sleep 10', false],
    ['sleep 10', '', false],
  ])('noted as %j, running as %j: the same is %s', (noted, running, same) => {
    expect(isSameCommand(noted, running)).toBe(same);
  });

  test('is found while it lives', () => {
    const processes = processesIn();
    expect(processes).toMatchObject({ known: true, boot: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(processes.find(process.pid)?.command).toContain('node');
    expect(processes.find(2 ** 30)).toBeUndefined();
  });

  test('is never found where there is no /proc', () => {
    const processes = processesIn('/nowhere');
    expect(processes).toMatchObject({ known: false, boot: '', namespace: '' });
    expect(processes.find(process.pid)).toBeUndefined();
  });
});
