import type { AnyEventObject } from 'xstate';
import type { Evidence } from '../../../machines/registry.js';
import type { SessionContext, SessionInput } from '../../../machines/session.js';
import type { OperationSettled, Wanted } from '../../../machines/sessionModel.js';
import type { ProxyEnd } from '../../../machines/sessionPorts.js';
import type { Failure } from '../../../machines/vocabulary.js';
import { brief, underParent } from './parent.js';
import { failure } from './rows.js';
import { sessionPorts } from './sessionPorts.js';

export const died: ProxyEnd = { how: 'killed', failure: failure('proxy.failed', true) };
export const lineGone = failure('ssh.closed', true);

/** What one outcome says in a line: the session, or the code of what went wrong. */
const told = ({ operation, outcome }: AnyEventObject) =>
  `${operation}: ${outcome.ok ? 'ok' : outcome.failure.code}`;

/** A session's chart over fake ports, whether it is started here or was found. */
export function ourSession(input: Partial<SessionInput> = {}) {
  const ports = sessionPorts();
  const { child, send, news, heard, end, pass } = underParent(ports.chart, {
    profile: 'office',
    by: 'me',
    lineUp: true,
    ...input,
  });
  let said: AnyEventObject[] = [];
  const over: string[] = [];
  const asked: string[] = input.start ? [input.start.operation] : [];
  const listen = () => {
    const more = heard();
    over.push(...more.flatMap(({ type, operation }) => (type === 'operation.settled' ? [operation] : [])));
    said = [...said, ...more];
    return said;
  };
  const take = (matches: (event: AnyEventObject) => boolean) => {
    const found = listen().filter(matches);
    said = said.filter((event) => !found.includes(event));
    return found;
  };
  const session = {
    ...ports,
    child,
    send,
    pass,
    end,
    news,
    told: () => news().map(brief),
    tags: (): string[] => [...child.getSnapshot().tags],
    context: (): SessionContext => child.getSnapshot().context,
    /** The outcomes since the last look. */
    settled: () => take(({ type }) => type === 'operation.settled').map(told),
    /** The outcomes since the last look, whole. */
    outcomes: () =>
      take(({ type }) => type === 'operation.settled').map((event) => event as unknown as OperationSettled),
    /** All operations that were settled so far, and those that wait. */
    operations: () => {
      listen();
      return { settled: over, waiting: asked.filter((operation) => !over.includes(operation)) };
    },
    /** How often the server was asked about it since the last look. */
    looked: () => take(({ type }) => type === 'refresh.wanted').length,
    /** What it told its profile of itself since the last look. */
    said: () => take(({ type }) => type.startsWith('session.')),
    show: (...seen: readonly (Evidence | Evidence['type'])[]) => {
      for (const each of seen)
        send(
          typeof each === 'string'
            ? ({ type: each, ...(each === 'server.gone' ? { reason: 'ended' } : {}) } as Evidence)
            : each,
        );
    },
    ask: (wanted: Wanted, operation = `${wanted}-1`) => {
      asked.push(operation);
      send({ type: 'session.ask', operation, wanted } as { type: string });
      return operation;
    },
    abandon: (operation: string) => send({ type: 'operation.abandon', operation } as { type: string }),
    leave: (policy: 'suspend' | 'terminate' | 'leave') =>
      send({ type: 'session.leave', policy } as { type: string }),
    lose: () => send({ type: 'line.lost' }),
    heal: () => send({ type: 'line.up' }),
    deny: (why: Failure = failure('auth.refused', false)) =>
      send({ type: 'line.denied', failure: why } as { type: string }),
    /** Whether there is sound is decided. */
    sound: (sound = true) => ports.attachment.last.tell({ type: 'attachment.sounded', sound }),
    /** The picture is there. */
    paint: (sound = true) => ports.attachment.last.tell({ type: 'attachment.shown', sound, at: 0 }),
    /** What shows it has ended. */
    close: (how: ProxyEnd = { how: 'ended' }, at = 0) => ports.attachment.last.answer({ end: how, at }),
    quiet: () => {
      news();
      listen();
      said = [];
      return session;
    },
  };
  return session;
}
export type OurSession = ReturnType<typeof ourSession>;
