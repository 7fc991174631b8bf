/** What must go wrong in a test at least once: the faults this is built for, by number. */

export interface FaultRow {
  readonly n: number;
  readonly fault: string;
  /** How soon it is noticed; nothing where there is nothing to notice. */
  readonly within?: string;
  /** What makes it happen. */
  readonly by: string;
}

const row = (n: number, fault: string, within: string, by: string): FaultRow => ({
  n,
  fault,
  by,
  ...(within === '-' ? {} : { within }),
});

/** E: the emulator, P: a private sshd before a real X2Go server, X: a stalling proxy, N: a network namespace, M: a mount namespace, C: a child process, S: simulation. */
export const rows: readonly FaultRow[] = [
  row(1, 'SIGTERM idle', '5 s', 'P'),
  row(2, 'SIGINT', '5 s', 'P'),
  row(3, 'SIGINT twice', '1 s', 'P'),
  row(4, 'SIGHUP', '5 s', 'P'),
  row(5, 'kill -9 self', '1 s', 'P'),
  row(6, 'SIGTERM while connecting', '1 s', 'X'),
  row(7, 'SIGTERM during x2gostartagent', '10 s', 'P,E'),
  row(8, 'SIGTERM during suspend', '5 s', 'E'),
  row(9, 'server dead during shutdown', '5 s', 'X'),
  row(10, 'uncaughtException / rejection', '5 s', 'C'),
  row(11, 'kill -9 nxproxy', '1 s', 'C,P'),
  row(12, 'nxproxy hangs (SIGSTOP)', '30 s', 'C'),
  row(13, 'nxproxy missing / wrong arch', '1 s', 'C'),
  row(14, 'nxproxy exits at once repeatedly', '60 s', 'C'),
  row(15, 'kill -9 nxagent', '5 s', 'P'),
  row(16, 'kill -9 sshd connection', '1 s', 'P'),
  row(17, 'TCP RST', '1 s', 'X'),
  row(18, 'FIN mid-packet', '1 s', 'X'),
  row(19, 'silent drop', '15 s', 'N'),
  row(20, 'blackhole with ACKs', '15 s', 'X'),
  row(21, 'one-way loss (each direction)', '15 s', 'N'),
  row(22, 'stall 8 s then heal', '5 s', 'X'),
  row(23, 'SIGSTOP sshd 60 s', '15 s', 'P'),
  row(24, 'sshd restart with connections cut', '1 s', 'P'),
  row(25, 'refused port', '1 s', 'P'),
  row(26, 'DNS failure / changed address', '15 s', 'E'),
  row(27, 'accept but no banner', '15 s', 'X'),
  row(28, 'banner flood / no newline', '15 s', 'X'),
  row(29, 'MaxStartups drop', '1 s', 'P'),
  row(30, 'MaxSessions exceeded', '1 s', 'P,E'),
  row(31, 'auth: wrong password', '5 s', 'P'),
  row(32, 'password expired / kbd-interactive prompt', '15 s', 'E'),
  row(33, 'host key changed', '1 s', 'P'),
  row(34, 'host key @revoked', '1 s', 'P,E'),
  row(35, 'unknown host, no tty', '1 s', 'P'),
  row(36, 'x2golistsessions hangs', '10 s', 'M,E'),
  row(37, 'x2golistsessions: garbage / bad UTF-8', '1 s', 'M,E'),
  row(38, 'x2golistsessions: 60 MB', '2 s', 'M,E'),
  row(39, 'x2golistsessions: non-zero exit', '1 s', 'M,E'),
  row(40, 'noisy .bashrc, no newline', '-', 'M'),
  row(41, 'tcsh, fish, dash, nologin', '5 s', 'M'),
  row(42, 'server home full', '10 s', 'M'),
  row(43, 'client cache dir full / read-only', '1 s', 'tmpfs in M'),
  row(44, 'known_hosts full/unreadable', '1 s', 'tmpfs in M'),
  row(45, 'terminated/suspended/resumed elsewhere', '5 s', 'P'),
  row(46, 'two guardians, one session', '5 s', 'P'),
  row(47, 'clock jump +-1 day, NTP step', '-', 'S, faketime'),
  row(48, 'sleep/resume (20 s real, 10 min simulated)', '5 s', 'SIGSTOP/CONT'),
  row(49, 'EMFILE / ENOMEM on spawn or accept', '1 s', 'ulimit -n'),
  row(50, 'forward port taken on server/client', '2 s', 'P'),
  row(51, 'server opens 20,000 channels', '1 s', 'E'),
  row(52, 'server opens unrequested channel', '1 s', 'E'),
  row(53, 'local user connects to graphics port', '1 s', '2nd uid'),
  row(54, 'a feature’s tunnel stalls (sound; later folders, printing)', '15 s', 'X'),
  row(55, 'log pipe closed (EPIPE), log disk full', '1 s', 'C'),
];
