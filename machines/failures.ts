/** What can go wrong, by code. */

/**
 * Every failure by code: whether waiting and trying again can help, and the command's exit code
 * (sysexits where one fits).
 */
export const failureTable = {
  'ssh.refused': { retryable: true, exit: 69 },
  'ssh.unreachable': { retryable: true, exit: 69 },
  'ssh.unresolved': { retryable: true, exit: 69 },
  'ssh.timedOut': { retryable: true, exit: 69 },
  'ssh.closed': { retryable: true, exit: 69 },
  'ssh.silent': { retryable: true, exit: 69 },
  'ssh.throttled': { retryable: true, exit: 69 },
  'ssh.handshake': { retryable: true, exit: 69 },
  'ssh.algorithms': { retryable: false, exit: 69 },
  'hostKey.unknown': { retryable: false, exit: 76 },
  'hostKey.changed': { retryable: false, exit: 76 },
  'hostKey.revoked': { retryable: false, exit: 76 },
  'hostKey.unchecked': { retryable: false, exit: 76 },
  'auth.refused': { retryable: false, exit: 77 },
  'auth.noMethod': { retryable: false, exit: 77 },
  'auth.passwordExpired': { retryable: false, exit: 77 },
  'auth.identity': { retryable: false, exit: 77 },
  'channel.refused': { retryable: true, exit: 69 },
  'command.timedOut': { retryable: true, exit: 75 },
  'command.tooLong': { retryable: true, exit: 65 },
  'command.failed': { retryable: true, exit: 65 },
  'command.garbled': { retryable: true, exit: 65 },
  'command.aborted': { retryable: true, exit: 1 },
  'shell.unusable': { retryable: false, exit: 65 },
  'x2go.missing': { retryable: false, exit: 65 },
  'release.forced': { retryable: false, exit: 70 },
  'session.orphaned': { retryable: false, exit: 70 },
  'session.left': { retryable: false, exit: 70 },
  'session.unknown': { retryable: false, exit: 66 },
  'session.ended': { retryable: false, exit: 66 },
  'session.limit': { retryable: true, exit: 79 },
  'session.denied': { retryable: false, exit: 79 },
  'session.notAllowed': { retryable: false, exit: 79 },
  'session.takenOver': { retryable: true, exit: 79 },
  'session.locked': { retryable: true, exit: 75 },
  'desktop.unknown': { retryable: false, exit: 66 },
  'agent.failed': { retryable: true, exit: 79 },
  'command.notFound': { retryable: false, exit: 79 },
  'order.invalid': { retryable: false, exit: 2 },
  'proxy.missing': { retryable: false, exit: 72 },
  'proxy.failed': { retryable: true, exit: 69 },
  'proxy.unstable': { retryable: true, exit: 69 },
  'proxy.stalled': { retryable: true, exit: 69 },
  'screen.missing': { retryable: false, exit: 72 },
  'tunnel.denied': { retryable: false, exit: 79 },
  'tunnel.portTaken': { retryable: true, exit: 79 },
  'tunnel.unused': { retryable: true, exit: 69 },
  'tunnel.failed': { retryable: true, exit: 69 },
  'sound.missing': { retryable: false, exit: 72 },
  'profile.unknown': { retryable: false, exit: 66 },
  'profile.duplicate': { retryable: false, exit: 78 },
  'config.invalid': { retryable: false, exit: 78 },
  'file.unreadable': { retryable: false, exit: 74 },
  'file.unwritable': { retryable: false, exit: 74 },
  'page.missing': { retryable: true, exit: 66 },
  'recording.unusable': { retryable: false, exit: 65 },
  'recording.differs': { retryable: false, exit: 65 },
  'local.exhausted': { retryable: true, exit: 74 },
  'usage.invalid': { retryable: false, exit: 2 },
  'guardian.terminated': { retryable: false, exit: 1 },
  'call.timedOut': { retryable: true, exit: 75 },
  'call.aborted': { retryable: true, exit: 1 },
  unexpected: { retryable: false, exit: 1 },
} as const satisfies Record<string, { retryable: boolean; exit: number }>;
export type FailureCode = keyof typeof failureTable;

/** What went wrong, as data: it travels in events, snapshots and NDJSON lines. No secret in it. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
  readonly retryable: boolean;
}
