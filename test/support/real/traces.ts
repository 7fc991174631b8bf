import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { findProcesses } from './processes.js';
import { mustRun } from './run.js';
import { isServing } from './sshd.js';
import { filesOf } from './sweep.js';

/** What there is of a server on this machine: 0 everywhere after its stop(). */
export interface Traces {
  readonly users: number;
  readonly homes: number;
  /** The user's, and root's that serve it. */
  readonly processes: number;
  /** In /tmp and where X servers put their sockets. */
  readonly files: number;
  /** Of the session data base, finished sessions included. */
  readonly rows: number;
  readonly listeners: number;
  readonly tempDirs: number;
}

export interface Traced {
  readonly user: string;
  readonly uid: number;
  readonly home: string;
  readonly port: number;
  readonly keyFile: string;
}

export const noTraces: Traces = {
  users: 0,
  homes: 0,
  processes: 0,
  files: 0,
  rows: 0,
  listeners: 0,
  tempDirs: 0,
};

export async function tracesOf({ user, uid, home, port, keyFile }: Traced): Promise<Traces> {
  const serving = isServing(user);
  return {
    users: readFileSync('/etc/passwd', 'utf8').split(`\n${user}:`).length - 1,
    homes: Number(existsSync(home)),
    processes: findProcesses((seen) => seen.uid === uid || serving(seen)).length,
    files: filesOf(uid).length,
    rows: Number(await mustRun('perl', ['-', user], { input: countRows })),
    listeners: Number(isListening(port)),
    tempDirs: Number(existsSync(dirname(keyFile))),
  };
}

/** As the kernel sees it: asking by a connection would show up in sshd's log and in its MaxStartups. */
export function isListening(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/ +/))
    .some(([, local, , state]) => local?.endsWith(`:${hex}`) && state === '0A');
}

const countRows = `use DBI;
my $db = DBI->connect('dbi:SQLite:dbname=/var/lib/x2go/x2go_sessions', '', '', { RaiseError => 1 });
$db->sqlite_busy_timeout(20000);
print $db->selectrow_array('SELECT count(*) FROM sessions WHERE uname = ?', undef, $ARGV[0]);
`;
