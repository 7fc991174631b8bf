import { expect, test } from 'vitest';
import { agentStates } from '../../machines/vocabulary.js';
import { parseAgentState } from '../../src/protocol/agentState.js';

test('each word an agent writes is read', () => {
  expect(agentStates.map(parseAgentState)).toEqual(agentStates);
});

test.each([
  '',
  'RUNNINGTING',
  'RESUMINGNG',
  'RUN',
  'running',
  'RUNNING\n',
  ' RUNNING',
  'RUNNING\0',
  '0',
  'constructor',
])('%j is a torn read', (text) => {
  expect(parseAgentState(text)).toBe(undefined);
});
