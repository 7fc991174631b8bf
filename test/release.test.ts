import { expect, test } from 'vitest';
import { createActor, toPromise } from 'xstate';
import type { ReleaseInput } from '../machines/ports.js';
import { release } from '../src/release.js';
import { Scope } from '../src/scope.js';
import type { World } from '../src/world.js';

/** A world in which something is open of a guardian, of a profile and of a session. */
function aWorld() {
  const scope = new Scope(() => 0);
  const dispose = () => 'closed' as const;
  scope.own('listener', 'guardian', dispose);
  scope.of('office').own('transport', 'line', dispose);
  scope.of('office').of('session').own('child', 'nxproxy', dispose);
  scope.of('lab').own('transport', 'other', dispose);
  const world = { scope, answers: new Map([['office', 'remembered']]) };
  const run = (input: ReleaseInput) => {
    const actor = createActor(release(world as unknown as World), { input }).start();
    return toPromise(actor);
  };
  const open = () => scope.open.map(({ id }) => id).sort();
  return { run, open, world };
}
const idsOf = (report: readonly { readonly id: string }[]) => report.map(({ id }) => id).sort();

test('of everything: all is closed, and reported', async () => {
  const { run, open } = aWorld();
  expect(idsOf(await run({ how: 'close' }))).toEqual([
    'guardian',
    'lab',
    'line',
    'nxproxy',
    'office',
    'other',
  ]);
  expect(open()).toEqual([]);
});

test('of a profile that is removed: its own alone, and what was remembered of it', async () => {
  const { run, open, world } = aWorld();
  expect(idsOf(await run({ profile: 'office', how: 'close' }))).toEqual(['line', 'nxproxy', 'office']);
  expect([open(), world.answers.size]).toEqual([['guardian', 'other'], 0]);
});

test('of a profile that is to go on, or of one of its sessions: what that holds itself', async () => {
  const { run, open } = aWorld();
  expect(await run({ profile: 'office', session: 'session', how: 'settle' })).toEqual([]);
  expect(open()).toEqual(['guardian', 'line', 'other']);
  expect(await run({ profile: 'office', how: 'settle' })).toEqual([]);
  expect(open()).toEqual(['guardian', 'other']);
});
