import { expect, test } from 'vitest';
import { aProfile, everything } from '../support/aProfile.js';
import { failure } from '../support/rows.js';

const flags = { ...everything, autoUpdateListDesktopsCache: true };
const found = (desktops: readonly unknown[]) => ({
  at: 7,
  tookMs: 2_600,
  listing: { ok: true, value: { desktops, skipped: [] } },
});

test('desktops are listed at a pace of their own that the session list never waits for', () => {
  const office = aProfile({ flags, watch: false }).connect();
  expect(office.desktops.last.input).toEqual({ profile: 'office', deadlineMs: 20_000 });
  office.tick();
  expect(office.survey.calls).toHaveLength(2);
  office.news();
  office.desktops.last.answer(found([{ user: 'bob', display: 50 }]));
  expect(office.news()).toEqual([
    {
      type: 'cache.refreshed',
      profile: 'office',
      cache: 'desktops',
      source: 'listing',
      counts: { desktops: 1 },
      tookMs: 2_600,
      skippedRows: 0,
    },
  ]);
  expect(office.context().desktops).toEqual({
    value: [{ user: 'bob', display: 50 }],
    at: 7,
    source: 'listing',
  });
  office.pass(29_950);
  expect(office.desktops.calls).toHaveLength(1);
  office.pass(50);
  expect(office.desktops.calls).toHaveLength(2);
});

test('a desktop list that failed is unknown, and asked for again at its pace', () => {
  const office = aProfile({ flags }).connect();
  office.desktops.last.answer(found([]));
  office.pass(30_000);
  office.news();
  office.desktops.last.answer({
    ...found([]),
    listing: { ok: false, failure: failure('command.failed', true) },
  });
  expect(office.news()).toMatchObject([{ type: 'cache.failed', cache: 'desktops' }]);
  expect(office.context().desktops).toBe(undefined);
  office.pass(30_000);
  office.desktops.last.crash();
  expect(office.state()).toBe('connected');
  office.pass(30_000);
  expect(office.desktops.live).toHaveLength(1);
});

test('desktops alone are refreshed without any listing of sessions', () => {
  const office = aProfile({ flags: { autoUpdateListDesktopsCache: true } }).connect();
  office.tick();
  expect(office.desktops.calls).toHaveLength(1);
  expect(office.survey.calls.map(({ input }) => input.sessions)).toEqual([false]);
});
