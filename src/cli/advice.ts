import type { Failure, FailureCode } from '../../machines/vocabulary.js';

/** What to do next, where the message does not say so itself. */
const advice: Partial<Record<FailureCode, string>> = {
  'ssh.refused': 'Check the port, and that sshd runs there.',
  'ssh.unreachable': 'Check the network, and the address.',
  'ssh.unresolved': 'Check the name, and the network.',
  'ssh.timedOut': 'Check that an SSH server listens there, or try again.',
  'ssh.closed': 'Try again.',
  'ssh.silent': 'Check the network, and try again.',
  'ssh.throttled': 'Try again in a while.',
  'ssh.handshake': 'Check that it is an SSH server.',
  'ssh.algorithms': 'Its SSH server has to be updated.',
  'auth.refused': 'Name a key with -i, or give a password with --password-stdin.',
  'auth.withheld': 'Check the password, and start again.',
  'auth.noMethod': 'Name a key with -i, or give a password with --password-stdin.',
  'channel.refused': 'Try again in a while.',
  'command.timedOut': 'The server is slow; try again.',
  'command.failed': 'Log in with ssh and try the command there.',
  'command.garbled': 'Log in with ssh and look what its shell prints.',
  'shell.unusable': 'The account needs a shell that can run commands.',
  'x2go.missing': 'Install x2goserver there.',
  'session.limit': 'End a session there, or ask its administrator.',
  'session.locked': 'End the other one, or wait for it.',
  'session.left': 'List it with: x2go-guardian sessions.',
  'agent.failed': 'Log in with ssh and try x2gostartagent there.',
  'command.notFound': 'Install it there, or check its name.',
  'proxy.failed': 'Try again; doctor tells what is missing here.',
  'tunnel.denied': 'Its sshd has to allow forwarding.',
  'broker.unreachable': 'Check the address, and that the broker runs.',
  'broker.timedOut': 'The broker is slow; try again.',
  'broker.noServer': 'Try again in a while, or ask its administrator.',
  'broker.untrusted':
    'Give the file of its certificate authority with --broker-ca, or look who answers there.',
  'broker.refused': 'Check the user name and the password.',
  'broker.redirected': 'Give the address it names, if you trust that one.',
  'broker.missing': 'Check the path: it ends in the back end, as in /plain/inifile/.',
  'broker.garbled': 'Check that a session broker answers at that address.',
  unexpected: 'This is a bug here; please report it.',
  'call.timedOut': 'Try again, or give more time with --timeout.',
};

export function adviceFor({ code, message }: Failure): string {
  if (code === 'auth.refused' && /after trying .*password/.test(message)) return 'Check the password.';
  return advice[code] ?? '';
}
