/** What every way to a suspension has in common. */
import type { SessionContext } from './sessionModel.js';

const suspendDeadline = 15_000;

/** x2gosuspend-session. */
export const suspendInput = ({ context }: { context: SessionContext }) => ({
  profile: context.profile,
  session: context.record?.session ?? '',
  how: 'suspend' as const,
  agentPid: context.record?.agentPid,
  deadlineMs: suspendDeadline,
});

/** The server says that it is, and it is our doing. */
export const suspendedByUs = {
  type: 'report',
  params: { type: 'session.suspended', state: 'suspended', by: 'me' },
} as const;

/** Looks until something shows. */
export const looking = {
  description: 'Asks once a second.',
  entry: 'askAround',
  after: { lookAgain: { target: 'looking', reenter: true } },
} as const;
