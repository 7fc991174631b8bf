import { join } from 'node:path';
import {
  createGuardian,
  type Guardian,
  type GuardianEventOf,
  type GuardianEventRecord,
  type GuardianOptions,
} from '../../src/index.js';
import { eventually } from './real/eventually.js';
import { lookAt } from './real/processes.js';
import type { RealServer } from './realServer.js';

type EventName = GuardianEventRecord['event'];

/** An event and when this process saw it, on performance.now(). */
export interface Seen<Name extends EventName = EventName> {
  readonly at: number;
  readonly record: GuardianEventOf<Name>;
}

export interface UntilOptions<Name extends EventName> {
  /** Events before this moment do not count. @default the beginning */
  readonly after?: number;
  readonly where?: (record: GuardianEventOf<Name>) => boolean;
  /** @default 15_000 */
  readonly timeoutMs?: number;
}

export interface Guarded {
  readonly guardian: Guardian;
  readonly seen: readonly Seen[];
  of<Name extends EventName>(name: Name, after?: number): Seen<Name>[];
  /** The names of the session events, of one session or of all, in the order they came. */
  story(session?: string, after?: number): string[];
  until<Name extends EventName>(name: Name, options?: UntilOptions<Name>): Promise<Seen<Name>>;
  /** Prints all it said, for a test that failed. */
  tell(): void;
  /** sshd's processes that serve this guardian: those that came after it was made. */
  connections(): number[];
}

export const id = 'real';

/** A guardian of one profile on a real server, with everything watched, and a memory of what it said. */
export function guard(server: RealServer, options: Partial<GuardianOptions> = {}): Guarded {
  const others = new Set(server.connections().map(nameOf));
  const guardian = createGuardian({
    journal: false,
    profiles: [{ id, host: server.host, port: server.port, user: server.user }],
    credentials: { of: () => ({ identities: [server.keyFile] }) },
    hostKeys: { mode: 'strict', files: [server.writeKnownHosts()] },
    autoUpdateListSessionsCache: true,
    autoUpdateSessionRegistry: true,
    autoRegisterSessions: true,
    ...options,
  });
  const seen: Seen[] = [];
  guardian.on('*', (record) => seen.push({ at: performance.now(), record: record as never }));
  const of = <Name extends EventName>(name: Name, after = 0) =>
    seen.filter(({ at, record }) => record.event === name && at > after) as unknown as Seen<Name>[];
  return {
    guardian,
    seen,
    of,
    story: (session, after = 0) =>
      seen
        .filter(({ at }) => at > after)
        .flatMap(({ record }) => ('session' in record ? [record] : []))
        .filter((record) => session === undefined || record.session === session)
        .filter(({ event }) => event.startsWith('session.') && event !== 'session.progress')
        .map(({ event }) => event.replace('session.', '')),
    until: (name, { after = 0, where = () => true, timeoutMs = 15_000 } = {}) =>
      eventually(
        () => `${name}; there were ${seen.map(({ record }) => record.event).join(', ')}`,
        () => of(name, after).find(({ record }) => where(record)),
        { timeoutMs, everyMs: 5 },
      ),
    tell: () =>
      console.log(
        seen
          .map(({ at, record }) => `${Math.round(at)} ${JSON.stringify({ ...record, v: undefined })}`)
          .join('\n'),
      ),
    connections: () =>
      server
        .connections()
        .filter((connection) => !others.has(nameOf(connection)))
        .map(({ root }) => root),
  };
}

const nameOf = ({ root }: { readonly root: number }) => `${root} ${lookAt(root)?.startedAt}`;

/** Another file in the server's temp folder, which goes with it. */
export const besides = (server: RealServer, name: string) => join(server.keyFile, '..', name);
