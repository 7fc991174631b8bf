import { expect, test } from 'vitest';
import { aProfile } from '../support/aProfile.js';
import { failure, listed, row, sid, unlisted } from '../support/rows.js';

const surveys = (office: { survey: { calls: readonly unknown[] } }) => office.survey.calls.length;

test('with a live watch a tick is answered from it, rows grown older and no round trip made', () => {
  const office = aProfile().watching([row(1), row(2, { status: 'S' })]);
  office.tick(4_600);
  expect(office.news()).toEqual([
    {
      type: 'cache.refreshed',
      profile: 'office',
      cache: 'sessions',
      source: 'watch',
      counts: { sessions: 2, running: 1, suspended: 1 },
      tookMs: 0,
      skippedRows: 0,
    },
  ]);
  expect(office.context().sessions).toMatchObject({ at: 4_600, source: 'watch' });
  expect(office.context().sessions?.value[0]).toMatchObject({ ageSeconds: 65, state: 'running' });
  expect(surveys(office)).toBe(1);
});

test('without a watch every tick lists, and tells counts, duration and skipped rows', () => {
  const office = aProfile({ watch: false }).connect();
  for (let n = 1; n <= 3; n += 1) {
    office.news();
    office.tick();
    expect(surveys(office)).toBe(1 + n);
    office.survey.last.answer(
      listed([row(1)], { skipped: [{ reason: 'expected 14 fields, got 3', line: 'x|y|z' }] }),
    );
    expect(office.news()[0]).toEqual({
      type: 'cache.refreshed',
      profile: 'office',
      cache: 'sessions',
      source: 'listing',
      counts: { sessions: 1, running: 1, suspended: 0 },
      tookMs: 300,
      skippedRows: 1,
    });
  }
  expect(office.watch.calls).toEqual([]);
});

test('there is never a second listing: ticks during one do nothing, requests are answered by one more', () => {
  const office = aProfile({ watch: false }).connect();
  office.tick();
  for (let n = 0; n < 5; n += 1) office.tick();
  expect(surveys(office)).toBe(2);
  for (let n = 0; n < 5; n += 1) office.send({ type: 'refresh.wanted' });
  expect(surveys(office)).toBe(2);
  office.survey.last.answer(listed([]));
  expect(surveys(office)).toBe(3);
  expect(office.survey.live).toHaveLength(1);
  office.survey.last.answer(listed([]));
  expect(surveys(office)).toBe(3);
  expect(office.tags()).not.toContain('refreshing');
});

test('a request lists at once although the watch could have answered', () => {
  const office = aProfile().watching();
  office.send({ type: 'refresh.wanted' });
  expect(surveys(office)).toBe(2);
});

test('with a live watch everything is listed again every minute', () => {
  const office = aProfile().watching();
  office.pass(59_950);
  expect(surveys(office)).toBe(1);
  office.pass(50);
  expect(surveys(office)).toBe(2);
  office.survey.last.answer(listed([]));
  office.pass(60_000);
  expect(surveys(office)).toBe(3);
});

test('in quiet minutes shadow sessions are listed every other time, unless there is one; a change asks for them at once', () => {
  const office = aProfile().watching();
  const asked = (rows = [row(1)]) => {
    const { shadows } = office.survey.last.input;
    office.survey.last.answer(listed(rows));
    return shadows;
  };
  const quietMinute = (rows?: Parameters<typeof asked>[0]) => {
    office.pass(60_000);
    return asked(rows);
  };
  expect([quietMinute(), quietMinute(), quietMinute()]).toEqual([false, true, false]);
  office.send({ type: 'refresh.wanted' });
  expect(asked()).toBe(true);
  expect(quietMinute()).toBe(false);
  const shadow = row(2, { kind: 'shadow' });
  expect(quietMinute([row(1), shadow])).toBe(true);
  expect([quietMinute([row(1), shadow]), quietMinute()]).toEqual([true, true]);
  expect(quietMinute()).toBe(false);
});

test('after a listing that failed shadow sessions are asked for: whether there is one is not known', () => {
  const office = aProfile().watching([row(2, { kind: 'shadow' })]);
  office.send({ type: 'refresh.wanted' });
  office.survey.last.answer(unlisted(failure('command.failed', true)));
  office.pass(60_000);
  expect(office.survey.last.input).toMatchObject({ shadows: true });
});

test('without a watch time alone lists nothing: that is for the tick', () => {
  const office = aProfile({ watch: false }).connect();
  office.pass(120_000);
  expect(surveys(office)).toBe(1);
});

test('a session between two states is looked at again a second later, until it has settled', () => {
  const office = aProfile({ watch: false }).connect([row(1)]);
  office.tick();
  office.survey.last.answer(listed([row(1)], { states: { [sid(1)]: 'SUSPENDING' } }));
  office.pass(950);
  expect(surveys(office)).toBe(2);
  office.pass(50);
  expect(surveys(office)).toBe(3);
  office.survey.last.answer(listed([row(1, { status: 'S' })]));
  office.pass(10_000);
  expect(surveys(office)).toBe(3);
  expect(office.told().filter((line) => line.startsWith('session.suspended'))).toHaveLength(1);
});

test('a listing that failed is "unknown": caches dropped, told, and no session departs', () => {
  const office = aProfile({
    flags: { autoRegisterSessions: true, autoUpdateListMountsCache: true },
  }).watching([row(1)]);
  office.send({ type: 'refresh.wanted' });
  office.survey.last.answer(unlisted(failure('command.timedOut', true)));
  expect(office.news()).toEqual(
    ['sessions', 'mounts'].map((cache) => ({
      type: 'cache.failed',
      profile: 'office',
      cache,
      failure: failure('command.timedOut', true),
    })),
  );
  expect(office.context()).toMatchObject({ sessions: undefined, mounts: undefined });
  expect(office.sessions()).toEqual([sid(1)]);
  office.tick();
  expect(office.tags()).toContain('refreshing');
});

test('a survey that crashed counts as a listing that failed', () => {
  const office = aProfile().watching([row(1)]);
  office.send({ type: 'refresh.wanted' });
  office.survey.last.crash();
  expect(office.news()).toMatchObject([{ type: 'cache.failed', failure: { code: 'unexpected' } }]);
  expect(office.tags()).not.toContain('refreshing');
  expect(office.state()).toBe('connected');
});

test('mounts come with the listing, when they are wanted', () => {
  const office = aProfile({ flags: { autoUpdateListMountsCache: true } }).connect();
  office.news();
  office.tick();
  expect(office.survey.last.input).toMatchObject({ sessions: true, mounts: true });
  const mounts = [{ session: sid(1), client: '127.0.0.1', mountpoint: '/media/x' }];
  office.survey.last.answer(listed([row(1)], { mounts }));
  expect(office.news()).toMatchObject([
    { cache: 'sessions', source: 'listing' },
    { cache: 'mounts', source: 'listing', counts: { mounts: 1 } },
  ]);
  expect(office.context().mounts?.value).toEqual(mounts);
  expect(office.sessions()).toEqual([]);
});

test('the agents of the registered sessions are asked for by their process', () => {
  const office = aProfile().watching([row(1), row(2)]);
  office.send({ type: 'refresh.wanted' });
  expect(office.survey.last.input.agents).toEqual([1_001, 1_002]);
});
