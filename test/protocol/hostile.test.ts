import { expect, test } from 'vitest';
import { agentStates, type SessionRecord, type SkippedRow } from '../../machines/vocabulary.js';
import { parseAgentState } from '../../src/protocol/agentState.js';
import { formatDesktop, parseDesktops } from '../../src/protocol/desktops.js';
import { parseFeatures } from '../../src/protocol/features.js';
import { formatMount, parseMounts } from '../../src/protocol/mounts.js';
import { quote } from '../../src/protocol/quoting.js';
import { formatSessionName, parseSessionName } from '../../src/protocol/sessionName.js';
import { formatSessionRow, parseSessionRow, parseSessionRows } from '../../src/protocol/sessionRow.js';
import { clean, truncate } from '../../src/protocol/text.js';
import { parseVersions } from '../../src/protocol/versions.js';
import { everyFixture, fixture } from './fixtures.js';
import { chance, hostileText } from './hostile.js';

const runs = 100_000;
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_007);

/** A complaint about the result, or whether the input was taken for the real thing. */
type Verdict = string | 'taken' | 'refused';

const linesOf = (...names: string[]) =>
  names.flatMap((name) => fixture(name).split('\n')).filter((line) => line !== '');

const sessionRows = everyFixture()
  .filter(([name]) => /^x2golist(?:shadow)?sessions-/.test(name))
  .flatMap(([, text]) => text.split('\n'))
  .filter((line) => line !== '');
const sessionNames = sessionRows.map((row) => row.split('|')[1] ?? '');

const controls = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const rowsIn = (text: string) => text.split('\n').filter((line) => line !== '').length;

function badSkipped(rows: readonly SkippedRow[]): string | undefined {
  for (const { reason, line } of rows) {
    if (reason === '' || controls.test(reason) || reason.length > 80)
      return `reason ${JSON.stringify(reason)}`;
    if (line.length > 200 || controls.test(line)) return `skipped line ${JSON.stringify(line)}`;
    if (/[0-9a-f]{16}/i.test(line)) return 'a cookie in a skipped line';
  }
  return undefined;
}

const listing = (text: string, taken: number, skipped: readonly SkippedRow[]): Verdict =>
  badSkipped(skipped) ??
  (taken + skipped.length === rowsIn(text) ? (taken > 0 ? 'taken' : 'refused') : 'a row was lost');

const whole = (value: number | undefined, low: number, high: number) =>
  value === undefined || (Number.isInteger(value) && value >= low && value <= high);

function badRecord(record: SessionRecord): string | undefined {
  const { session, user, command, display, ports, agentPid, ageSeconds, kind } = record;
  if (!/^[\w.@-]{1,200}$/.test(session) || !new RegExp(`-0*${display}-[0-9]+_st`).test(session))
    return 'session';
  if (!session.includes(`${command}_dp`) || !session.includes(user)) return 'parts of the session';
  if (kind !== 'shadow' && !session.startsWith(`${user}-`)) return 'user';
  if (!whole(display, 0, 59_535) || !whole(agentPid, 1, 9_999_999_999) || !Number.isInteger(ageSeconds))
    return 'numbers';
  if (ports && !Object.values(ports).every((port) => whole(port, 1024, 65_535))) return 'ports';
  if (/[^A-Za-z0-9.:%_-]/.test(record.server + record.client)) return 'addresses';
  if (!/^[-0-9T:]{19}[-0-9T:]{19}[RSFT]$/.test(record.createdAt + record.changedAt + record.status))
    return 'times or status';
  return undefined;
}

const leaks = ({ session, cookie }: { session: SessionRecord; cookie: string }) =>
  !/^[0-9a-f]{32}$/i.test(cookie) || JSON.stringify(session).includes(cookie);

const starting =
  '|alice-50-1795381278_stRxterm_dp24|50|vm|R|2026-11-22T21:01:19|||||2026-11-22T21:01:19|alice|1|||';

const parsers: Record<string, { seeds: readonly string[]; judge: (text: string) => Verdict }> = {
  parseSessionName: {
    seeds: [...sessionNames, 'a-b_c-50-1795371132_stDXDMCP_dp24_host', 'bob-51-1795371132_stKicewm_dp16'],
    judge: (text) => {
      const parsed = parseSessionName(text);
      if (!parsed.ok) return badSkipped([{ reason: parsed.reason, line: '' }]) ?? 'refused';
      if (parsed.name.session !== text || text.length > 200) return 'another session';
      // Padded numbers and stPPUBLISHED have a second spelling.
      if (/-0|PP0|_dp0|_stPPUB/.test(text)) return 'taken';
      return formatSessionName(parsed.name) === text
        ? 'taken'
        : `written as ${formatSessionName(parsed.name)}`;
    },
  },
  parseSessionRow: {
    seeds: [...sessionRows, starting],
    judge: (text) => {
      const row = parseSessionRow(text);
      if (!row.ok) return badSkipped([row]) ?? 'refused';
      if (row.cookie === '' ? row.session.agentPid !== undefined : leaks(row)) return 'cookie';
      const again = parseSessionRow(formatSessionRow(row.session, row.cookie));
      return (
        badRecord(row.session) ?? (JSON.stringify(again) === JSON.stringify(row) ? 'taken' : 'not read back')
      );
    },
  },
  parseSessionRows: {
    seeds: [...sessionRows, starting],
    judge: (text) => {
      const { sessions, skipped } = parseSessionRows(text);
      if (new Set(sessions.map(({ session }) => session)).size !== sessions.length) return 'a session twice';
      return sessions.map(badRecord).find((bad) => bad) ?? listing(text, sessions.length, skipped);
    },
  },
  parseDesktops: {
    seeds: linesOf('x2golistdesktops-default.txt', 'x2golistdesktops-two.txt'),
    judge: (text) => {
      const { desktops, skipped } = parseDesktops(text);
      const bad = desktops.some(({ user, display }) => !/^[\w.-]+$/.test(user) || !whole(display, 0, 59_535));
      if (bad || desktops.some((desktop) => !/^[\w.-]+@:\d+$/.test(formatDesktop(desktop)))) return 'desktop';
      return listing(text, desktops.length, skipped);
    },
  },
  parseMounts: {
    seeds: linesOf('x2golistmounts-several.txt'),
    judge: (text) => {
      const { mounts, skipped } = parseMounts('sid', text);
      const bad = mounts.some(
        (mount) => mount.session !== 'sid' || !mount.mountpoint.startsWith('/') || /\||^$/.test(mount.client),
      );
      if (bad || !mounts.every((mount) => text.includes(formatMount(mount)))) return 'mount';
      return listing(text, mounts.length, skipped);
    },
  },
  parseFeatures: {
    seeds: linesOf('x2gofeaturelist.txt'),
    judge: (text) => {
      const { features, skipped } = parseFeatures(text);
      if (features.some((feature) => /[^A-Z0-9_]|^$/.test(feature) || feature.length > 64)) return 'feature';
      return listing(text, features.length, skipped);
    },
  },
  parseVersions: {
    seeds: [...linesOf('x2goversion.txt'), 'constructor: 1', 'x2goserver: 4.1~rc1'],
    judge: (text) => {
      const { versions, skipped } = parseVersions(text);
      const entries = Object.entries(versions);
      if (Object.getPrototypeOf(versions) !== null) return 'prototype';
      if (entries.some(([name, version]) => /[^a-z0-9-]|^$/.test(name) || !/^\d[\w.+~-]*$/.test(version)))
        return 'version';
      return listing(text, entries.length, skipped);
    },
  },
  parseAgentState: {
    seeds: agentStates,
    judge: (text) => {
      const state = parseAgentState(text);
      return state === undefined ? 'refused' : state === text ? 'taken' : 'another word';
    },
  },
  quote: {
    seeds: sessionNames,
    judge: (text) => {
      const quoted = quote(text);
      if (!quoted.ok) return text.includes('\0') ? 'refused' : 'refused without a NUL';
      // The sentence of single-quoted runs and escaped quotes that a shell reads back as the text.
      const { text: written } = quoted;
      return written.startsWith("'") && written.slice(1, -1).split("'\\''").join("'") === text
        ? 'taken'
        : 'changed';
    },
  },
  clean: {
    seeds: [
      ...linesOf('x2gostartagent-metachar.stderr.txt'),
      '\x1b[1;31mred\x1b[0m',
      '\x1b]0;title\x07x',
      '\u202etxt',
    ],
    judge: (text) => {
      const shown = clean(text);
      if (controls.test(shown) || truncate(shown, 80).length > 80) return 'control characters';
      return shown === text ? 'taken' : 'refused';
    },
  },
};

const share = Object.entries(parsers);

test.each(share)(`%s takes ${runs} hostile texts calmly`, (name, { seeds, judge }) => {
  const dice = chance(seed + share.findIndex(([other]) => other === name));
  const counts = { taken: 0, refused: 0 };
  for (let run = 0; run < runs; run += 1) {
    const text = hostileText(dice, seeds);
    let verdict: Verdict;
    try {
      verdict = judge(text);
    } catch (cause) {
      throw new Error(`SEED=${seed} run ${run}: threw at ${JSON.stringify(text.slice(0, 500))}`, { cause });
    }
    if (verdict !== 'taken' && verdict !== 'refused') {
      expect.fail(`SEED=${seed} run ${run}: ${verdict} at ${JSON.stringify(text.slice(0, 500))}`);
    } else {
      counts[verdict] += 1;
    }
  }
  // Both sides of each judge were exercised.
  expect(counts.taken).toBeGreaterThan(1_000);
  expect(counts.refused).toBeGreaterThan(1_000);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test.each(share)('%s takes every captured text whole', (_, { judge }) => {
  for (const [name, text] of everyFixture())
    expect([name, judge(text)]).toEqual([name, expect.stringMatching(/^(?:taken|refused)$/)]);
});
