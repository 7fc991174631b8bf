/** FAULTS 5: after a kill -9 the next reap ends what was ours on this machine, tells of the sessions, and touches nothing else. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JournalEntry } from '../../src/journal/journal.js';
import { ourRoots } from '../../src/journal/leftDirectory.js';
import { openJournal } from '../../src/journal/openJournal.js';
import { ourselves } from '../../src/journal/owner.js';
import { parseStat, processesIn } from '../../src/journal/processes.js';
import { factsOf, type Reaping, reap, settle } from '../../src/journal/reap.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/until.js';
import { deadOwner, makePlace, type Place, plant, profile, session } from './support/place.js';
import { canMount, isAlive, run, runScript, script, startSleeper } from './support/processes.js';

const somewhere = (): Place => {
  const place = makePlace();
  onTestFinished(() => place[Symbol.dispose]());
  return place;
};
const reapAt = ({ folder, root }: Place, more = {}) => reap({ folder, roots: [root], ...more });
const sessionEntry: JournalEntry = { kind: 'session', session, profile };
const isRoot = process.getuid?.() === 0;

/** A directory as we make them, with a file in it. */
function makeOurs({ root }: Place, name = 'x2go-guardian-a1b2c3'): string {
  const path = join(root, name);
  mkdirSync(path);
  writeFileSync(join(path, 'options'), 'x');
  return path;
}

test('FAULTS 5: what a killed guardian left is ended, and its sessions are told of until they are settled', async () => {
  const place = somewhere();
  const owner = runScript('owner', 'leave', place.folder, place.root);
  const { pid, directory } = await owner.next<{ pid: number; directory: string }>();
  onTestFinished(() => {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  expect((await reapAt(place)).ended).toEqual([]);
  await owner.kill();
  expect([isAlive(pid), existsSync(join(directory, 'S-alice-50/session'))]).toEqual([true, true]);

  const first = await reapAt(place);
  expect(first.ended).toEqual([
    { type: 'reap.ended', kind: 'child', id: String(pid), outcome: 'ended' },
    { type: 'reap.ended', kind: 'directory', id: directory, outcome: 'ended' },
  ]);
  expect([isAlive(pid), existsSync(directory)]).toEqual([false, false]);
  const start: JournalEntry = { kind: 'start', marker: 'f00d', profile };
  expect(first.sessions).toEqual([start, sessionEntry]);
  expect(factsOf(first).slice(2)).toEqual([
    { type: 'reap.ended', kind: 'session', id: 'f00d', outcome: 'left', profile: 'office' },
    { type: 'reap.ended', kind: 'session', id: session, outcome: 'left', profile: 'office' },
  ]);

  expect(await reapAt(place)).toEqual({ ended: [], sessions: [start, sessionEntry], skipped: [] });
  expect(settle('f00d', place)).toBe(true);
  expect((await reapAt(place)).sessions).toEqual([sessionEntry]);
  expect(settle(session, place)).toBe(true);
  expect(settle(session, place)).toBe(false);
  expect(await reapAt(place)).toEqual({ ended: [], sessions: [], skipped: [] });
  expect(place.names()).toEqual([]);
});

test('where nobody ever was, there is nothing', async () => {
  expect(await reapAt(somewhere())).toEqual({ ended: [], sessions: [], skipped: [] });
});

describe('a child', () => {
  test.each([
    ['another start time: its number was given anew', { startTime: '1' }],
    ['an unknown start time', { startTime: '' }],
    ['another command', { command: 'nxproxy -S options=/x:50' }],
  ])('that is a stranger by %s, lives on', async (_, difference) => {
    const place = somewhere();
    await using sleeper = await startSleeper();
    plant(place, [{ ...sleeper.entry, ...difference }]);
    const { ended } = await reapAt(place);
    expect(ended).toMatchObject([{ id: String(sleeper.entry.pid), outcome: 'left' }]);
    expect(sleeper.lives()).toBe(true);
    expect(place.names()).toEqual([]);
  });

  test('that is ours beyond doubt is asked to end first', async () => {
    const place = somewhere();
    await using sleeper = await startSleeper();
    plant(place, [sleeper.entry]);
    const { ended } = await reapAt(place);
    expect(ended).toMatchObject([{ outcome: 'ended' }]);
    expect(await sleeper.ended()).toBe('SIGTERM');
  });

  test('that does not end when asked to is killed after its grace', async () => {
    const place = somewhere();
    await using sleeper = await startSleeper();
    await sleeper.stop();
    plant(place, [sleeper.entry]);
    const started = performance.now();
    const { ended } = await reapAt(place, { graceMs: 300 });
    expect(performance.now() - started).toBeGreaterThanOrEqual(300);
    expect(ended).toMatchObject([{ outcome: 'ended' }]);
    expect(await sleeper.ended()).toBe('SIGKILL');
  });

  test('gets no grace when we are in a hurry', async () => {
    const place = somewhere();
    await using sleeper = await startSleeper();
    await sleeper.stop();
    plant(place, [sleeper.entry]);
    const started = performance.now();
    await reapAt(place, { graceMs: 60_000, hurry: AbortSignal.abort() });
    expect(await sleeper.ended()).toBe('SIGKILL');
    expect(performance.now() - started).toBeLessThan(soon(1_000));
  });

  test('that ended by itself is gone', async () => {
    const place = somewhere();
    const sleeper = await startSleeper();
    await sleeper[Symbol.asyncDispose]();
    plant(place, [sleeper.entry]);
    expect((await reapAt(place)).ended).toMatchObject([{ outcome: 'gone' }]);
  });

  test('that ended and waits for its parent is gone', async () => {
    const place = somewhere();
    await using parent = run('sh', '-c', 'sleep 0.01 & echo $!; exec sleep 1000');
    const pid = await parent.next<number>();
    const stat = () => parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    const { startTime = '' } = stat() ?? {};
    await eventually('a process nobody waits for', () => stat()?.ended === true);
    plant(place, [{ kind: 'child', pid, startTime, command: 'sleep 0.01' }]);
    expect((await reapAt(place)).ended).toMatchObject([{ outcome: 'gone' }]);
  });

  test('is gone after a boot, whoever has its number and its start time by then', async () => {
    const place = somewhere();
    await using sleeper = await startSleeper();
    const directory = makeOurs(place);
    const entries: JournalEntry[] = [sleeper.entry, { kind: 'directory', path: directory }, sessionEntry];
    plant(place, entries, { ...ourselves(processesIn()), boot: '5d9c1f0e-0000-4000-8000-000000000000' });
    const { ended, sessions } = await reapAt(place);
    expect(ended).toMatchObject([{ outcome: 'gone' }, { id: directory, outcome: 'ended' }]);
    expect(sessions).toEqual([sessionEntry]);
    expect(sleeper.lives()).toBe(true);
  });

  test('is left where processes cannot be looked up', async () => {
    const place = somewhere();
    await using sleeper = await startSleeper();
    const processes = { ...processesIn(place.root), namespace: '' };
    plant(place, [sleeper.entry], { ...deadOwner(), boot: '', namespace: '' });
    const { ended } = await reapAt(place, { processes });
    expect(ended).toMatchObject([
      { outcome: 'left', failure: expect.stringContaining('cannot be looked up') },
    ]);
    expect(sleeper.lives()).toBe(true);
  });
});

describe('a directory', () => {
  const left = async (place: Place, path: string) => {
    plant(place, [{ kind: 'directory', path }]);
    const { ended } = await reapAt(place);
    expect(ended).toMatchObject([{ kind: 'directory', id: path }]);
    return ended[0];
  };
  const precious = (place: Place) => {
    const folder = join(dirname(place.root), 'precious');
    mkdirSync(join(folder, 'x2go-guardian-inner'), { recursive: true });
    writeFileSync(join(folder, 'x2go-guardian-inner', 'file'), 'precious');
    return { folder, isWhole: () => existsSync(join(folder, 'x2go-guardian-inner', 'file')) };
  };

  test('that was replaced by a link leaves what the link leads to', async () => {
    const place = somewhere();
    const { folder, isWhole } = precious(place);
    const link = join(place.root, 'x2go-guardian-a1b2c3');
    symlinkSync(folder, link);
    expect(await left(place, link)).toMatchObject({
      outcome: 'left',
      failure: expect.stringContaining('no directory'),
    });
    expect([isWhole(), existsSync(link)]).toEqual([true, true]);
  });

  test('behind a link is not ours', async () => {
    const place = somewhere();
    const { folder, isWhole } = precious(place);
    symlinkSync(folder, join(place.root, 'way'));
    expect(await left(place, join(place.root, 'way', 'x2go-guardian-inner'))).toMatchObject({
      outcome: 'left',
    });
    expect(isWhole()).toBe(true);
  });

  test('with links in it goes, and what they lead to stays', async () => {
    const place = somewhere();
    const { folder, isWhole } = precious(place);
    const path = makeOurs(place);
    mkdirSync(join(path, 'deep', 'deeper'), { recursive: true });
    symlinkSync(folder, join(path, 'deep', 'deeper', 'link'));
    writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0xff, 0xfe])]), 'no text');
    expect(await left(place, path)).toMatchObject({ outcome: 'ended' });
    expect([existsSync(path), isWhole()]).toEqual([false, true]);
  });

  test.each([
    ['named otherwise', (place: Place) => makeOurs(place, 'precious')],
    ['named with nothing of its own', (place: Place) => makeOurs(place, 'x2go-guardian-')],
    ['in none of our places', (place: Place) => makeOurs({ ...place, root: dirname(place.root) })],
    ['reached by a detour', (place: Place) => `${place.root}/../root/${basename(makeOurs(place))}`],
    ['a place of ours itself', (place: Place) => place.root],
  ])('%s stays', async (_, make) => {
    const place = somewhere();
    const path = make(place);
    expect(await left(place, path)).toMatchObject({
      outcome: 'left',
      failure: expect.stringContaining(path),
    });
    expect(existsSync(path)).toBe(true);
  });

  test.skipIf(!isRoot)("that is somebody else's stays", async () => {
    const place = somewhere();
    const path = makeOurs(place);
    chownSync(path, 65_534, 65_534);
    expect(await left(place, path)).toMatchObject({ outcome: 'left' });
    expect(existsSync(join(path, 'options'))).toBe(true);
  });

  test('that is a file by now stays, and one that is gone is gone', async () => {
    const place = somewhere();
    const file = join(place.root, 'x2go-guardian-file');
    writeFileSync(file, 'x');
    expect(await left(place, file)).toMatchObject({ outcome: 'left' });
    expect(await left(place, join(file, 'x2go-guardian-a'))).toMatchObject({ outcome: 'gone' });
    expect(await left(place, join(place.root, 'x2go-guardian-none'))).toMatchObject({ outcome: 'gone' });
  });

  test.skipIf(!canMount())('is not emptied into what is mounted in it, and is tried again', async () => {
    const place = somewhere();
    const path = makeOurs(place);
    mkdirSync(join(path, 'mnt'));
    plant(place, [{ kind: 'directory', path }]);
    const commands =
      'mount -t tmpfs none "$1/mnt" && touch "$1/mnt/precious" && exec "$2" "$3" mounted "$4" "$5" "$1/mnt/precious"';
    const args = ['sh', path, process.execPath, script('owner'), place.folder, place.root];
    await using child = run('unshare', '-m', 'sh', '-c', commands, ...args);
    const told = await child.next<Reaping & { precious: boolean }>();
    expect(told.ended).toMatchObject([
      { outcome: 'failed', failure: expect.stringContaining('another file system') },
    ]);
    expect(told.precious).toBe(true);
    expect((await reapAt(place)).ended).toMatchObject([{ outcome: 'ended' }]);
  });
});

test('our places are those where a folder for a proxy may be', () => {
  const roots = ourRoots({ XDG_RUNTIME_DIR: '/run/mine/' });
  expect(roots).toEqual(
    expect.arrayContaining(['/run/mine', `/run/user/${process.getuid?.()}`, tmpdir(), '/tmp']),
  );
  expect(ourRoots({ XDG_RUNTIME_DIR: 'relative' }).every(isAbsolute)).toBe(true);
});

describe('a journal', () => {
  test('of a living process is left alone', async () => {
    const place = somewhere();
    await using sleeper = await startSleeper();
    const journal = openJournal(place);
    journal.note(sleeper.entry);
    journal.note(sessionEntry);
    const before = place.text();
    expect(await reapAt(place)).toEqual({ ended: [], sessions: [], skipped: [] });
    expect(settle(session, place)).toBe(false);
    expect([place.text(), sleeper.lives()]).toEqual([before, true]);
  });

  test.each([
    ['another machine', { machine: 'another', boot: 'another' }],
    ['another container', { namespace: 'pid:[1]' }],
  ])('of %s is left alone', async (_, difference) => {
    const place = somewhere();
    await using sleeper = await startSleeper();
    plant(place, [sleeper.entry, sessionEntry], { ...deadOwner(), ...difference });
    expect(await reapAt(place)).toEqual({ ended: [], sessions: [], skipped: [] });
    expect([place.names().length, sleeper.lives()]).toEqual([1, true]);
  });

  const text = (place: Place) => place.text();
  const rewrite = (change: (text: string) => string) => (place: Place, path: string) =>
    writeFileSync(path, change(text(place)));
  test.each<[string, RegExp, (place: Place, path: string) => void]>([
    ['garbled', /no end/, rewrite(() => 'garbage')],
    ['empty', /no end/, rewrite(() => '')],
    ['truncated', /no end/, rewrite((whole) => whole.slice(0, -30))],
    ['with an entry nobody knows', /entry 1/, rewrite((whole) => whole.replace('"child"', '"family"'))],
    [
      'with a group for a child',
      /entry 1/,
      rewrite((whole) => whole.replace(/"pid":(?=\d+,"startTime":"\d+","command)/, '"pid":-')),
    ],
    ['of a later version', /later version \(2\)/, rewrite((whole) => whole.replace('"v":1', '"v":2'))],
    ['without an owner', /owner/, rewrite((whole) => whole.replace('"owner"', '"tenant"'))],
    ['longer than 1 MiB', /1 MiB/, rewrite((whole) => whole + ' '.repeat(1024 * 1024))],
    ['that others may write', /others may write/, (_, path) => chmodSync(path, 0o622)],
    [
      'that is a folder',
      /no regular file/,
      (_, path) => {
        renameSync(path, join(dirname(path), 'elsewhere'));
        mkdirSync(path);
      },
    ],
    [
      'that is a link',
      /link/,
      (_, path) => {
        renameSync(path, join(dirname(path), 'elsewhere'));
        symlinkSync('elsewhere', path);
      },
    ],
    ...(isRoot
      ? [
          [
            'of somebody else',
            /somebody else/,
            (_: Place, path: string) => chownSync(path, 65_534, 65_534),
          ] as [string, RegExp, (place: Place, path: string) => void],
        ]
      : []),
  ])('%s is not acted upon, and said to be so', async (_, reason, spoil) => {
    const place = somewhere();
    await using sleeper = await startSleeper();
    const directory = makeOurs(place);
    const path = plant(place, [sleeper.entry, { kind: 'directory', path: directory }, sessionEntry]);
    spoil(place, path);
    const before = readdirSync(place.folder);
    const { ended, sessions, skipped } = await reapAt(place);
    expect([ended, sessions]).toEqual([[], []]);
    expect(skipped).toEqual([{ path, reason: expect.stringMatching(reason) }]);
    expect([sleeper.lives(), existsSync(directory)]).toEqual([true, true]);
    expect(readdirSync(place.folder)).toEqual(before);
  });

  test('that is a named pipe holds nobody up', async () => {
    const place = somewhere();
    const path = plant(place, []);
    renameSync(path, `${path}.old`);
    const made = run('mkfifo', path);
    await eventually('the pipe', () => existsSync(path));
    await made.kill();
    expect((await reapAt(place)).skipped).toEqual([{ path, reason: 'it is no regular file' }]);
  });
});

describe('several reapers', () => {
  test('at once end each thing once', async () => {
    const place = somewhere();
    const sleepers = await Promise.all(Array.from({ length: 12 }, startSleeper));
    onTestFinished(async () => {
      for (const sleeper of sleepers) await sleeper[Symbol.asyncDispose]();
    });
    sleepers.forEach(({ entry }, count) => {
      const path = makeOurs(place, `x2go-guardian-${count}`);
      plant(place, [entry, { kind: 'directory', path }, { ...sessionEntry, session: `s-${count}` }]);
    });
    const at = String(Date.now() + 1_000);
    const reapers = [1, 2, 3].map(() => runScript('owner', 'reap', place.folder, place.root, at));
    const [here, again, ...there] = await Promise.all([
      reapAt(place),
      reapAt(place),
      ...reapers.map((reaper) => reaper.next<Reaping>()),
    ]);
    const all = [here, again, ...there].flatMap(({ ended }) => ended);
    expect(all.every(({ outcome }) => outcome === 'ended')).toBe(true);
    expect(new Set(all.map(({ id }) => id)).size).toBe(24);
    expect(all).toHaveLength(24);
    expect((await reapAt(place)).sessions).toHaveLength(12);
  });

  const claimedBy = (path: string, { pid, startTime, boot } = ourselves(processesIn())) => {
    const claimed = `${path}@${pid}-${startTime}-${boot}@0000000000000001`;
    renameSync(path, claimed);
    return claimed;
  };
  test('what one of them holds is passed by', async () => {
    const place = somewhere();
    await using sleeper = await startSleeper();
    claimedBy(plant(place, [sleeper.entry, sessionEntry]));
    expect(await reapAt(place)).toEqual({ ended: [], sessions: [], skipped: [] });
    expect(sleeper.lives()).toBe(true);
  });

  test('what one of them held when it was killed is taken up', async () => {
    const place = somewhere();
    await using sleeper = await startSleeper();
    const path = plant(place, [sleeper.entry, sessionEntry]);
    claimedBy(path, deadOwner());
    const { ended, sessions } = await reapAt(place);
    expect(ended).toMatchObject([{ outcome: 'ended' }]);
    expect(sessions).toEqual([sessionEntry]);
    expect(place.names()).toEqual([basename(path)]);
  });
});

test('files that were being written when their writer was killed go when they are old', async () => {
  const place = somewhere();
  const path = plant(place, [sessionEntry]);
  const [old, fresh] = ['01', '02'].map((name) => `${path}.${name}.tmp`) as [string, string];
  for (const each of [old, fresh]) writeFileSync(each, 'x');
  utimesSync(old, new Date(Date.now() - 120_000), new Date(Date.now() - 120_000));
  await reapAt(place);
  expect([existsSync(old), existsSync(fresh), existsSync(path)]).toEqual([false, true, true]);
});
