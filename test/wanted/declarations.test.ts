import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { readDeclarations } from '../../src/wanted/declarations.js';
import { Fault, type Placed, placeIn } from '../../src/wanted/placed.js';
import { readWanted } from '../../src/wanted/read.js';
import { parseYaml } from '../../src/wanted/yamlText.js';

const schema = createRequire(import.meta.url)('x2go-guardian/schema/wanted.json');
const isWanted = new Ajv2020({ strict: true, strictTypes: false }).compile(schema);

const folder = mkdtempSync(join(tmpdir(), 'wanted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'sessions.json');

const one = (more: object = {}) => ({ name: 'mail', profile: 'office', command: 'mutt', ...more });
const text = (...sessions: readonly unknown[]) => JSON.stringify({ sessions }, undefined, 2);
const faultOf = (source: string): string => {
  const read = readDeclarations(source);
  if (!(read instanceof Fault)) return 'none';
  const { line, column } = placeIn(source, read.at);
  return `${line}:${column} ${read.reason}`;
};

test('a file is read, with its defaults', async () => {
  const shown = { geometry: '800x600', keyboard: { layout: 'de' }, sound: false };
  writeFileSync(
    file,
    `\ufeff${text(one(shown), { name: 'desk', profile: 'a@b:22', state: 'suspended', adopt: true })}`,
  );
  const { file: path, adopt, sessions } = await readWanted(file);
  expect({ path, adopt }).toEqual({ path: file, adopt: false });
  expect(sessions).toMatchObject([
    {
      name: 'mail',
      profile: 'office',
      state: 'running',
      work: { kind: 'application', command: 'mutt' },
      shown,
    },
    { name: 'desk', profile: 'a@b:22', state: 'suspended', adopt: true, shown: {} },
  ]);
  expect(sessions[1]).not.toHaveProperty('work');
});

describe('what is wrong is told, with its place', () => {
  test.each([
    ['nothing', '', '1:1 this must be an object, not null'],
    ['no YAML', '{"sessions": [,]}', '1:15 Unexpected , in flow sequence'],
    ['more after it', '{"sessions": []} x', '1:18 Unexpected scalar at node end'],
    ['a tab for a margin', 'sessions:\n\t- name: a', '2:1 Tabs are not allowed as indentation'],
    ['an alias', 'sessions: &a [*a]', '1:15 an alias is not taken here'],
    ['a tag', 'sessions: !!js/function x', '1:25 a tag (tag:yaml.org,2002:js/function) is not taken here'],
    ['a merge', '<<: { adopt: true }', '1:1 "<<" is not known here'],
    ['a list for a name', '? [adopt]\n: true', '1:3 With stringKeys, all keys must be strings'],
    ['a second document', 'adopt: true\n---\nadopt: false', '2:1 a second document begins here'],
    ['a NUL', 'sessions: [{ name: "a\0" }]', '1:20 this must be a name'],
    ['an escaped NUL', text(one({ command: '\0' })), '6:18 this must be a text of 1 to 4096 characters'],
    ['an escape that is none', '{"a": "\\x"}', '1:8 Invalid escape sequence'],
    ['a text that is never closed', '{"a": "b', '1:9 Missing closing "quote'],
    ['a name twice', '{"adopt": true,\n "adopt": false}', '2:2 "adopt" stands here a second time'],
    ['a prototype', '{"__proto__": 1}', '1:2 "__proto__" is not known here'],
    ['a method of objects', '{"toString": 1}', '1:2 "toString" is not known here'],
    ['no object', '[]', '1:1 this must be an object, not a list'],
    ['nothing declared', '{}', '1:1 "sessions" is missing here'],
    ['no session', text(), '2:15 a list of 1 to 200 is wanted here, not of 0'],
    ['no name', text({ profile: 'a' }), '3:5 "name" is missing here'],
    ['a name that is none', text(one({ name: '../a' })), '4:15 this must be a name of at most 64'],
    ['a wrong state', text(one({ state: 'gone' })), '7:16 this must be "running" or "suspended", not "gone"'],
    ['a number for a flag', text(one({ adopt: 1 })), '7:16 this must be true or false, not 1'],
    ['a float for a port', text({ ...one(), kind: 'rdp', port: 1.5 }), '8:15 this must be a whole number'],
    ['a depth of no server', text(one({ depth: 12 })), '7:16 depth must be one of'],
    ['a geometry that is none', text(one({ geometry: '1x' })), '7:19 geometry must be WxH'],
    ['two of one name', text(one(), one()), '8:5 "mail" is declared twice for this profile'],
    ['a command for XDMCP', text({ ...one(), kind: 'xdmcp', host: 'h' }), '6:18 "xdmcp" takes no "command"'],
    ['no command', text({ name: 'a', profile: 'b', kind: 'desktop' }), '3:5 "command" is missing here'],
    [
      'a host with a shell in it',
      text({ name: 'a', profile: 'b', kind: 'xdmcp', host: '$(id)' }),
      '7:15 host is no host',
    ],
    ['too deep', '['.repeat(100_000), '1:21 it is nested deeper than 20 levels'],
    ['too deep by dashes', '- '.repeat(100_000), '1:40 it is nested deeper than 20 levels'],
  ])('%s', (_, source, wanted) => {
    expect(faultOf(source)).toContain(wanted);
  });

  test('columns are counted as people see them', () => {
    expect(placeIn('a\n"😀é"x', 7)).toEqual({ line: 2, column: 5 });
  });
});

describe('a file that cannot be read', () => {
  test('is told by its name: missing, a folder, a pipe, too long', async () => {
    const wanted = { code: 'file.unreadable' };
    await expect(readWanted(join(folder, 'none'))).rejects.toMatchObject(wanted);
    await expect(readWanted(folder)).rejects.toMatchObject(wanted);
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(readWanted(join(folder, 'pipe'))).rejects.toMatchObject(wanted);
    writeFileSync(file, ' '.repeat(256 * 1024 + 1));
    await expect(readWanted(file)).rejects.toMatchObject({
      ...wanted,
      message: expect.stringContaining('256 KiB'),
    });
  });

  test('is told by line and column: not UTF-8, faults', async () => {
    writeFileSync(file, Buffer.from('{\n  "a": "\xff"}', 'latin1'));
    const message = `${file}:2:9: this is not UTF-8`;
    await expect(readWanted(file)).rejects.toMatchObject({ code: 'config.invalid', message });
  });
});

const values = fc.oneof(
  fc.constantFrom(
    'mail',
    'office',
    'running',
    '$(reboot)',
    "'; rm -rf /",
    '\0',
    '\x1b[2J',
    '../../x',
    '-oProxyCommand=x',
    '',
  ),
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string(), { maxLength: 2 }),
  fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }),
);
const keys = Object.keys(schema.$defs.session.properties);
const sessions = fc
  .tuple(
    fc.record({ name: fc.constantFrom('a', 'b'), profile: fc.constantFrom('p', 'q') }),
    fc.dictionary(fc.constantFrom(...keys, 'unknown'), values, { maxKeys: 3 }),
  )
  .map(([base, more]) => ({ ...base, ...more }));

test('any values: a fault at a place in the text, or what the published schema allows too', () => {
  fc.assert(
    fc.property(fc.array(sessions, { maxLength: 3 }), (all) => {
      const source = text(...all);
      const read = readDeclarations(source);
      if (!(read instanceof Fault)) expect(isWanted(JSON.parse(source))).toBe(true);
      else expect(read.at).toBeLessThanOrEqual(source.length);
    }),
    { numRuns: 500 },
  );
});

test('the published schema refuses what is refused here, but for what it says it does not know', () => {
  fc.assert(
    fc.property(fc.array(sessions, { minLength: 1, maxLength: 3 }), (all) => {
      const source = text(...all);
      const read = readDeclarations(source);
      const beyond =
        /declared twice|is missing here: |takes no |geometry|pack|quality|keyboard|^host|command|title|link|screen/;
      if (read instanceof Fault && !beyond.test(read.reason))
        expect(isWanted(JSON.parse(source))).toBe(false);
    }),
    { numRuns: 500 },
  );
});

const plain = (placed: Placed): unknown => {
  if (placed.is === 'value') return placed.value;
  if (placed.is === 'list') return placed.items.map(plain);
  return Object.fromEntries(placed.members.map(({ name, value }) => [name, plain(value)]));
};

test('JSON is read as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (source) => {
      const read = parseYaml(source);
      expect(read instanceof Fault ? read : plain(read)).toEqual(JSON.parse(source));
    }),
    { numRuns: 500 },
  );
});

test('any text: a value, or a fault at a place in the text', () => {
  const torn = fc
    .tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 }))
    .map(
      ([json, at, junk]) =>
        `${json.slice(0, at % (json.length + 1))}${junk}${json.slice(at % (json.length + 1))}`,
    );
  const marks = fc
    .array(
      fc.constantFrom(
        '- ',
        ': ',
        '? ',
        '\n',
        ' ',
        'a',
        '[',
        ']',
        '{',
        '}',
        ',',
        '"',
        "'",
        '|',
        '&a',
        '*a',
        '!a',
        '%',
        '---\n',
        '#',
        '\t',
        '\0',
      ),
    )
    .map((all) => all.join(''));
  fc.assert(
    fc.property(fc.oneof(torn, marks, fc.string()), (source) => {
      const read = parseYaml(source);
      if (read instanceof Fault) expect(read.at).toBeLessThanOrEqual(source.length);
    }),
    { numRuns: 1_000 },
  );
});

test('YAML is read, with comments', () => {
  const source =
    '# of ours\nsessions:\n  - name: mail # the first\n    profile: office\n    command: mutt\n    sound: no\n';
  expect(faultOf(source)).toBe('6:12 this must be true or false, not "no"');
  expect(readDeclarations(source.replace('no\n', 'false\n'))).toMatchObject({
    sessions: [{ name: 'mail', work: { command: 'mutt' }, shown: { sound: false } }],
  });
});
