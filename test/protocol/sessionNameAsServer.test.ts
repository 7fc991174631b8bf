/** Session names against the X2Go server that is installed here: the lines of its own script that make them, and its own check. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSessionName, isSessionId, parseSessionName } from '../../src/protocol/sessionName.js';
import { sessionName } from './arbitraries.js';
import { chance, hostileText } from './hostile.js';

const script = '/usr/bin/x2gostartagent';
const isMissing = !existsSync(script) || spawnSync('perl', ['-MX2Go::Utils', '-e', '1']).status !== 0;
const why = 'x2goserver is not installed';
const names = process.env.LONG ? 2_000 : 150;
const checks = process.env.LONG ? 50_000 : 5_000;

interface Start {
  readonly user: string;
  readonly type: 'R' | 'D';
  readonly command: string;
  readonly host: string;
}

/** What x2gostartagent calls such sessions: its own lines, with these words in its variables. */
function namesOf(starts: readonly Start[]): string[] {
  const text = readFileSync(script, 'utf8');
  const [making] =
    /^\t\tif \[\[ -n "\$\{COLORDEPTH\}" \]\][\s\S]*?^\t\tSESSION_NAME="\$\(perl .*$/m.exec(text) ?? [];
  if (making === undefined) throw new Error(`${script} makes its names in another way by now`);
  const loop = `COLORDEPTH=24
while IFS= read -r -d '' USER && IFS= read -r -d '' SESSION_TYPE && IFS= read -r -d '' X2GO_CMD && IFS= read -r -d '' X2GOXDMCP; do
SESSION_NAME="\${USER}-50-1795371132"
${making}
printf '%s\\0' "$SESSION_NAME"
done`;
  const words = starts.flatMap(({ user, type, command, host }) => [user, type, command, host]);
  const input = words.map((word) => `${word}\0`).join('');
  const { stdout } = spawnSync('bash', ['-c', loop], { input, encoding: 'utf8' });
  return stdout.split('\0').slice(0, -1);
}

/** What the server's own check makes of each text: itself, another one, or nothing. */
function storedAs(texts: readonly string[]): string[] {
  const program = `use X2Go::Utils qw(sanitizer); binmode STDIN; binmode STDOUT; $/ = "\\0";
while (my $text = <STDIN>) { chomp $text; print sanitizer('x2gosid', $text) || '', "\\0"; }`;
  const { stdout } = spawnSync('perl', ['-e', program], {
    input: texts.map((text) => `${text}\0`).join(''),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return stdout.split('\0').slice(0, -1);
}

const hostile = fc.oneof(
  fc.constantFrom(
    ...[
      'xterm; id',
      '$(id)',
      '`id`',
      "x'y",
      'x"y',
      'x|y',
      'x&y',
      'a\nb',
      '../../bin/sh',
      '-rf',
      'a b c',
      '',
      '_dp8',
      'x_dp8_y',
    ],
    ...[
      'PUBLISHED',
      'XDMCP',
      'a:b',
      '\x1b[2J',
      'ü日本',
      'user@host',
      '%s%n',
      '*?[a]',
      '-50-1795371132_stR',
      '_st_dp24',
      '\\\\',
    ],
  ),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(...'aZ0._-@:;|$`\'"\\ /'), maxLength: 40 }),
  fc.constantFrom('x', '-', '_dp24').map((one) => one.repeat(60)),
);
const start: fc.Arbitrary<Start> = fc.record({
  user: fc.constantFrom('alice', 'a-50', 'anna-maria_x.y', 'b.ob'),
  type: fc.constantFrom('R', 'D'),
  command: hostile.map((text) => text.replaceAll('\0', '')),
  host: fc.constantFrom('', '', '', 'login.example'),
});

test(`${names} names that the server makes of hostile commands are read back as what they were made of`, {
  timeout: 240_000,
}, ({ skip }) => {
  skip(isMissing, why);
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_007);
  const starts = fc.sample(start, { numRuns: names, seed });
  const made = namesOf(starts);
  expect(made).toHaveLength(starts.length);
  const stored = storedAs(made);
  expect(stored).toHaveLength(starts.length);
  const wrong = starts.flatMap(({ user, type, command, host }, index) => {
    const [name = '', kept = ''] = [made[index], stored[index]];
    const parsed = parseSessionName(name);
    // It ends what it has named but cannot store: such a session is never listed.
    if (kept === '' || name.length > 200) return parsed.ok ? [`SEED=${seed} ${name}: is none there`] : [];
    const word = command.replaceAll(':', 'PP').replace(/[^a-zA-Z0-9._@-]/g, '');
    const isRead =
      parsed.ok &&
      parsed.name.user === user &&
      parsed.name.command === word &&
      parsed.name.depth === 24 &&
      (parsed.name.xdmcpHost ?? '') === host &&
      parsed.name.kind === (type === 'D' ? 'desktop' : word === 'PUBLISHED' ? 'published' : 'application') &&
      formatSessionName(parsed.name) === name;
    return isRead ? [] : [`SEED=${seed} ${JSON.stringify(command)}: ${name}`];
  });
  expect(wrong).toEqual([]);
  expect(stored.filter((kept) => kept !== '').length).toBeGreaterThan(names / 3);
});

test(`of ${checks} hostile texts none is a session’s name to us that is none to the server`, ({ skip }) => {
  skip(isMissing, why);
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_007);
  const dice = chance(seed);
  const seeds = fc.sample(sessionName, { numRuns: 200, seed }).map(formatSessionName);
  const texts = Array.from({ length: checks }, () => hostileText(dice, seeds).replaceAll('\0', ''));
  const ours = texts.filter(isSessionId);
  expect(ours.length).toBeGreaterThan(checks / 50);
  const stored = storedAs(ours);
  expect(ours.filter((text, index) => stored[index] !== text).map((text) => `SEED=${seed} ${text}`)).toEqual(
    [],
  );
});
