/** The drawn charts are those that run. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { attachmentMachine } from '../machines/attachment.js';
import { guardianMachine } from '../machines/guardian.js';
import { profileMachine } from '../machines/profile.js';
import { proxyMachine } from '../machines/proxy.js';
import { sessionMachine } from '../machines/session.js';
import { tunnelMachine } from '../machines/tunnel.js';

const root = new URL('../', import.meta.url).pathname;
const generator = new URL('../visualizations/page.mjs', import.meta.url).href;
const { page } = (await import(generator)) as { page(machine: AnyStateMachine): string };
const charts = {
  guardian: guardianMachine,
  profile: profileMachine,
  session: sessionMachine,
  attachment: attachmentMachine,
  tunnel: tunnelMachine,
  proxy: proxyMachine,
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

  test('is content with the charts as they are', () => {
    expect(check()).toEqual({ status: 0, stderr: '' });
  });

  test('names the page of a chart whose state was renamed, and writes nothing', () => {
    const chart = join(built, 'session.js');
    const before = readFileSync(chart, 'utf8');
    writeFileSync(chart, before.replaceAll('virgin', 'unborn'));
    for (let round = 0; round < 2; round += 1) {
      const { status, stderr } = check();
      expect(status).toBe(1);
      expect(stderr).toContain('visualizations/generated/session.md');
      expect(stderr).not.toContain('profile.md');
    }
    writeFileSync(chart, before);
    expect(check().status).toBe(0);
  });
});
