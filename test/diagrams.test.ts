/** The drawn charts are those that run. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { charts } from '../machines/charts.js';
import { sessionMachine } from '../machines/session.js';

const root = new URL('../', import.meta.url).pathname;
const generator = new URL('../visualizations/page.mjs', import.meta.url).href;
const { page } = (await import(generator)) as { page(machine: AnyStateMachine): string };
const painter = new URL('../visualizations/svg.mjs', import.meta.url).href;
const { closeUps, overview, svg } = (await import(painter)) as {
  closeUps(machine: AnyStateMachine): Record<string, string>;
  overview(machine: AnyStateMachine): string | undefined;
  svg(machine: AnyStateMachine): string;
};

describe.each(Object.entries(charts))('the page of the %s', (name, machine) => {
  const text = page(machine);
  const drawn = /```mermaid\n([\s\S]*?)\n```/.exec(text)?.[1] ?? '';
  const lines = drawn.split('\n').map((line) => line.trim());

  test('is current', () => {
    expect(readFileSync(join(root, `visualizations/generated/${name}.md`), 'utf8')).toBe(text);
  });

  test('declares each state once, and draws arrows only between declared ones', () => {
    const declared = lines.flatMap((line) => /^state ".*" as (\w+)/.exec(line)?.[1] ?? []);
    expect(new Set(declared).size).toBe(declared.length);
    const ends = lines.flatMap((line) => /^(\S+) --> (\S+)/.exec(line)?.slice(1) ?? []);
    expect(ends.filter((end) => end !== '[*]' && !declared.includes(end))).toEqual([]);
  });

  test('closes what it opens, and a label holds no sign that Mermaid reads', () => {
    expect(lines.filter((line) => line.endsWith('{'))).toHaveLength(
      lines.filter((line) => line === '}').length,
    );
    const labels = lines.flatMap((line) => / : (.*)$/.exec(line)?.[1] ?? []);
    const entities = /#\d+;|<br\/>/g;
    expect(labels.filter((label) => /[:;#"<>{}]/.test(label.replace(entities, '')))).toEqual([]);
  });

  test('names every event that leads somewhere else, its guard and its delay', () => {
    const { states, events } = machine;
    for (const state of Object.keys(states)) expect(text).toContain(`| \`${state}\``);
    for (const event of events.filter((type) => !type.startsWith('xstate.'))) expect(text).toContain(event);
    for (const delay of Object.keys(machine.implementations.delays)) expect(text).toContain(`after ${delay}`);
  });
});

const statesBelow = (node: AnyStateNode): AnyStateNode[] =>
  Object.values(node.states).flatMap((child) => [child, ...statesBelow(child)]);
const pathOf = ({ path }: AnyStateNode) => path.join('.');
const plain = (text: string) => text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));

describe.each(Object.entries(charts))('the picture of the %s', (name, machine) => {
  const { root: top } = machine as AnyStateMachine;
  const picture = svg(machine);
  const all = [top, ...statesBelow(top)];

  test('is current, and drawn the same twice', () => {
    expect(readFileSync(join(root, `visualizations/generated/${name}.svg`), 'utf8')).toBe(picture);
    expect(svg(machine)).toBe(picture);
  });

  test('holds every state once', () => {
    const drawn = [...picture.matchAll(/<g class="state"[^>]* data-state="([^"]*)"/g)].map(
      ([, path]) => path,
    );
    expect(drawn.sort()).toEqual(all.slice(1).map(pathOf).sort());
  });

  test('holds every transition once for each of its targets, with its event and guard', () => {
    const drawn = [...picture.matchAll(/<g class="edge(?: way)?"([^>]*)>/g)].map(([, attributes = '']) => {
      const of = (key: string) => plain(new RegExp(`data-${key}="([^"]*)"`).exec(attributes)?.[1] ?? '');
      return [of('source'), of('event'), of('target'), of('guard')].join(' | ');
    });
    const inChart = all.flatMap((node) =>
      [...(node.always ?? []), ...[...node.transitions.values()].flat()].flatMap(
        ({ target, eventType, guard }) =>
          (target ?? []).map((end) => {
            const named = typeof guard === 'object' && 'type' in guard ? String(guard.type) : undefined;
            const words = typeof guard === 'string' ? guard : named;
            return [pathOf(node), eventType, pathOf(end), words ?? ''].join(' | ');
          }),
      ),
    );
    expect(drawn.length).toBeGreaterThan(5);
    expect(drawn.sort()).toEqual(inChart.sort());
  });

  test("draws each way as a line or a row, and has no colour but the style sheet's", () => {
    for (const [, inside = ''] of picture.matchAll(/<g class="edge(?: way)?"[^>]*>([\s\S]*?)<\/g>/g))
      expect(inside).toMatch(/<path|<text class="told"/);
    expect(picture.split('</style>')[1]).not.toMatch(/ (fill|stroke)="/);
    expect(picture).toContain('prefers-color-scheme: dark');
  });
});

test('each composite state of the session has a picture of its own, which is current', () => {
  const pictures = closeUps(sessionMachine);
  const composite = Object.values(sessionMachine.root.states as Record<string, AnyStateNode>).filter(
    ({ states }) => Object.keys(states).length > 0,
  );
  expect(Object.keys(pictures)).toEqual(composite.map(({ key }) => key));
  for (const [key, picture] of Object.entries(pictures)) {
    expect(readFileSync(join(root, `visualizations/generated/session-${key}.svg`), 'utf8')).toBe(picture);
    for (const state of statesBelow(sessionMachine.root).map(pathOf))
      expect(picture.includes(`data-state="${state}"`)).toBe(`${state}.`.startsWith(`${key}.`));
  }
});

test('the overview of a session draws the usual ways, and lists the others: each top state can be reached', () => {
  const picture = overview(sessionMachine) ?? '';
  // Thirteen ways, and the one in.
  expect(picture.match(/<g class="begin">/g)).toHaveLength(14);
  expect(picture).toContain('→ running, suspending, suspended,');
  for (const state of Object.keys(sessionMachine.states)) expect(picture).toContain(`data-state="${state}"`);
});

test('what draws is no part of the package', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(Object.keys(dependencies)).not.toContain('@viz-js/viz');
  const sources = execFileSync(
    'git',
    ['grep', '-l', '@viz-js/viz', '--', 'src', 'machines', 'visualizations/*.mjs'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  expect(sources.trim()).toBe('visualizations/graphviz.mjs');
});

describe('npm run diagrams -- --check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'x2go-guardian-diagrams-'));
  const built = join(folder, 'dist', 'machines');
  const check = () => {
    const script = join(folder, 'visualizations', 'diagrams.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    return { status, stderr };
  };
  beforeAll(() => {
    mkdirSync(built, { recursive: true });
    const compile = [
      '-p',
      'machines/tsconfig.json',
      '--noEmit',
      'false',
      '--declaration',
      'false',
      '--outDir',
      built,
    ];
    execFileSync(join(root, 'node_modules', '.bin', 'tsc'), compile, { cwd: root });
    cpSync(join(root, 'visualizations'), join(folder, 'visualizations'), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  // All charts are laid out anew, which takes seconds of CPU time; that it is content is shown by .ci/run.
  test('names the page of a chart whose state was renamed, and no other, and writes nothing', {
    timeout: 120_000,
  }, () => {
    const chart = join(built, 'session.js');
    const page = join(folder, 'visualizations', 'generated', 'session.md');
    const [before, written] = [chart, page].map((file) => readFileSync(file, 'utf8'));
    writeFileSync(chart, before?.replaceAll('virgin', 'unborn') ?? '');
    const { status, stderr } = check();
    expect(status).toBe(1);
    expect(stderr).toContain('visualizations/generated/session.md');
    expect(stderr).toContain('visualizations/generated/session.svg');
    expect(stderr).not.toContain('profile.md');
    expect(readFileSync(page, 'utf8')).toBe(written);
  });
});
