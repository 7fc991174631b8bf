import { expect, test } from 'vitest';
import type { Evidence } from '../../../machines/registry.js';
import { aSession } from '../support/aSession.js';

const ways = {
  virgin: [],
  starting: ['server.starting'],
  running: ['server.running'],
  suspending: ['server.running', 'server.suspending'],
  suspended: ['server.suspended'],
  terminating: ['server.running', 'server.unlisted'],
} as const satisfies Record<string, readonly Evidence['type'][]>;
type Place = keyof typeof ways;
const places = Object.keys(ways) as Place[];

const sessionIn = (place: Place) => {
  const session = aSession();
  session.show(...ways[place]);
  session.news();
  expect(session.tags()).toEqual([place]);
  return session;
};
const orphan = () => {
  const session = sessionIn('terminating');
  session.pass(10_000);
  return session;
};

test.each(places)('%s: gone from the server, it is terminated once and its chart ends', (place) => {
  const session = sessionIn(place);
  session.show({ type: 'server.gone', reason: 'agentGone' });
  expect(session.news()).toEqual([
    expect.objectContaining({
      type: 'session.terminated',
      from: place,
      state: 'terminated',
      by: 'other',
      reason: 'agentGone',
    }),
  ]);
  expect(session.end()).toEqual({ output: undefined });
});

test.each(['starting', 'running', 'suspending', 'suspended'] as const)(
  '%s: no longer listed while its agent lives, it is terminating and nothing is told yet',
  (place) => {
    const session = sessionIn(place);
    session.show('server.unlisted');
    expect(session.tags()).toEqual(['terminating']);
    expect(session.told()).toEqual([]);
    session.show('server.gone');
    expect(session.told()).toEqual(['session.terminated terminating>terminated other']);
  },
);

test('an agent that outlives its session for ten seconds is an orphan', () => {
  const session = sessionIn('terminating');
  session.pass(5_000);
  session.show('server.unlisted');
  session.pass(4_950);
  expect(session.told()).toEqual([]);
  session.pass(50);
  const [fact, ...more] = session.news();
  expect(fact).toMatchObject({
    type: 'session.failed',
    from: 'terminating',
    state: 'faulty',
    failure: { code: 'session.orphaned', retryable: false },
  });
  expect(more).toEqual([]);
  expect(session.tags()).toEqual(['faulty']);
});

test('an orphan is told of once, and its end when it comes', () => {
  const session = orphan();
  session.news();
  session.show('server.unlisted');
  session.pass(60_000);
  expect(session.told()).toEqual([]);
  session.show('server.gone');
  expect(session.told()).toEqual(['session.terminated faulty>terminated other']);
});

test.each([
  ['server.starting', 'starting', [], []],
  ['server.running', 'running', [], ['session.resumed faulty>running other']],
  ['server.suspending', 'suspending', [], []],
  [
    'server.suspended',
    'suspended',
    ['session.suspended terminating>suspended other'],
    ['session.suspended faulty>suspended other'],
  ],
] as const)(
  'one that ran is listed again by %s: what is new in that is told; after it was an orphan that is told',
  (seen, state, ran, orphaned) => {
    for (const [session, told] of [[sessionIn('terminating'), ran] as const, [orphan(), orphaned] as const]) {
      session.news();
      session.show(seen);
      expect(session.tags()).toEqual([state]);
      session.pass(60_000);
      expect(session.told()).toEqual(told);
    }
  },
);
