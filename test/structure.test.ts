/** Who may import whom (DESIGN, 1), and what the package promises. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = new URL('../', import.meta.url).pathname;

interface Import {
  readonly from: string;
  /** A path from the root without its ending, or a package's name. */
  readonly to: string;
  readonly typeOnly: boolean;
}

const importsOf = (from: string, text: string): Import[] => {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*/g, '');
  const found = code.matchAll(
    /\b(import|export)\b(\s+type\b)?([^;'"]*?\bfrom\s*|\s*\(?\s*)['"]([^'"]+)['"]/g,
  );
  return [...found].map(([, , type, , name = '']) => ({
    from,
    to: name.startsWith('.') ? normalize(join(dirname(from), name)).replace(/\.m?js$/, '') : name,
    typeOnly: type !== undefined,
  }));
};
const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
const imports = ['machines', 'src']
  .flatMap(filesIn)
  .flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')));

/** The part of the tree that a file belongs to: a folder of src, or a file directly in it. */
const partOf = (path: string): string => {
  const [top = '', next = ''] = path.replace(/\.ts$/, '').split('/');
  return top === 'src' ? `src/${next}` : top;
};

const leaves = [
  'src/ssh',
  'src/proxy',
  'src/channels',
  'src/profiles',
  'src/inspection',
  'src/journal',
  'src/fleet',
];
/** Small files directly in src that leaves lean on; of the world they see the types only. */
const ground = ['src/errors', 'src/scope', 'src/clock', 'src/endsWithin'];
const protocol = ['machines', 'src/protocol', ...ground];

/** What each part may import of ours. A part that is not named may import anything below the command. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  machines: [],
  'src/errors': ['machines/vocabulary'],
  'src/scope': ['machines/vocabulary'],
  'src/clock': [],
  'src/endsWithin': ['src/clock'],
  'src/protocol': ['machines', ...ground],
  'src/emulator': ['machines/vocabulary', 'src/protocol'],
  ...Object.fromEntries(leaves.map((leaf) => [leaf, [...protocol, 'src/world']])),
  'src/metronome': [...protocol, 'src/world'],
  'src/release': [...protocol, 'src/world'],
  'src/world': [...protocol, ...leaves],
};

/** Why an import may not be; nothing when it may. */
function faultOf({ from, to, typeOnly }: Import): string | undefined {
  const part = partOf(from);
  const isOurs = /^(machines|src)\//.test(to);
  if (to.startsWith('..') || /^(test|bench|visualizations|dist)\//.test(to)) return 'leaves the sources';
  if (!isOurs) {
    if (part === 'machines' && to !== 'xstate') return 'a chart imports xstate only';
    if (to === 'ssh2' && part !== 'src/ssh' && part !== 'src/emulator') return 'ssh2 outside its two places';
    return undefined;
  }
  const target = partOf(to);
  if (target === part) return undefined;
  if (target === 'src/cli') return 'only the command imports the command';
  if (part === 'src/cli' || part === 'src/testing') return undefined;
  if (target === 'src/emulator') return 'only the command and the test kit import the emulator';
  if (target === 'src/testing') return 'nobody imports the test kit';
  if (target === 'src/world' && !typeOnly && part !== 'src/guardian') return 'the world is types';
  const may = allowed[part];
  if (may !== undefined && !may.includes(target) && !may.includes(to))
    return `${part} may not import ${target}`;
  const above = ['src/guardian', 'src/index', 'src/assemble', 'src/options'];
  if (part === 'src/assemble' && above.includes(target))
    return 'the composition root imports what is below it';
  return undefined;
}

test('every import goes the way it may', () => {
  expect(imports.length).toBeGreaterThan(150);
  const faults = imports.flatMap((each) => {
    const fault = faultOf(each);
    return fault === undefined ? [] : [`${each.from} -> ${each.to}: ${fault}`];
  });
  expect(faults).toEqual([]);
});

test.each([
  ['machines/profile.ts', "import { readFile } from 'node:fs';", 'a chart imports xstate only'],
  ['machines/profile.ts', "import { Scope } from '../src/scope.js';", 'machines may not import src/scope'],
  [
    'src/protocol/rows.ts',
    "import { transport } from '../ssh/transport.js';",
    'src/protocol may not import src/ssh',
  ],
  [
    'src/ssh/exec.ts',
    "import { createLog } from '../inspection/logs.js';",
    'src/ssh may not import src/inspection',
  ],
  [
    'src/inspection/logs.ts',
    "import { exec } from '../ssh/exec.js';",
    'src/inspection may not import src/ssh',
  ],
  [
    'src/ssh/exec.ts',
    "import { start } from '../emulator/index.js';",
    'only the command and the test kit import the emulator',
  ],
  ['src/guardian.ts', "import { until } from './testing/until.js';", 'nobody imports the test kit'],
  ['src/testing/world.ts', "import { startEmulator } from '../emulator/index.js';", undefined],
  ['src/ssh/exec.ts', "import { World } from '../world.js';", 'the world is types'],
  [
    'src/scope.ts',
    "import { profileMachine } from '../machines/profile.js';",
    'src/scope may not import machines',
  ],
  [
    'src/emulator/line.ts',
    "import { X2GoError } from '../errors.js';",
    'src/emulator may not import src/errors',
  ],
  ['src/guardian.ts', "export { Client } from 'ssh2';", 'ssh2 outside its two places'],
  ['src/guardian.ts', "const cli = await import('./cli/main.js');", 'only the command imports the command'],
  [
    'src/assemble.ts',
    "import type { Guardian } from './guardian.js';",
    'the composition root imports what is below it',
  ],
  ['src/index.ts', "import { until } from '../test/support/until.js';", 'leaves the sources'],
  ['src/ssh/exec.ts', "import type { World } from '../world.js';", undefined],
  ['src/emulator/line.ts', "import type { SessionId } from '../../machines/vocabulary.js';", undefined],
  ['src/cli/demo.ts', "import { startEmulator } from '../emulator/index.js';", undefined],
])('%s, %s: %s', (from, text, fault) => {
  expect(importsOf(from, text).map(faultOf)).toEqual([fault]);
});

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((name) => name !== '' && existsSync(join(root, name)));

describe('the package', () => {
  const { exports, bin, types, files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const targets = [
    ...Object.values(exports).flatMap((entry) => Object.values(entry as object)),
    types,
    bin['x2go-guardian'],
  ]
    .filter((target): target is string => typeof target === 'string' && target.length > 1)
    .map((target) => normalize(target));

  test.each([...new Set(targets)].filter((target) => !target.includes('*')))(
    '%s is made by the build',
    (target) => {
      // The command is bundled (rolldown.config.mjs).
      const isCommand = target === 'dist/bin/x2go-guardian.js';
      const source = isCommand
        ? 'src/cli/main.ts'
        : relative('dist', target).replace(/\.d\.ts$|\.js$/, '.ts');
      expect(target.startsWith('dist/')).toBe(true);
      expect(existsSync(join(root, source))).toBe(true);
      expect(files.some((folder: string) => target.startsWith(folder))).toBe(true);
    },
  );
});

describe('the repository', () => {
  const isText = (name: string) => !/\.(png|gz|tgz|zip|sqlite)$/.test(name);
  const holding = (what: readonly string[]) =>
    tracked.filter(isText).filter((name) => {
      const text = readFileSync(join(root, name), 'utf8');
      return what.some((each) => text.includes(each));
    });

  test('holds no path of the machine it is written on', () => {
    expect(holding([root, join('/', 'work', '/')])).toEqual([]);
    expect(holding(['"name": "x2go-guardian"'])).toContain('package.json');
  });

  test('takes packages from the public registry, and names no other', () => {
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
    const sources = [...lock.matchAll(/"resolved": "([^"]+)"/g)].map(([, url = '']) => new URL(url).host);
    expect(sources.filter((host) => host !== 'registry.npmjs.org')).toEqual([]);
    expect(lock).toContain('"integrity": "sha512-');
    const settings = tracked.filter((name) => name.endsWith('.npmrc'));
    for (const name of settings)
      expect(readFileSync(join(root, name), 'utf8')).not.toMatch(/registry\s*=\s*http/);
    expect(holding(['--registry' + '=', 'npm_config_' + 'registry'])).toEqual([]);
  });
});
