/** What holds for every chart: it can be read, and it decides without touching the world. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { attachmentMachine, attachmentTags } from '../../machines/attachment.js';
import { guardianMachine } from '../../machines/guardian.js';
import { profileMachine } from '../../machines/profile.js';
import { proxyMachine, proxyTags } from '../../machines/proxy.js';
import { sessionMachine } from '../../machines/session.js';
import { tunnelMachine, tunnelTags } from '../../machines/tunnel.js';
import { guardianTags, profileTags, sessionTags } from '../../machines/vocabulary.js';

const charts = [
  ['guardian', guardianMachine, guardianTags, ['terminated']],
  ['profile', profileMachine, profileTags, ['terminated']],
  ['session', sessionMachine, sessionTags, ['undone', 'abandoned', 'terminated']],
  ['attachment', attachmentMachine, attachmentTags, ['terminated']],
  ['tunnel', tunnelMachine, tunnelTags, ['denied', 'closed']],
  ['proxy', proxyMachine, proxyTags, ['terminated']],
] as const satisfies readonly (readonly [string, AnyStateMachine, readonly string[], readonly string[]])[];

const below = (node: AnyStateNode): AnyStateNode[] =>
  Object.values(node.states).flatMap((child) => [child as AnyStateNode, ...below(child as AnyStateNode)]);
const leaves = (node: AnyStateNode): AnyStateNode[] =>
  below(node).filter(({ type }) => type !== 'compound' && type !== 'parallel');

/** The main tags a chart can show at once: the state's own, those around it, and those of parallel neighbours. */
function mainTags(node: AnyStateNode, tags: readonly string[]): string[][] {
  const own = node.tags.filter((tag) => tags.includes(tag));
  const children = Object.values(node.states) as AnyStateNode[];
  if (children.length === 0) return [own];
  if (node.type === 'parallel') {
    const regions = children.map((child) => mainTags(child, tags));
    const together = regions.reduce((so, region) => so.flatMap((a) => region.map((b) => [...a, ...b])), [
      [],
    ] as string[][]);
    return together.map((found) => [...own, ...found]);
  }
  return children.flatMap((child) => mainTags(child, tags).map((found) => [...own, ...found]));
}

/** What is referred to by name; an inline function has its own. */
const nameOf = (part: unknown): string[] => {
  if (typeof part === 'string') return [part];
  return typeof part === 'object' && part !== null && 'type' in part ? [String(part.type)] : [];
};

describe.each(charts)('%s', (_name, machine, tags, finals) => {
  test('every state says why it is there; a region need not, its states do', () => {
    const silent = below(machine.root).filter(
      ({ description, parent }) => parent?.type !== 'parallel' && (description ?? '').length < 10,
    );
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  test('wherever it is, it shows exactly one tag of its list, and every tag of the list somewhere', () => {
    const shown = mainTags(machine.root, tags);
    expect(shown.filter((found) => found.length !== 1)).toEqual([]);
    expect([...new Set(shown.flat())].sort()).toEqual([...tags].sort());
  });

  test('every delay has a name that is defined, and no other is', () => {
    const used = [machine.root, ...below(machine.root)].flatMap(({ after }) =>
      after.map(({ delay }) => delay),
    );
    expect(used.filter((delay) => typeof delay !== 'string')).toEqual([]);
    expect([...new Set(used)].sort()).toEqual(Object.keys(machine.implementations.delays).sort());
  });

  test('every actor has a name among its ports, and an id of its own', () => {
    const invokes = [machine.root, ...below(machine.root)].flatMap(({ invoke }) => invoke);
    const actors = Object.keys(machine.implementations.actors);
    for (const { src, id } of invokes) {
      expect(actors).toContain(src);
      expect(id).toMatch(/^[a-z][a-zA-Z]*$/);
    }
  });

  test('no state is a dead end but the last ones', () => {
    const stuck = leaves(machine.root).filter((leaf) => {
      const around = [leaf];
      for (let node = leaf.parent; node !== undefined; node = node.parent) around.push(node);
      return (
        leaf.type !== 'final' &&
        around.every(({ transitions, always }) => transitions.size === 0 && !always?.length)
      );
    });
    expect(stuck.map(({ id }) => id)).toEqual([]);
    expect(
      leaves(machine.root)
        .filter(({ type }) => type === 'final')
        .map(({ key }) => key),
    ).toEqual(finals);
  });

  test('every guard and every action that is defined is used, and no other is', () => {
    const nodes = [machine.root, ...below(machine.root)];
    const taken = nodes.flatMap((node) => [...[...node.transitions.values()].flat(), ...(node.always ?? [])]);
    const named = (parts: readonly unknown[]) => [...new Set(parts.flatMap(nameOf))].sort();
    const actions = [...nodes.flatMap(({ entry, exit }) => [...entry, ...exit])];
    for (const transition of taken) actions.push(...transition.actions);
    expect(named(taken.map(({ guard }) => guard))).toEqual(
      Object.keys(machine.implementations.guards).sort(),
    );
    expect(named(actions)).toEqual(Object.keys(machine.implementations.actions).sort());
  });
});

const folder = new URL('../../machines/', import.meta.url);
const sources = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => [name, readFileSync(new URL(name, folder), 'utf8')] as const);

describe.each(sources)('machines/%s', (_name, text) => {
  test('imports xstate and its own folder, nothing else', () => {
    const imported = [...text.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, from]) => from ?? '');
    expect(imported.filter((from) => from !== 'xstate' && !/^\.\/[a-zA-Z]+\.js$/.test(from))).toEqual([]);
  });

  test('throws nothing, waits for nothing and knows neither clock nor chance', () => {
    const code = text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*/g, '').replace(/'[^'\n]*'|`[^`]*`/g, "''");
    const forbidden =
      /\b(Date|Math\.random|performance|crypto|process|globalThis|set(?:Timeout|Interval|Immediate)|queueMicrotask|fetch|console|require|JSON\.parse|await)\b/;
    const placeholders = _name === 'ports.ts' || _name === 'sessionPorts.ts';
    expect(code.match(forbidden)?.[0]).toBe(undefined);
    expect(/\bthrow\b/.test(code)).toBe(placeholders);
  });
});

/** What anything of ours says: `type: 'it.happened'`, or one of two; in a declaration it is readonly. */
const said = new Set(
  ['machines', 'src'].flatMap((part) => {
    const at = new URL(`../../${part}/`, import.meta.url);
    return readdirSync(at, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => {
        const text = readFileSync(new URL(name, at), 'utf8');
        return [...text.matchAll(/(?<!readonly )\btype: (?:[^,;{}'|]+\? ('[^']+') : )?('[^']+')/g)].flatMap(
          ([, ...types]) => types.map((type) => type?.slice(1, -1)),
        );
      });
  }),
);

test.each(charts)('%s: every event it takes is sent by somebody', (_name, machine) => {
  const taken = [...new Set([machine.root, ...below(machine.root)].flatMap(({ ownEvents }) => ownEvents))];
  const own = taken.filter((type) => !type.startsWith('xstate.') && type !== '');
  expect(own.length).toBeGreaterThan(1);
  expect(own.filter((type) => !said.has(type))).toEqual([]);
});
