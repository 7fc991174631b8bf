import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { firstAnswer } from '../../src/cli/answer.js';
import { Deadline } from '../../src/cli/deadline.js';
import type { Guardian } from '../../src/guardian.js';

const office = { id: 'office', host: 'h', user: 'u' };

/** A guardian that tells what the test says, to whoever still listens. */
function aGuardian() {
  const listeners = new Set<readonly [string, (record: object) => void]>();
  const guardian = {
    on: (type: string, listener: (record: object) => void) => {
      const own = [type, listener] as const;
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    profiles: () => [{ profile: office, state: 'connecting' }],
    sessions: () => ({ value: [] }),
  };
  const tell = (type: string, record: object) => {
    for (const [own, listener] of listeners) if (own === type) listener({ profile: 'office', ...record });
  };
  return { guardian: guardian as unknown as Guardian, listeners, tell };
}

test.each([
  [
    'cache.refreshed',
    { cache: 'sessions', skippedRows: 1, tookMs: 5 },
    { rows: [], skippedRows: 1, tookMs: 5 },
  ],
  ['profile.lost', { failure: { code: 'ssh.closed' } }, { failure: { code: 'ssh.closed' } }],
])('after the first answer, %s, nobody listens any more', async (type, record, wanted) => {
  const { guardian, listeners, tell } = aGuardian();
  const deadline = new Deadline(30_000);
  const answer = firstAnswer(guardian, office, 'sessions', deadline);
  expect(listeners.size).toBeGreaterThan(3);
  tell('cache.refreshed', { profile: 'lab', cache: 'sessions' });
  tell(type, record);
  expect(await answer).toEqual({ profile: 'office', ...wanted });
  expect([listeners.size, getEventListeners(deadline.signal, 'abort')]).toEqual([0, []]);
});
