import type { Evidence } from '../../../machines/registry.js';
import { sessionMachine } from '../../../machines/session.js';
import type { Author } from '../../../machines/vocabulary.js';
import { brief, underParent } from './parent.js';
import { row } from './rows.js';

/** A session's chart, and what the server shows of it. */
export function aSession(by: Author = 'other', orphanAfter = 10_000) {
  const { child, send, news, end, pass } = underParent(sessionMachine, {
    profile: 'office',
    record: row(1),
    by,
    orphanAfter,
  });
  return {
    news,
    end,
    pass,
    told: () => news().map(brief),
    tags: (): string[] => [...child.getSnapshot().tags],
    show: (...seen: readonly (Evidence | Evidence['type'])[]) => {
      for (const each of seen) send(typeof each === 'string' ? evidence(each) : each);
    },
  };
}

const evidence = (type: Evidence['type']): { type: string } =>
  type === 'server.gone' ? ({ type, reason: 'ended' } as { type: string }) : { type };

export const running = (stint?: string): Evidence => ({
  type: 'server.running',
  ...(stint === undefined ? {} : { stint }),
});
