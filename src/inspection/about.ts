/** What is told of an actor beside its state: plain facts from its chart's context, picked one by one. */

import type { GuardianContext } from '../../machines/guardianModel.js';
import type {
  AttachmentContext,
  Cached,
  Failure,
  ProfileContext,
  ProxyContext,
  SessionContext,
  TunnelContext,
} from '../../machines/index.js';
import type { About } from './tree.js';

const failureOrNull = (failure: Failure | undefined) => failure ?? null;

const cache = (cached: Cached<readonly unknown[]> | undefined, now: number) =>
  cached === undefined
    ? null
    : { count: cached.value.length, ageMs: Math.round(now - cached.at), source: cached.source };

const guardian = ({ profiles, guarded, onExit, reason }: GuardianContext): About => ({
  profiles: Object.keys(profiles).length,
  guarded: guarded.length,
  onExit: onExit ?? 'suspend',
  reason: reason === '' ? null : reason,
});

const profile = (context: ProfileContext, now: number): About => ({
  profile: context.profile.id,
  host: context.profile.host,
  port: context.profile.port ?? 22,
  user: context.profile.user,
  state: context.state,
  attempt: context.attempt,
  retryInMs: context.retryInMs,
  failure: failureOrNull(context.failure),
  registering: context.registering,
  watchLive: context.watchLive,
  registered: Object.keys(context.known).length,
  own: context.own.length,
  caches: {
    sessions: cache(context.sessions, now),
    desktops: cache(context.desktops, now),
    mounts: cache(context.mounts, now),
  },
});

const session = (context: SessionContext): About => {
  const { record, start } = context;
  return {
    profile: context.profile,
    session: record?.session ?? null,
    state: context.state,
    by: context.author,
    ours: context.ours,
    wanted: context.wanted ?? null,
    leaving: context.leaving ?? null,
    operations: context.waiters.map(({ operation }) => operation),
    kind: record?.kind ?? start?.order.kind ?? null,
    command: record?.command ?? null,
    display: record?.display ?? null,
    server: record?.server ?? null,
    client: record?.client ?? null,
    createdAt: record?.createdAt ?? null,
    ageSeconds: record?.ageSeconds ?? null,
    agentPid: record?.agentPid ?? null,
    lineUp: context.lineUp,
    attached: context.attached,
    sound: context.sound,
    restarts: context.restarts.length,
    ended: context.end?.how ?? null,
    reason: context.reason,
    failure: failureOrNull(context.failure),
  };
};

const attachment = (context: AttachmentContext): About => ({
  profile: context.profile,
  session: context.session,
  display: context.display,
  graphicsPort: context.graphicsPort,
  sound: context.sound,
  ended: context.end.how,
  failure: failureOrNull(context.end.failure),
});

const tunnel = (context: TunnelContext): About => ({
  profile: context.profile,
  session: context.session,
  name: context.tunnel,
  port: context.port,
  serverPort: context.serverPort,
  sent: context.sent,
  received: context.received,
  channels: context.channels,
  refused: context.refused,
  failure: failureOrNull(context.failure),
});

const proxy = (context: ProxyContext): About => ({
  profile: context.profile,
  session: context.session,
  pid: context.pid,
  display: context.display,
  port: context.port,
  ended: context.endedAt === 0 ? null : context.end.how,
  failure: failureOrNull(context.end.failure),
});

const charts: Readonly<Record<string, (context: never, now: number) => About>> = {
  guardian,
  profile,
  session,
  attachment,
  tunnel,
  proxy,
};

/** `now`: on the guardian's clock. */
export function aboutOf(chart: string, context: unknown, now: number): About {
  return charts[chart]?.(context as never, now) ?? {};
}

const nothing = {};
/** What an actor failed with, by its context. */
export function failureOf(context: unknown): Failure | undefined {
  const { failure, end } = (context ?? nothing) as { failure?: Failure; end?: { failure?: Failure } };
  return failure ?? end?.failure;
}
