import type { GuardianEventRecord } from '../records.js';

/** An answer that did not change is said again after this time, so that a reader who went away is noticed. */
const sayAgainAfter = 60_000;

/** Tells news from what is the same as before: every record is news but a cache that shows what it showed. */
export function createNews(): (record: GuardianEventRecord) => boolean {
  const said = new Map<string, { readonly what: string; readonly at: number }>();
  return (record) => {
    if (record.event === 'cache.failed') said.delete(`${record.profile} ${record.cache}`);
    if (record.event !== 'cache.refreshed') return true;
    const key = `${record.profile} ${record.cache}`;
    const what = JSON.stringify([record.counts, record.skippedRows]);
    const at = Date.parse(record.time);
    const before = said.get(key);
    if (before?.what === what && at - before.at < sayAgainAfter) return false;
    said.set(key, { what, at });
    return true;
  };
}
