/** A port that was forgotten looks like a network failure and is retried for ever: so none may be. */

import { expect, test } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { guardianMachine } from '../../machines/guardian.js';
import { placeholders } from '../../machines/ports.js';
import { profileMachine } from '../../machines/profile.js';
import { assemble } from '../../src/assemble.js';
import { sound } from '../../src/channels/sound.js';
import { noJournal } from '../../src/journal/journal.js';
import { Scope } from '../../src/scope.js';
import { RefusedSecrets } from '../../src/ssh/refusedSecrets.js';
import type { World } from '../../src/world.js';

const nowhere: World = {
  clock: { now: () => 0, setTimeout: () => undefined, clearTimeout: () => undefined },
  sinceBoot: () => 0,
  chance: () => 0.5,
  scope: new Scope(() => 0),
  connections: new Map(),
  credentialsOf: async () => ({}),
  hostKeysOf: () => ({ mode: 'strict', files: [] }),
  profileOf: (id) => ({ id, host: 'nowhere', user: 'nobody' }),
  journal: noJournal,
  cookies: new Map(),
  viewers: new Map(),
  answers: new Map(),
  refusals: new RefusedSecrets(),
  starts: new Map(),
  unlessUsed: new Set(),
  viewer: undefined,
  riders: { sound },
};
const charts = assemble(nowhere);

/** The ports of a chart that still are what machines/ports.ts stands in for them. */
const unprovided = (machine: AnyStateMachine): string[] => {
  const stands = new Set<unknown>(Object.values(placeholders));
  return Object.entries(machine.implementations.actors)
    .filter(([, logic]) => logic === undefined || stands.has(logic))
    .map(([name]) => name);
};
const invoked = (node: AnyStateNode): string[] => [
  ...node.invoke.map(({ src }) => String(src)),
  ...Object.values(node.states).flatMap((child) => invoked(child as AnyStateNode)),
];

test.each(Object.entries(charts))(
  '%s: every port is provided, and every actor it invokes is a port',
  (_name, chart) => {
    expect(unprovided(chart)).toEqual([]);
    const ports = Object.keys(chart.implementations.actors);
    expect(invoked(chart.root).filter((src) => !ports.includes(src))).toEqual([]);
  },
);

test('before they are assembled every port but the session chart is a placeholder', () => {
  expect(unprovided(profileMachine).sort()).toEqual(
    Object.keys(placeholders)
      .filter((name) => name !== 'profile')
      .sort(),
  );
  expect(unprovided(guardianMachine).sort()).toEqual(['profile', 'release']);
});

test.each(Object.keys(placeholders).filter((name) => name !== 'profile'))(
  'the check sees it when %s is left out',
  (port) => {
    const provided = { ...charts.profile.implementations.actors } as Record<string, never>;
    const { [port]: _, ...others } = provided;
    expect(unprovided(profileMachine.provide({ actors: others as never }))).toEqual([port]);
  },
);

test('the guardian guards the assembled profile', () => {
  expect(charts.guardian.implementations.actors.profile).toBe(charts.profile);
});
