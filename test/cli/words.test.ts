import { expect, test } from 'vitest';
import type { FactType } from '../../machines/vocabulary.js';
import { createNews } from '../../src/cli/news.js';
import { wordsOf } from '../../src/cli/words.js';
import type { GuardianEventRecord } from '../../src/index.js';
import { factSamples } from '../schema/support/samples.js';

const facts = Object.entries(factSamples) as unknown as readonly (readonly [FactType, GuardianEventRecord])[];

test.each(facts)('%s has words, in one line, without a control character', (_, record) => {
  const words = wordsOf(record);
  expect(words).toMatch(/^[^\x00-\x1f\x7f-\x9f]{4,}$/);
  expect(words).not.toMatch(/undefined|NaN|\[object/);
});

test('what a server wrote does nothing to a terminal', () => {
  const [, record] = facts.find(([event]) => event === 'profile.lost') ?? [];
  const failure = { code: 'ssh.closed', message: 'gone\x1b[2J\r\n\x9b31m\u202e', retryable: true };
  expect(wordsOf({ ...record, failure } as GuardianEventRecord)).toMatch(/: gone$/);
});

test('the usual way to a picture and back is no news; what goes wrong on it is', () => {
  const isNews = createNews();
  const told = facts.filter(([, record]) => isNews(record)).map(([event]) => event);
  const steps = ['session.progress', 'tunnel.opened', 'tunnel.closed', 'proxy.started'];
  expect(facts.map(([event]) => event).filter((event) => !told.includes(event))).toEqual(steps);
  const [, exited] = facts.find(([event]) => event === 'proxy.exited') ?? [];
  expect(isNews({ ...exited, failure: undefined } as unknown as GuardianEventRecord)).toBe(false);
});

test('a start says how long it took in all, and each of its steps in their order', () => {
  const [, started] = facts.find(([event]) => event === 'session.started') ?? [];
  expect(wordsOf(started as GuardianEventRecord)).toMatch(
    / started in 4\.2 s \(agent 3\.4 s, tunnel 30 ms, viewer 60 ms, picture 420 ms, command 300 ms\), by us$/,
  );
});

test('a cache that shows what it showed is no news for a minute', () => {
  const isNews = createNews();
  const refreshed = (atSeconds: number, sessions: number, cache = 'sessions') =>
    isNews({
      event: 'cache.refreshed',
      time: new Date(atSeconds * 1_000).toISOString(),
      profile: 'office',
      cache,
      counts: { sessions },
      skippedRows: 0,
    } as unknown as GuardianEventRecord);
  expect(refreshed(0, 1)).toBe(true);
  expect(refreshed(5, 1)).toBe(false);
  expect(refreshed(5, 1, 'mounts')).toBe(true);
  expect(refreshed(10, 2)).toBe(true);
  expect(refreshed(69, 2)).toBe(false);
  expect(refreshed(70, 2)).toBe(true);
  isNews({ event: 'cache.failed', profile: 'office', cache: 'sessions' } as unknown as GuardianEventRecord);
  expect(refreshed(75, 2)).toBe(true);
});
