import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { translateOrder } from '../../src/protocol/order.js';
import { runScript } from '../../src/protocol/runCommand.js';
import { clean } from '../../src/protocol/text.js';
import { eventually } from '../support/until.js';
import { doors } from './attempts.js';

const attempts = doors.flatMap(([door, letsIn, , tried]) => tried.map((text) => ({ door, letsIn, text })));

test('there are more than forty attempts, none twice at one door', () => {
  expect(attempts.length).toBeGreaterThan(100);
  expect(new Set(attempts.map(({ door, text }) => `${door} ${text}`)).size).toBe(attempts.length);
});

test.each(doors.map(([door, letsIn, honest]) => [door, letsIn, honest] as const))(
  '%s that is honest is let in',
  (_, letsIn, honest) => {
    expect(letsIn(honest)).toBe(true);
  },
);

test.each(doors.map(([door, letsIn, , tried]) => [door, letsIn, tried] as const))(
  '%s that is not is refused, however it is tried',
  (_, letsIn, tried) => {
    expect(tried.filter((text) => letsIn(text))).toEqual([]);
  },
);

test.each([
  ['\x1b]0;pwned\x07ok', 'ok'],
  ['\x1b]52;c;cm0gLXJm\x1b\\ok', 'ok'],
  ['\x1b[2J\x1b[Hok', 'ok'],
  ['\x9b31mok\x9c', 'ok'],
  ['\x1bPq#0;2;0;0;0\x1b\\ok', 'ok'],
  ['a\rb\x08\x7fc', 'abc'],
  ['\u202eko\u202c', 'ko'],
  ['\x1b', ''],
  ['\x1b]0;never ends', '0;never ends'],
])('of %j a terminal sees %j', (text, seen) => {
  expect(clean(text)).toBe(seen);
});

describe('a command that is free text', () => {
  let folder: string;
  const session = 'alice-50-1795371132_stRsh_dp24';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'attacks-'));
    mkdirSync(join(folder, `.x2go/C-${session}`), { recursive: true });
    writeFileSync(join(folder, `.x2go/C-${session}/cmdoutput`), 'exec sh\n');
    writeFileSync(join(folder, `.x2go/C-${session}/state`), 'RUNNING\n');
    writeFileSync(
      join(folder, 'x2goruncommand'),
      `#!/bin/sh\nprintf '%s\\0' "$@" >"${folder}/part" && mv "${folder}/part" "${folder}/told"\n`,
    );
    chmodSync(join(folder, 'x2goruncommand'), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each([
    'xterm; touch CANARY',
    '$(touch CANARY)',
    '`touch CANARY`',
    "' ; touch CANARY ; '",
    '" ; touch CANARY ; "',
    'xterm && touch CANARY || touch CANARY &',
    'xterm > CANARY < /etc/passwd',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: for a shell
    '${IFS}touch${IFS}CANARY',
    '\\"; touch CANARY #',
    '-e touch CANARY',
    '../../bin/touch CANARY',
    '!touch CANARY ~ * ?',
  ])('reaches x2goruncommand as one word, and no shell of ours runs it: %s', async (command) => {
    const order = translateOrder({ kind: 'application', command });
    if (!order.ok) throw new Error(order.reason);
    const { run = '', name, type } = order.value;
    expect(name).toMatch(/^[A-Za-z0-9._-]{1,80}$/);
    const request = { verb: 'run', marker: 'a'.repeat(32), session, command: name } as const;
    const call = { display: 50, agentPid: 4711, soundPort: 30_002, sound: false, type, run };
    const { stdout } = spawnSync('/bin/sh', ['-s'], {
      input: runScript(request, call),
      cwd: folder,
      env: { HOME: folder, PATH: `${folder}:/usr/bin:/bin` },
      encoding: 'utf8',
    });
    expect(stdout).toContain(`${request.marker} run 0`);
    // It is started beside the script, which may be through first.
    await eventually('x2goruncommand', () => existsSync(join(folder, 'told')));
    const told = readFileSync(join(folder, 'told'), 'utf8').split('\0');
    expect(told[4]?.replaceAll('X2GO_SPACE_CHAR', ' ')).toBe(run);
    expect(existsSync(join(folder, 'CANARY'))).toBe(false);
  });
});
