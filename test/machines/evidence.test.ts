import { expect, test } from 'vitest';
import { evidenceOf, evidenceOfState, grownOlder, withStates } from '../../machines/registry.js';
import type { AgentState, ListedStatus } from '../../machines/vocabulary.js';
import { listing, row, rowWithoutAgent, sid } from './support/rows.js';

type Life = 'alive' | 'gone' | 'unseen';

const seen = (status: ListedStatus, state: AgentState | undefined, life: Life = 'alive') => {
  const record = row(1, { status });
  const evidence = evidenceOf(
    record,
    listing([record], {
      states: state === undefined ? {} : { [sid(1)]: state },
      alive: life === 'alive' ? [1_001] : [],
      gone: life === 'gone' ? [1_001] : [],
    }),
  );
  const { type, reason } = evidence as { type: string; reason?: string };
  return reason === undefined ? type.replace('server.', '') : `gone: ${reason}`;
};

/** DESIGN's table: what the listing says, the state file, and what they add up to while the agent lives. */
test.each([
  ['R', 'STARTING', 'starting'],
  ['R', 'RUNNING', 'running'],
  ['R', 'RESUMING', 'running'],
  ['R', 'SUSPENDING', 'suspending'],
  ['R', 'SUSPENDED', 'suspended'],
  ['R', 'TERMINATING', 'unlisted'],
  ['R', 'TERMINATED', 'unlisted'],
  ['R', undefined, 'running'],
  ['S', 'STARTING', 'suspended'],
  ['S', 'RUNNING', 'running'],
  ['S', 'RESUMING', 'running'],
  ['S', 'SUSPENDING', 'suspended'],
  ['S', 'SUSPENDED', 'suspended'],
  ['S', 'TERMINATING', 'unlisted'],
  ['S', 'TERMINATED', 'unlisted'],
  ['S', undefined, 'suspended'],
  ['F', 'RUNNING', 'gone: ended'],
  ['F', undefined, 'gone: ended'],
] as const)('listed %s with the file %s it is %s', (status, state, expected) => {
  expect(seen(status, state)).toBe(expected);
  expect(seen(status, state, 'unseen')).toBe(expected);
});

test.each([
  ['R', 'RUNNING', 'gone: agentGone'],
  ['R', undefined, 'gone: agentGone'],
  ['R', 'TERMINATED', 'gone: ended'],
  ['S', 'SUSPENDED', 'gone: agentGone'],
] as const)('listed %s with the file %s, its agent gone: %s', (status, state, expected) => {
  expect(seen(status, state, 'gone')).toBe(expected);
});

test('a row without an agent is being started', () => {
  expect(evidenceOf(rowWithoutAgent(1), listing([]))).toEqual({ type: 'server.starting' });
});

test('another address or time is another stint, and only a listing that says R knows it', () => {
  const stint = (changes: object) => {
    const record = row(1, changes);
    const evidence = evidenceOf(record, listing([record], { states: { [sid(1)]: 'RUNNING' } }));
    return 'stint' in evidence ? evidence.stint : undefined;
  };
  expect(stint({})).toBe(stint({ ageSeconds: 99 }));
  expect(stint({ client: '192.0.2.8' })).not.toBe(stint({}));
  expect(stint({ changedAt: '2026-01-02T03:04:07' })).not.toBe(stint({}));
  expect(stint({ status: 'S' })).toBe(undefined);
});

test.each([
  ['STARTING', 'server.starting'],
  ['RUNNING', 'server.running'],
  ['RESUMING', 'server.running'],
  ['SUSPENDING', 'server.suspending'],
  ['SUSPENDED', 'server.suspended'],
  ['TERMINATING', undefined],
  ['TERMINATED', undefined],
] as const)('of a file alone, %s shows %s', (state, type) => {
  expect(evidenceOfState(state)?.type).toBe(type);
});

test('the rows of a listing show their states, and grow older by the second', () => {
  const rows = withStates(listing([row(1), row(2, { status: 'S' })], { gone: [1_001] }));
  expect(rows.map(({ state }) => state)).toEqual(['terminated', 'suspended']);
  expect(grownOlder(rows, 4_600).map(({ ageSeconds }) => ageSeconds)).toEqual([65, 65]);
});
