import type { SessionOrder } from '../../../machines/orders.js';
import type { Evidence } from '../../../machines/registry.js';
import type { SessionInput } from '../../../machines/session.js';
import { died, lineGone, type OurSession, ourSession } from './ourSession.js';
import { failure } from './rows.js';
import { agentPorts, gave, made, refused } from './sessionPorts.js';

export const xterm: SessionOrder = { kind: 'application', command: 'xterm' };

/** A start of ours. */
export const aStart = (order: SessionOrder = xterm, input: Partial<SessionInput> = {}): OurSession =>
  ourSession({ start: { operation: 'start-1', order, at: 0 }, ...input });

/** One that somebody else shows, or nobody. */
export const theirs = (seen: Evidence['type'], input: Partial<SessionInput> = {}): OurSession => {
  const session = ourSession({ by: 'found', record: made(1), ...input });
  session.show(seen === 'server.running' ? { type: seen, stint: 'theirs' } : seen);
  return session.quiet();
};

type Way = () => OurSession;
/** One step further on. */
const after =
  (way: Way, ...steps: readonly ((session: OurSession) => unknown)[]): Way =>
  () => {
    const session = way();
    for (const step of steps) step(session);
    return session;
  };
const lose = (session: OurSession) => session.lose();
const end = (alive: boolean) => (session: OurSession) => session.endAgent.last.answer(gave({ alive }));

const allocating: Way = () => aStart();
const showing = after(allocating, (s) => s.startAgent.last.answer(gave(made(1))));
const commanding = after(showing, (s) => s.paint());
const unseen = after(showing, (s) => s.sound());
const shown = after(
  commanding,
  (s) => s.runCommand.last.answer(gave(undefined)),
  (s) => s.show({ type: 'server.running', stint: 'ours' }),
);
const recoveringLine = after(shown, lose);
const verifying = after(
  recoveringLine,
  (s) => s.heal(),
  (s) => s.close({ how: 'cut' }),
);
const recalling = after(verifying, (s) => s.show('server.suspended'));
const takingOver = after(
  () => theirs('server.running'),
  (s) => s.ask('shown'),
);
const calling = after(
  () => theirs('server.suspended'),
  (s) => s.ask('shown'),
);
const detaching = after(shown, (s) => s.ask('suspended'));
const confirming = after(detaching, (s) => s.close());
const asking = after(confirming, (s) => s.pass(2_500));
const ending = after(shown, (s) => s.ask('terminated'));
const endingConfirming = after(ending, end(true));

/** Ways into the states of a session of ours. */
export const scenes = {
  awaitingLine: () => aStart(xterm, { lineUp: false }),
  allocating,
  withdrawing: after(allocating, (s) => s.startAgent.last.answer(refused(failure('agent.failed', true)))),
  doubting: after(allocating, (s) => s.startAgent.last.answer(refused(lineGone))),
  stranded: after(showing, lose),
  showing,
  commanding,
  unseen,
  picturing: after(unseen, (s) => s.runCommand.last.answer(gave(undefined, 3_500))),
  shown,
  uncertain: after(shown, (s) => s.close(died)),
  recoveringLine,
  verifying,
  recalling,
  repainting: after(recalling, (s) => s.resumeAgent.last.answer(gave(agentPorts))),
  resting: after(recalling, (s) => s.resumeAgent.last.answer(refused(failure('command.timedOut', true)))),
  takingOver,
  awaitingRelease: after(takingOver, end(true)),
  calling,
  resumed: after(calling, (s) => s.resumeAgent.last.answer(gave(agentPorts))),
  detaching,
  confirming,
  asking,
  insisting: after(asking, end(true)),
  givenUp: after(recalling, (s) => s.resumeAgent.last.answer(refused(failure('session.ended', false)))),
  unknown: after(confirming, lose),
  ending,
  endingLineless: after(ending, lose),
  endingConfirming,
  clearing: after(ending, end(false)),
  unlisted: after(shown, (s) => s.show('server.unlisted')),
  faulty: after(endingConfirming, (s) => s.pass(10_000)),
} as const satisfies Record<string, Way>;
export type Scene = keyof typeof scenes;
export const sceneNames = Object.keys(scenes) as Scene[];
