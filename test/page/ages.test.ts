import { expect, test } from 'vitest';
import { aboutNow } from '../../visualizations/page/ages.js';

test('an age grows while nobody tells of it, and nothing else does', () => {
  const sessions = { count: 3, ageMs: 250, source: 'watch' };
  const about = { session: 'alice-50', display: 50, ageSeconds: 2, caches: { sessions, mounts: null } };
  const toldAt = '2026-11-22T18:23:26.000Z';
  const after = (ms: number) => aboutNow({ about, toldAt }, Date.parse(toldAt) + ms);
  expect(after(0)).toEqual(about);
  expect(after(60_000)).toEqual({
    ...about,
    ageSeconds: 62,
    caches: { sessions: { ...sessions, ageMs: 60_250 }, mounts: null },
  });
  // A moment of the past that is a little before it was told.
  expect(after(-5)).toEqual(about);
});
