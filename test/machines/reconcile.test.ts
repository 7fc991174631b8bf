import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Listing } from '../../machines/ports.js';
import { type Registry, reconcile } from '../../machines/registry.js';
import type { SessionRecord } from '../../machines/vocabulary.js';
import { listing, row, rowWithoutAgent, sid } from './support/rows.js';

const all = { register: true, skipPublished: false };
const knowing = (...rows: readonly SessionRecord[]): Registry => ({
  known: Object.fromEntries(rows.map((record) => [record.session, record])),
  ended: [],
});
const skipped = [{ reason: 'expected 14 fields, got 3', line: 'x|y|z' }];
const typesOf = (result: ReturnType<typeof reconcile>) =>
  result.evidence.map(([session, { type }]) => [session, type]);

test('a session that has no agent yet is looked at again soon, unless it has been so for long', () => {
  const young = { ...rowWithoutAgent(1), ageSeconds: 1 };
  const old = { ...rowWithoutAgent(1), ageSeconds: 30 };
  expect(reconcile(knowing(), listing([young]), all).unsettled).toBe(true);
  expect(reconcile(knowing(), listing([old]), all).unsettled).toBe(false);
  expect(reconcile(knowing(), listing([young]), { ...all, register: false }).unsettled).toBe(false);
  expect(reconcile(knowing(), listing([row(1, { ageSeconds: 1 })]), all).unsettled).toBe(false);
});

test('a listing that was on its way while an agent started takes away neither its pid nor its ports', () => {
  const ports = { graphics: 30_000, sound: 30_001, files: 30_002 };
  const known = row(1, { ports });
  const result = reconcile(
    knowing(known),
    listing([{ ...rowWithoutAgent(1), changedAt: '2026-01-02T03:04:05' }]),
    all,
  );
  expect(result.known[sid(1)]).toMatchObject({
    agentPid: 1_001,
    ports,
    changedAt: '2026-01-02T03:04:05',
  });
});

test('what somebody wants may be what a start of ours is making: that is decided when it has a name, or is old', () => {
  const rules = { ...all, wanted: [sid(1)], expecting: true };
  const young = reconcile(knowing(), listing([row(1, { ageSeconds: 1 })]), rules);
  expect(young).toMatchObject({ registered: [], undecided: [sid(1)], unsettled: true });
  const old = reconcile(knowing(), listing([row(1, { ageSeconds: 60 })]), rules);
  expect(old).toMatchObject({ registered: [{ session: sid(1) }], undecided: [] });
});

test('a server whose clock was put forward in the middle of a start shows its row as old: it may be ours as long as it starts', () => {
  const rules = { ...all, expecting: true };
  const day = { ageSeconds: 86_400 };
  const hatching = reconcile(knowing(), listing([{ ...rowWithoutAgent(1), ...day }]), rules);
  expect(hatching.registered).toEqual([]);
  const starting = listing([row(1, day)], { states: { [sid(1)]: 'STARTING' } });
  expect(reconcile(knowing(), starting, rules).registered).toEqual([]);
  expect(reconcile(knowing(), starting, all).registered).toMatchObject([{ session: sid(1) }]);
});

describe('a known session that is not listed', () => {
  test('whose agent has gone has ended', () => {
    const result = reconcile(knowing(row(1)), listing([], { gone: [1_001] }), all);
    expect(result.evidence).toEqual([[sid(1), { type: 'server.gone', reason: 'ended' }]]);
  });
  test('whose agent lives is on its way out, and looked at again soon', () => {
    const result = reconcile(knowing(row(1)), listing([], { alive: [1_001] }), all);
    expect(typesOf(result)).toEqual([[sid(1), 'server.unlisted']]);
    expect(result.unsettled).toBe(true);
  });
  test('whose agent was not looked for started while the listing was on its way: nothing is known of it', () => {
    expect(reconcile(knowing(row(1)), listing([]), all).evidence).toEqual([]);
  });
  test('that never had an agent has ended', () => {
    expect(typesOf(reconcile(knowing(rowWithoutAgent(1)), listing([]), all))).toEqual([
      [sid(1), 'server.gone'],
    ]);
  });
  test('stays as it is when a row was not understood', () => {
    for (const known of [row(1), rowWithoutAgent(1)]) {
      const result = reconcile(knowing(known), listing([], { skipped, alive: [1_001] }), all);
      expect(result.evidence).toEqual([]);
      expect(Object.keys(result.known)).toEqual([sid(1)]);
    }
  });
});

test('what has ended is not registered again while it is listed, and forgotten afterwards', () => {
  const registry = { known: {}, ended: [sid(1), sid(2)] };
  const result = reconcile(registry, listing([row(1)]), all);
  expect(result).toMatchObject({ registered: [], evidence: [], known: {}, ended: [sid(1)] });
});

test('what is gone at first sight is not registered; a known one hears of it', () => {
  const dead = listing([row(1)], { alive: [], gone: [1_001] });
  expect(reconcile(knowing(), dead, all)).toMatchObject({ registered: [], evidence: [] });
  expect(typesOf(reconcile(knowing(row(1)), dead, all))).toEqual([[sid(1), 'server.gone']]);
});

test('a known session is updated although nothing new is registered, published or not', () => {
  const later = row(1, { kind: 'published', client: '192.0.2.99' });
  const result = reconcile(knowing(row(1)), listing([later, row(2)]), {
    register: false,
    skipPublished: true,
  });
  expect(result.registered).toEqual([]);
  expect(result.known).toEqual({ [sid(1)]: later });
});

const number = fc.integer({ min: 1, max: 8 });
const record = fc
  .record({ n: number, status: fc.constantFrom('R', 'S', 'F'), agent: fc.boolean() })
  .map(({ n, status, agent }) => ({ ...(agent ? row(n) : rowWithoutAgent(n)), status }) as SessionRecord);
const records = fc.uniqueArray(record, { selector: ({ session }) => session });
const state = fc.constantFrom('STARTING', 'RUNNING', 'SUSPENDING', 'SUSPENDED', 'TERMINATING', 'TERMINATED');
const listings = fc
  .record({
    rows: records,
    states: fc.dictionary(number.map(sid), state),
    gone: fc.uniqueArray(number.map((n) => 1_000 + n)),
    torn: fc.boolean(),
  })
  .map(({ rows, states, gone, torn }) =>
    listing(rows, {
      states: states as Listing['states'],
      gone,
      alive: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => 1_000 + n).filter((pid) => !gone.includes(pid)),
      skipped: torn ? skipped : [],
    }),
  );
const registries = fc
  .tuple(records, fc.uniqueArray(number.map(sid)))
  .map(([rows, ended]) => ({ ...knowing(...rows.filter(({ session }) => !ended.includes(session))), ended }));
const rules = fc.record({ register: fc.boolean(), skipPublished: fc.boolean() });

describe('whatever was known and whatever is listed', () => {
  const holds = (check: (registry: Registry, seen: Listing, result: ReturnType<typeof reconcile>) => void) =>
    fc.assert(
      fc.property(registries, listings, rules, (registry, seen, how) => {
        const before = JSON.stringify([registry, seen]);
        check(registry, seen, reconcile(registry, seen, how));
        expect(JSON.stringify([registry, seen])).toBe(before);
      }),
      { numRuns: 1_000 },
    );

  test('no session is invented: what is known afterwards was known or is listed, and only that is spoken to', () => {
    holds((registry, seen, { known, evidence, registered }) => {
      const possible = new Set([
        ...Object.keys(registry.known),
        ...seen.sessions.map(({ session }) => session),
      ]);
      expect(Object.keys(known).filter((id) => !possible.has(id))).toEqual([]);
      expect(evidence.filter(([id]) => known[id] === undefined)).toEqual([]);
      expect(registered.filter(({ session }) => session in registry.known)).toEqual([]);
    });
  });
  test('no session is lost: what was known stays known until its own chart has ended', () => {
    holds((registry, _seen, { known }) => {
      expect(Object.keys(registry.known).filter((id) => known[id] === undefined)).toEqual([]);
    });
  });
  test('each session is spoken to once, and a new one first of all', () => {
    holds((_registry, _seen, { evidence, registered }) => {
      expect(new Set(evidence.map(([id]) => id)).size).toBe(evidence.length);
      const spokenTo = new Set(evidence.map(([id]) => id));
      expect(registered.filter(({ session }) => !spokenTo.has(session))).toEqual([]);
      expect(
        evidence.some(([id, { type }]) => type === 'server.gone' && registered.some((r) => r.session === id)),
      ).toBe(false);
    });
  });
  test('a torn listing lets nobody depart whose agent lives', () => {
    holds((_registry, seen, { evidence }) => {
      if (seen.skipped.length === 0) return;
      const listed = new Set(seen.sessions.map(({ session }) => session));
      for (const [id, { type }] of evidence) if (!listed.has(id)) expect(type).toBe('server.gone');
    });
  });
  test('no ended session comes back while it is listed', () => {
    holds((registry, _seen, { known, ended }) => {
      expect(ended.filter((id) => known[id] !== undefined)).toEqual([]);
      expect(ended.filter((id) => !registry.ended.includes(id))).toEqual([]);
    });
  });
});

test('a row that runs with the time of its suspension is half written: whose stretch that is, only its own time says', () => {
  const suspended = row(1, { status: 'S', changedAt: '2026-01-02T03:04:05' });
  const half = row(1, { status: 'R', changedAt: '2026-01-02T03:04:05' });
  const whole = row(1, { status: 'R', changedAt: '2026-01-02T03:04:52' });
  const first = reconcile(knowing(suspended), listing([half]), all);
  expect(first.evidence).toEqual([[sid(1), { type: 'server.running' }]]);
  const second = reconcile(first, listing([half]), all);
  expect(second.evidence).toEqual([[sid(1), { type: 'server.running' }]]);
  const third = reconcile(second, listing([whole]), all);
  expect(third.evidence).toEqual([
    [sid(1), { type: 'server.running', stint: expect.stringContaining('03:04:52') }],
  ]);
  expect(third.known[sid(1)]).toEqual(whole);
});
