/** FAULTS 46: of all guardians of a user on a machine one resumes a session; the others are told. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { holdFile } from '../../src/journal/holds.js';
import { openJournal } from '../../src/journal/openJournal.js';
import { type Owner, ourselves } from '../../src/journal/owner.js';
import { processesIn } from '../../src/journal/processes.js';
import { reap } from '../../src/journal/reap.js';
import { ownerText } from '../../src/journal/record.js';
import { deadOwner, makePlace, type Place, session } from './support/place.js';
import { runScript } from './support/processes.js';

const somewhere = (): Place => {
  const place = makePlace();
  onTestFinished(() => place[Symbol.dispose]());
  return place;
};
const us = ourselves(processesIn());
const holdsOf = (place: Place) => place.names().filter((name) => name.startsWith('hold-'));

/** A hold as a process leaves it that was killed. */
function plantHold(
  place: Place,
  name = session,
  owner: Owner = deadOwner(),
  text = ownerText(owner),
): string {
  openJournal(place).hold('another')?.();
  const path = holdFile(place.folder, name, us);
  writeFileSync(path, `${text}\n`, { mode: 0o600 });
  return path;
}

describe('a hold', () => {
  test("is one guardian's, until it lets go", () => {
    const place = somewhere();
    const [one, other] = [openJournal(place), openJournal(place)];
    const release = one.hold(session);
    expect(release).toBeTypeOf('function');
    expect([one.hold(session), other.hold(session)]).toEqual([undefined, undefined]);
    const elsewhere = other.hold('bob-51-1795371132_stDxterm_dp24');
    expect(elsewhere).toBeTypeOf('function');
    release?.();
    const now = other.hold(session);
    expect(now).toBeTypeOf('function');
    // Letting go twice takes nothing from whoever has it now.
    release?.();
    expect(one.hold(session)).toBeUndefined();
    now?.();
    elsewhere?.();
    expect(place.names()).toEqual([]);
  });

  test('that was let go of is no key to a later one', () => {
    const place = somewhere();
    const [one, other] = [openJournal(place), openJournal(place)];
    const first = one.hold(session);
    first?.();
    one.hold(session);
    first?.();
    expect(other.hold(session)).toBeUndefined();
    one.close();
    expect(other.hold(session)).toBeTypeOf('function');
  });

  test('whose file somebody removed is not taken from whoever has it since', () => {
    const place = somewhere();
    const release = openJournal(place).hold(session);
    for (const name of holdsOf(place)) rmSync(join(place.folder, name));
    expect(openJournal(place).hold(session)).toBeTypeOf('function');
    release?.();
    expect(openJournal(place).hold(session)).toBeUndefined();
  });

  test('ends with its journal', () => {
    const place = somewhere();
    const one = openJournal(place);
    one.hold(session);
    one.hold('another');
    one.close();
    expect(place.names()).toEqual([]);
    expect(openJournal(place).hold(session)).toBeTypeOf('function');
  });

  test('of another process is respected while that lives, and taken over after', async () => {
    const place = somewhere();
    await using holder = runScript('owner', 'hold', place.folder, session);
    expect(await holder.next()).toEqual({ held: true });
    await using late = runScript('owner', 'hold', place.folder, session);
    expect(await late.next()).toEqual({ held: false });
    const journal = openJournal(place);
    expect(journal.hold(session)).toBeUndefined();
    await holder.kill();
    expect(journal.hold(session)).toBeTypeOf('function');
    expect(openJournal(place).hold(session)).toBeUndefined();
  });

  test.each<[string, Owner, string | undefined, boolean]>([
    ['a dead process', deadOwner(), undefined, true],
    ['a process whose number was given anew', { ...us, startTime: '1' }, undefined, true],
    ['a run before the last boot', { ...us, boot: 'before' }, undefined, true],
    ['a living process', us, undefined, false],
    ['another machine', { ...us, boot: 'there', machine: 'there' }, undefined, false],
    ['a later version', us, '{"v":2}', false],
    ['a power cut', us, '\0\0\0', true],
  ])('of %s is taken over, or left where it may be meant', (_, owner, text, taken) => {
    const place = somewhere();
    plantHold(place, session, owner, text);
    expect(openJournal(place).hold(session) !== undefined).toBe(taken);
    expect(holdsOf(place)).toHaveLength(1);
  });

  test('whose guard was left by a killed process is taken over all the same', () => {
    const place = somewhere();
    const path = plantHold(place);
    writeFileSync(`${path}~`, `${ownerText(deadOwner())}\n`, { mode: 0o600 });
    expect(openJournal(place).hold(session)).toBeTypeOf('function');
    expect(holdsOf(place)).toHaveLength(1);
  });

  test('that another one is just taking over is not taken', () => {
    const place = somewhere();
    const path = plantHold(place);
    writeFileSync(`${path}~`, `${ownerText(us)}\n`, { mode: 0o600 });
    expect(openJournal(place).hold(session)).toBeUndefined();
  });

  test.each(['../../escape', 'a/b', '', '\0', '~', 'x'.repeat(1_000)])(
    'stays in its folder with the name %j',
    (name) => {
      const place = somewhere();
      const journal = openJournal(place);
      expect(journal.hold(name)).toBeTypeOf('function');
      expect(place.names()).toEqual([expect.stringMatching(/^hold-[0-9a-f]+-[0-9a-f]+$/)]);
      expect(openJournal(place).hold(name)).toBeUndefined();
    },
  );

  test("of a dead process goes with a reap, a living one's stays", async () => {
    const place = somewhere();
    plantHold(place);
    const journal = openJournal(place);
    journal.hold('living');
    await reap({ folder: place.folder, roots: [] });
    expect(holdsOf(place)).toHaveLength(1);
    expect(openJournal(place).hold('living')).toBeUndefined();
  });
});

test('of 50 contenders for each of 200 sessions one wins, also where a dead one is in the way', async () => {
  const place = somewhere();
  const rounds = 200;
  for (let round = 0; round < rounds; round += 1) if (round % 4 !== 0) plantHold(place, `session-${round}`);
  const contenders = Array.from({ length: 5 }, () => {
    const told = runScript('contenders', place.folder, '10', String(rounds));
    onTestFinished(() => told.kill());
    return told;
  });
  for (const contender of contenders) expect(await contender.next()).toBe('ready');
  const start = Date.now() + 200;
  for (const { process } of contenders) process.stdin?.write(`${start}\n`);
  const won = (await Promise.all(contenders.map((contender) => contender.next<number[]>()))).flat();
  expect(won.sort((one, other) => one - other)).toEqual(Array.from({ length: rounds }, (_, round) => round));
  expect(new Set(holdsOf(place)).size).toBe(rounds);
}, 60_000);

test('of four that take and let go of one session all the time no two have it at once', async () => {
  const place = somewhere();
  plantHold(place, 's');
  const all = Array.from({ length: 4 }, () => {
    const told = runScript('churn', place.folder, place.root, '3000');
    onTestFinished(() => told.kill());
    return told;
  });
  const counts = await Promise.all(all.map((each) => each.next<{ held: number; shared: number }>()));
  expect(counts.map(({ shared }) => shared)).toEqual([0, 0, 0, 0]);
  expect(counts.reduce((sum, { held }) => sum + held, 0)).toBeGreaterThan(200);
  expect(holdsOf(place)).toEqual([]);
}, 60_000);
