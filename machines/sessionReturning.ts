/** What the two ways back to the screen have in common: resuming, because somebody wants it, and recovering. */
import type { SessionContext } from './sessionModel.js';
import type { Answer } from './sessionPorts.js';
import { crashedCall } from './sessionRules.js';
import type { AgentPorts, Failure } from './vocabulary.js';

/** x2goresume-session takes 3 s, and 14 s where it has to suspend first (PROTOCOL 1.6). */
const resumeDeadline = 60_000;

export const causeOf = ({ outcome }: Answer<unknown>): Failure =>
  outcome.ok ? crashedCall : outcome.failure;

export const resumeInput = ({ context }: { context: SessionContext }) => ({
  profile: context.profile,
  session: context.record?.session ?? '',
  kind: context.record?.kind ?? 'application',
  agentPid: context.record?.agentPid ?? 0,
  presentation: context.presentation,
  deadlineMs: resumeDeadline,
});

interface Called {
  readonly context: SessionContext;
  readonly event: { readonly output: Answer<AgentPorts> };
}
export const newPorts = ({ context, event: { output } }: Called) => ({
  ports: output.outcome.ok ? output.outcome.value : context.record?.ports,
  at: output.at,
});

export const shownAgain = {
  target: '#session.running.shown',
  actions: [
    { type: 'report', params: { type: 'session.resumed', state: 'running', by: 'me' } },
    'forgetStint',
  ],
} as const;

const ending = { guard: 'canEnd', target: '#session.terminating.asking' } as const;

/** Suspended or ended instead: how, depends on how far it has come. */
export const notWanted = {
  yet: [{ guard: 'canSuspend', target: '#session.suspending.confirming' }, ending],
  whileCalling: [{ guard: 'canSuspend', target: '#session.suspending.asking' }, ending],
  whileShowing: [{ guard: 'canSuspend', target: '#session.suspending.detaching' }, ending],
} as const;
