import { describe, expect, test } from 'vitest';
import { complaints, definition } from './support/eventSchema.js';
import { commandSamples, factSamples, samples } from './support/samples.js';

const without = (line: Readonly<Record<string, unknown>>, field: string) =>
  Object.fromEntries(Object.entries(line).filter(([name]) => name !== field));

describe.each(samples)('%s', (event, line) => {
  test('is accepted', () => expect(complaints(line)).toEqual([]));

  test('is refused with a field nobody knows', () => {
    expect(complaints({ ...line, surprise: true })).toEqual([
      `${event} must NOT have additional properties (surprise)`,
    ]);
  });

  test.each(definition(event).required ?? [])('is refused without %s', (field) => {
    expect(complaints(without(line, field))).toEqual([
      field === 'event'
        ? 'a line without an event is no event of the schema'
        : `${event} must have required property '${field}'`,
    ]);
  });

  test('is refused in another version, or with a time that is not UTC to the millisecond', () => {
    expect(complaints({ ...line, v: 2 })).toEqual([`${event}/v must be equal to constant`]);
    for (const time of ['2026-11-22T18:23:26Z', '2026-11-22T18:23:26.123+01:00', 1_795_371_806_123]) {
      expect(complaints({ ...line, time }), String(time)).toHaveLength(1);
    }
  });
});

const having = (field: string) => samples.filter(([, line]) => field in line);

test.each(having('state'))('%s is refused in a state there is not', (_, line) => {
  expect(complaints({ ...line, state: 'asleep' })).toHaveLength(1);
});

test.each(having('from'))('%s is refused from a state there is not', (_, line) => {
  expect(complaints({ ...line, from: 'asleep' })).toHaveLength(1);
});

const failing = having('failure').filter(([, { failure }]) => typeof failure === 'object');
test.each(failing)('%s is refused with a failure that is none', (_, line) => {
  const { failure } = line as { failure: object };
  expect(complaints({ ...line, failure: { ...failure, code: 'ssh.moody' } })).toHaveLength(1);
  expect(complaints({ ...line, failure: { ...failure, stack: 'at ...' } })).toHaveLength(1);
  expect(complaints({ ...line, failure: 'it broke' })).toHaveLength(1);
});

describe('what is refused as well', () => {
  const {
    'profile.lost': lost,
    'profile.connected': connected,
    'session.suspended': suspended,
  } = factSamples;
  const { 'cache.refreshed': refreshed, 'guardian.terminated': terminated } = factSamples;
  const [entry] = terminated.report;

  test.each([
    ['an event nobody knows', { ...suspended, event: 'session.yawned' }],
    ['a session in the state of a profile', { ...suspended, state: 'connected' }],
    ['an event in the state of another', { ...suspended, state: 'running' }],
    ['an author nobody knows', { ...suspended, by: 'them' }],
    ['a profile in the state of a session', { ...lost, from: 'suspended' }],
    ['a part of a millisecond', { ...lost, retryInMs: 1_000.5 }],
    ['a time in a text', { ...lost, retryInMs: '1000' }],
    ['a version that is no text', { ...connected, versions: { x2goserver: 4 } }],
    [
      'a count of something else',
      { ...refreshed, counts: { sessions: 1, running: 1, suspended: 0, lost: 1 } },
    ],
    ['a count that is missing', { ...refreshed, counts: { sessions: 1 } }],
    ['a report of nobody', { ...terminated, report: [{ ...entry, kind: 'ghost' }] }],
    ['a report with a field nobody knows', { ...terminated, report: [{ ...entry, cookie: '00ff' }] }],
    ['a failing command that exits with 0', { ...commandSamples['command.failed'], exitCode: 0 }],
    ['a session of an unknown kind', { ...commandSamples['session.listed'], kind: 'opera' }],
  ])('%s', (_, line) => {
    expect(complaints(line)).not.toEqual([]);
  });
});
