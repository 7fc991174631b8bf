import { expect, test } from 'vitest';
import { sessionExplained } from '../../src/cli/records.js';
import type { FeedLine } from '../../src/inspection/feed.js';
import { Past } from '../../src/inspection/past.js';
import { why } from '../../src/inspection/why.js';
import { complaints } from '../schema/support/eventSchema.js';
import { everyFlag } from '../support/guard.js';
import { live } from '../support/life.js';
import { story, toldOf } from './support/story.js';

/** Without the times of day. */
const timeless = (text: string) => text.replace(/\d\d:\d\d:\d\d/g, 'T');

test('why tells the story of a session whose line was cut and healed, and that was suspended then', async () => {
  await using life = await live({ ...everyFlag, start: false });
  const { guardian, log } = life;
  const past = new Past();
  guardian.feed((line: FeedLine) => past.add(line));
  await guardian.start();
  const session = await life.start();
  const running = guardian.why('office', session.id);
  expect(running).toContain(`${session.id} (xterm) on office is running since`);
  expect(running).toContain('It waits for nothing: it is on the screen here.');
  expect(running).toContain('Of its profile: its line stands.');
  expect(running).toMatch(/Its tunnel graphics: open, .* sent, .* received/);
  expect(running).toMatch(/Its viewer: up, process \d+/);

  await life.emulator.faults.reset();
  await log.until('session.recovering');
  expect(guardian.why('office', session.id)).toMatch(/is recovering since/);
  expect(guardian.why('office', session.id)).toMatch(/It waits for its line: its line is (lost|being made)/);
  await log.until('session.resumed');
  await session.suspend();
  const suspended = guardian.why('office', session.id);
  expect(suspended).toContain('It waits for nothing: it sleeps on the server until somebody resumes it.');
  const told = timeless(suspended)
    .split('\n')
    .slice(timeless(suspended).split('\n').indexOf('How it came to that:') + 1);
  expect(toldOf(told), told.join('\n')).toBe(story.length);
  expect(timeless(why(past, { session: session.id }))).toBe(timeless(suspended));
  expect(timeless(why(past, { session: 'alice-50' }))).toBe(timeless(suspended));
  expect(suspended).not.toMatch(/undefined|NaN|\[object|null/);
  const explained = guardian.explain('office', session.id);
  expect(complaints(JSON.parse(JSON.stringify(sessionExplained(explained))))).toEqual([]);
  expect(explained).toMatchObject({ session: session.id, state: 'suspended', ours: false });
  expect(explained.story.map(({ of, to }) => `${of} ${to}`)).toEqual(
    expect.arrayContaining(['session starting', 'line lost', 'session recovering', 'session suspended']),
  );

  await session.terminate();
  expect(guardian.why('office', session.id)).toMatch(/is terminated since .*; we do not run it/);
  expect(() => guardian.why('office', 'nobody-1')).toThrow(
    expect.objectContaining({ code: 'session.unknown' }),
  );
});

test('words that fit several sessions are refused, with their names', async () => {
  await using life = await live(everyFlag);
  const names = [(await life.start()).id, (await life.start()).id];
  expect(() => life.guardian.why('office', 'alice-')).toThrow(names[1]);
});
