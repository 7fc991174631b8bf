/** FAULTS 43, 44: what is noted is on disk at once and whole, and a disk that fails stops nobody. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { X2GoError } from '../../src/errors.js';
import type { JournalEntry } from '../../src/journal/journal.js';
import { openJournal } from '../../src/journal/openJournal.js';
import { processesIn } from '../../src/journal/processes.js';
import { parseRecord } from '../../src/journal/record.js';
import { soon } from '../support/real/bounds.js';
import { makePlace, type Place, profile, session } from './support/place.js';
import { canMount, run, runScript, script } from './support/processes.js';

const somewhere = (): Place => {
  const place = makePlace();
  onTestFinished(() => place[Symbol.dispose]());
  return place;
};
const entriesIn = (place: Place) => {
  const read = parseRecord(place.text());
  if (!read.ok) throw new Error(read.reason);
  return read.record.entries;
};
const sessionEntry: JournalEntry = { kind: 'session', session, profile };

describe('a journal', () => {
  test('has what is noted on disk when note() returns, and what is struck out no more', () => {
    const place = somewhere();
    const journal = openJournal(place);
    const strike = journal.note(sessionEntry);
    expect(entriesIn(place)).toEqual([sessionEntry]);
    journal.note({ kind: 'start', marker: 'f00d', profile });
    expect(entriesIn(place)).toHaveLength(2);
    strike();
    strike();
    expect(entriesIn(place)).toEqual([{ kind: 'start', marker: 'f00d', profile }]);
    journal.close();
    expect(place.names()).toEqual([]);
  });

  test('leaves no file when nothing is noted in it, and makes none after its end', () => {
    const place = somewhere();
    const journal = openJournal(place);
    const [one, two] = [journal.note(sessionEntry), journal.note(sessionEntry)];
    one();
    expect(entriesIn(place)).toEqual([sessionEntry]);
    two();
    expect(place.names()).toEqual([]);
    journal.note(sessionEntry);
    journal.close();
    journal.note(sessionEntry)();
    expect(journal.hold(session)).toBeUndefined();
    expect(place.names()).toEqual([]);
  });

  test('is for our eyes only and names its owner', () => {
    const place = somewhere();
    openJournal(place).note(sessionEntry);
    const [name = ''] = place.names();
    expect(statSync(place.folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(place.folder, name)).mode & 0o777).toBe(0o600);
    const startTime = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[19];
    expect(name).toMatch(new RegExp(`^journal-${process.pid}-${startTime}-[0-9a-f]{16}\\.json$`));
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    expect(JSON.parse(place.text().split('\n')[0] ?? '')).toMatchObject({
      v: 1,
      owner: { pid: process.pid, startTime, boot },
    });
  });

  test('finds out when a child was started', () => {
    const place = somewhere();
    openJournal(place).note({ kind: 'child', pid: process.ppid, command: 'x' });
    const startTime = processesIn().find(process.ppid)?.startTime;
    expect(startTime).toMatch(/^\d+$/);
    expect(entriesIn(place)).toEqual([{ kind: 'child', pid: process.ppid, startTime, command: 'x' }]);
  });

  test('writes nothing that is not part of an entry', () => {
    const place = somewhere();
    const secretive = { ...profile, password: 'canary', cookie: 'canary' };
    openJournal(place).note({ kind: 'session', session, profile: secretive, cookie: 'canary' } as never);
    expect(place.text()).toContain(session);
    expect(place.text()).not.toContain('canary');
  });

  test.each<[string, unknown]>([
    ['a process that is a group', { kind: 'child', pid: -1, startTime: '1', command: 'x' }],
    ['a path with a NUL', { kind: 'directory', path: '/tmp/\0' }],
    ['an entry without its end', { kind: 'directory', path: '/'.repeat(10_000) }],
    ['no profile', { kind: 'session', session }],
    ['nothing', undefined],
    [
      'a trap',
      {
        get kind() {
          throw new Error('sprung');
        },
      },
    ],
  ])('refuses %s without harm to the rest, and says so', (_, entry) => {
    const place = somewhere();
    const troubles: X2GoError[] = [];
    const journal = openJournal({ folder: place.folder, trouble: (failure) => troubles.push(failure) });
    journal.note(sessionEntry);
    journal.note(entry as JournalEntry)();
    expect(entriesIn(place)).toEqual([sessionEntry]);
    expect(troubles).toMatchObject([{ code: 'file.unwritable' }]);
  });

  test('keeps a long command readable', () => {
    const place = somewhere();
    const command = `nxproxy ${'option '.repeat(3_000)}`;
    openJournal(place).note({ kind: 'child', pid: 77, startTime: '1', command });
    expect(entriesIn(place)).toMatchObject([
      { pid: 77, command: expect.stringMatching(/^nxproxy( option)+$/) },
    ]);
  });

  test('comes back after its folder was removed', () => {
    const place = somewhere();
    const troubles: X2GoError[] = [];
    const journal = openJournal({ folder: place.folder, trouble: (failure) => troubles.push(failure) });
    journal.note(sessionEntry);
    place[Symbol.dispose]();
    journal.note(sessionEntry);
    expect(entriesIn(place)).toHaveLength(2);
    place[Symbol.dispose]();
    expect(journal.hold(session)).toBeTypeOf('function');
    expect(openJournal(place).hold(session)).toBeUndefined();
    expect(troubles).toEqual([]);
  });

  test('costs less than a millisecond a note, with a hundred things noted', () => {
    const journal = openJournal(somewhere());
    const entries = Array.from({ length: 100 }, (_, count) => ({
      ...sessionEntry,
      session: `${session}${count}`,
    }));
    for (const entry of entries) journal.note(entry);
    const costs = Array.from({ length: 500 }, () => {
      const started = performance.now();
      journal.note(sessionEntry)();
      return (performance.now() - started) / 2;
    }).sort((one, other) => one - other);
    // The lower quartile: beside other tests the rest is spent waiting for a turn.
    expect(costs[125]).toBeLessThan(soon(1));
    journal.close();
  });
});

describe('FAULTS 43: a disk that fails', () => {
  test("where a file is in the folder's place: said once, and everything goes on", () => {
    const place = somewhere();
    writeFileSync(place.folder, 'precious');
    const troubles: X2GoError[] = [];
    const journal = openJournal({ folder: place.folder, trouble: (failure) => troubles.push(failure) });
    const strikes = [journal.note(sessionEntry), journal.note(sessionEntry)];
    const release = journal.hold(session);
    expect(release).toBeTypeOf('function');
    expect(journal.hold(session)).toBeUndefined();
    release?.();
    expect(journal.hold(session)).toBeTypeOf('function');
    for (const strike of strikes) strike();
    journal.close();
    expect(troubles).toMatchObject([{ code: 'file.unwritable', retryable: false }]);
    expect(readFileSync(place.folder, 'utf8')).toBe('precious');
  });

  test('a listener that throws is no reason to', () => {
    const place = somewhere();
    writeFileSync(place.folder, '');
    const trouble = () => {
      throw new Error('from the listener');
    };
    expect(() => openJournal({ folder: place.folder, trouble }).note(sessionEntry)).not.toThrow();
  });

  test('a folder that others may write to is not used', () => {
    const place = somewhere();
    mkdirSync(place.folder);
    chmodSync(place.folder, 0o777);
    const troubles: X2GoError[] = [];
    openJournal({ folder: place.folder, trouble: (failure) => troubles.push(failure) }).note(sessionEntry);
    expect(troubles).toMatchObject([{ message: expect.stringContaining('not ours alone') }]);
    expect(place.names()).toEqual([]);
  });

  const inMounts = (options: string, place: Place) => {
    const mount = `mount -t tmpfs -o mode=0700,${options} none "$1" && exec "$2" "$3" full "$1" "$1"`;
    return run('unshare', '-m', 'sh', '-c', mount, 'sh', place.root, process.execPath, script('owner'));
  };
  test.skipIf(!canMount()).each(['size=4k', 'ro'])(
    'of its own (%s): the caller hears of it once',
    async (options) => {
      await using child = inMounts(options, somewhere());
      const { troubles, holds } = await child.next<{
        troubles: { code: string; message: string }[];
        holds: boolean[];
      }>();
      expect(troubles).toMatchObject([
        { code: 'file.unwritable', message: expect.stringMatching(/ENOSPC|EROFS/) },
      ]);
      expect(holds).toEqual([true, false]);
    },
  );
});

test('a kill at any moment leaves a journal that can be read, and so does a look at any moment', async () => {
  const looks = { during: 0, after: 0 };
  for (let round = 0; round < 12; round++) {
    const place = somewhere();
    await using child = runScript('owner', 'notes', place.folder, place.root);
    await child.next();
    const until = performance.now() + 20 + round * 7;
    while (performance.now() < until) {
      if (look(place)) looks.during += 1;
    }
    await child.kill();
    expect(look(place)).toBe(true);
    looks.after += 1;
  }
  expect(looks.after).toBe(12);
  expect(looks.during).toBeGreaterThan(200);
}, 60_000);

/** Whether there is a journal. Throws when it is not whole. */
function look({ folder }: Place): boolean {
  const name = readdirSync(folder).find((each) => each.endsWith('.json'));
  if (name === undefined) return false;
  const read = parseRecord(readFileSync(join(folder, name), 'utf8'));
  if (!read.ok) throw new Error(read.reason);
  return read.record.entries.length > 0;
}
