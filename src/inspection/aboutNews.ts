/** Whether what is told of an actor has changed: told for every event of every chart, so it costs next to nothing. */
import type { GuardianContext } from '../../machines/guardianModel.js';
import type { ProfileContext, SessionContext, SessionRecord } from '../../machines/index.js';
import type { About } from './tree.js';

const guardian = (a: GuardianContext, b: GuardianContext): boolean =>
  a.profiles === b.profiles && a.guarded === b.guarded && a.onExit === b.onExit && a.reason === b.reason;

const profile = (a: ProfileContext, b: ProfileContext): boolean =>
  a.state === b.state &&
  a.attempt === b.attempt &&
  a.retryInMs === b.retryInMs &&
  a.failure === b.failure &&
  a.registering === b.registering &&
  a.watchLive === b.watchLive &&
  a.known === b.known &&
  a.own === b.own &&
  a.sessions === b.sessions &&
  a.desktops === b.desktops &&
  a.mounts === b.mounts &&
  a.profile === b.profile;

const session = (a: SessionContext, b: SessionContext): boolean =>
  a.state === b.state &&
  a.ours === b.ours &&
  a.wanted === b.wanted &&
  a.leaving === b.leaving &&
  a.waiters === b.waiters &&
  a.lineUp === b.lineUp &&
  a.attached === b.attached &&
  a.sound === b.sound &&
  a.restarts === b.restarts &&
  a.end === b.end &&
  a.reason === b.reason &&
  a.failure === b.failure &&
  a.start === b.start &&
  isSameRow(a.record, b.record);

/** A listing gives every session a new row. What is told of it but for its age: */
const isSameRow = (a: SessionRecord | undefined, b: SessionRecord | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.session === b.session &&
    a.kind === b.kind &&
    a.command === b.command &&
    a.display === b.display &&
    a.server === b.server &&
    a.client === b.client &&
    a.createdAt === b.createdAt &&
    a.agentPid === b.agentPid);

/** Of the charts that hear most; of the others what is told is compared itself. */
const charts: Readonly<Record<string, (a: never, b: never) => boolean>> = { guardian, profile, session };

/** Whether nothing that is told can have changed. */
export function isSameSource(chart: string, before: unknown, after: unknown): boolean {
  return charts[chart]?.(before as never, after as never) ?? false;
}

/** Whether two are the same, but for an age that only grew. */
export function isSameAbout(a: About, b: About): boolean {
  for (const key in a) if (key !== 'ageSeconds' && !isSame(a[key], b[key])) return false;
  return true;
}

/** Of plain data. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => isSame(left[key], right[key]));
}
