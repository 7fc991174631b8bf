import type { FactType } from '../../machines/vocabulary.js';
import type { GuardianEventRecord } from '../records.js';

/** An answer that did not change is said again after this time, so that a reader who went away is noticed. */
const sayAgainAfter = 60_000;

/** The way to a session's picture and back: worth a word only where it goes wrong. */
const uneventful: ReadonlySet<FactType> = new Set([
  'session.progress',
  'tunnel.opened',
  'tunnel.closed',
  'proxy.started',
]);

/** A step on the usual way, which a person need not read of. */
export const isRoutine = (record: GuardianEventRecord): boolean =>
  uneventful.has(record.event) || (record.event === 'proxy.exited' && record.failure === undefined);

/** Tells news from routine, and from what is the same as before: a cache that shows what it showed. */
export function createNews(): (record: GuardianEventRecord) => boolean {
  const said = new Map<string, { readonly what: string; readonly at: number }>();
  return (record) => {
    if (isRoutine(record)) return false;
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
