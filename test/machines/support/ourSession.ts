import type { AnyEventObject } from 'xstate';
import type { SessionOrder } from '../../../machines/orders.js';
import type { Evidence } from '../../../machines/registry.js';
import type { SessionContext, SessionInput } from '../../../machines/session.js';
import type { OperationSettled, Wanted } from '../../../machines/sessionModel.js';
import type { ProxyEnd } from '../../../machines/sessionPorts.js';
import type { Failure } from '../../../machines/vocabulary.js';
import { brief, underParent } from './parent.js';
import { failure, row } from './rows.js';
import { agentPorts, gave, made, refused, sessionPorts } from './sessionPorts.js';

export const xterm: SessionOrder = { kind: 'application', command: 'xterm' };
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

/** A start of ours. */
export const aStart = (order: SessionOrder = xterm, input: Partial<SessionInput> = {}) =>
  ourSession({ start: { operation: 'start-1', order, at: 0 }, ...input });

const named = (order?: SessionOrder) => {
  const session = aStart(order);
  session.startAgent.last.answer(gave(made(1)));
  return session;
};
const shown = (input: Partial<SessionInput> = {}) => {
  const session = aStart(xterm, input);
  session.startAgent.last.answer(gave(made(1)));
  session.paint();
  session.runCommand.last.answer(gave(undefined));
  session.show({ type: 'server.running', stint: 'ours' });
  return session;
};
/** One that somebody else shows, or nobody. */
export const theirs = (seen: Evidence['type'], input: Partial<SessionInput> = {}) => {
  const session = ourSession({ by: 'found', record: made(1), ...input });
  session.show(seen === 'server.running' ? { type: seen, stint: 'theirs' } : seen);
  return session.quiet();
};
const resuming = () => {
  const session = theirs('server.suspended');
  session.ask('shown');
  return session;
};
const recovering = () => {
  const session = shown();
  session.lose();
  session.heal();
  session.close({ how: 'cut' });
  return session;
};
const suspending = () => {
  const session = shown();
  session.ask('suspended');
  return session;
};

/** Ways into the states of a session of ours. */
export const scenes = {
  awaitingLine: () => aStart(xterm, { lineUp: false }),
  allocating: () => aStart(),
  withdrawing: () => {
    const session = aStart();
    session.startAgent.last.answer(refused(failure('agent.failed', true)));
    return session;
  },
  doubting: () => {
    const session = aStart();
    session.startAgent.last.answer(refused(lineGone));
    return session;
  },
  stranded: () => {
    const session = named();
    session.lose();
    return session;
  },
  showing: () => named(),
  commanding: () => {
    const session = named();
    session.paint();
    return session;
  },
  shown: () => shown(),
  uncertain: () => {
    const session = shown();
    session.close(died);
    return session;
  },
  recoveringLine: () => {
    const session = shown();
    session.lose();
    return session;
  },
  verifying: recovering,
  recalling: () => {
    const session = recovering();
    session.show('server.suspended');
    return session;
  },
  repainting: () => {
    const session = scenes.recalling();
    session.resumeAgent.last.answer(gave(agentPorts));
    return session;
  },
  resting: () => {
    const session = scenes.recalling();
    session.resumeAgent.last.answer(refused(failure('command.timedOut', true)));
    return session;
  },
  takingOver: () => {
    const session = theirs('server.running');
    session.ask('shown');
    return session;
  },
  awaitingRelease: () => {
    const session = scenes.takingOver();
    session.endAgent.last.answer(gave({ alive: true }));
    return session;
  },
  calling: resuming,
  resumed: () => {
    const session = resuming();
    session.resumeAgent.last.answer(gave(agentPorts));
    return session;
  },
  detaching: suspending,
  confirming: () => {
    const session = suspending();
    session.close();
    return session;
  },
  asking: () => {
    const session = scenes.confirming();
    session.pass(2_500);
    return session;
  },
  insisting: () => {
    const session = scenes.asking();
    session.endAgent.last.answer(gave({ alive: true }));
    return session;
  },
  givenUp: () => {
    const session = scenes.recalling();
    session.resumeAgent.last.answer(refused(failure('session.ended', false)));
    return session;
  },
  unknown: () => {
    const session = scenes.confirming();
    session.lose();
    return session;
  },
  ending: () => {
    const session = shown();
    session.ask('terminated');
    return session;
  },
  endingLineless: () => {
    const session = scenes.ending();
    session.lose();
    return session;
  },
  endingConfirming: () => {
    const session = scenes.ending();
    session.endAgent.last.answer(gave({ alive: true }));
    return session;
  },
  clearing: () => {
    const session = scenes.ending();
    session.endAgent.last.answer(gave({ alive: false }));
    return session;
  },
  unlisted: () => {
    const session = shown();
    session.show('server.unlisted');
    return session;
  },
  faulty: () => {
    const session = scenes.endingConfirming();
    session.pass(10_000);
    return session;
  },
} as const satisfies Record<string, () => OurSession>;
export type Scene = keyof typeof scenes;
export const sceneNames = Object.keys(scenes) as Scene[];
export const foundRow = row(1);
