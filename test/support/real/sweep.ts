import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { reapTempDirs } from './owner.js';
import { endAll, findProcesses, processesOf } from './processes.js';
import { mustRun, run } from './run.js';
import { isServing } from './sshd.js';
import { deleteUnixUser, findLeftUnixUsers } from './unixUser.js';

/** Where X servers, agents, xauth and dbus put what they do not always take away. */
const sharedFolders = ['/tmp', '/tmp/.X11-unix', '/tmp/.ICE-unix', '/dev/shm'];

export interface Swept {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
}

/** Ends all that runs as the user or serves it, then removes the user and every trace of it. */
export async function sweepUser(user: Swept): Promise<void> {
  // root's sshd processes first: they end the channels that would start more
  await endAll(`connections of ${user.name}`, () => findProcesses(isServing(user.name)), 300);
  await endAll(`processes of ${user.name}`, () => processesOf(user.uid));
  for (const mountPoint of mountsOf(user)) await run('umount', ['--lazy', mountPoint]);
  await forgetSessions(user.name);
  for (const path of filesOf(user.uid)) rmSync(path, { recursive: true, force: true });
  for (const id of sharedMemoryOf(user.uid)) await run('ipcrm', ['--shmem-id', id]);
  await deleteUnixUser(user.name);
  rmSync(user.home, { recursive: true, force: true });
}

/** What runs that were killed left on this machine. Parallel runs are alive, so theirs is not touched. */
export async function sweepLeftovers(): Promise<void> {
  for (const user of findLeftUnixUsers()) await sweepUser(user);
  reapTempDirs();
}

/** Paths in the shared folders that belong to the user. */
export function filesOf(uid: number): string[] {
  return sharedFolders.flatMap((folder) => {
    try {
      return readdirSync(folder)
        .map((name) => join(folder, name))
        .filter((path) => isOwnedBy(path, uid));
    } catch {
      return []; // not every machine has all of them
    }
  });
}

function isOwnedBy(path: string, uid: number): boolean {
  try {
    return lstatSync(path).uid === uid;
  } catch {
    return false;
  }
}

function mountsOf(user: Swept): string[] {
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '))
    .filter((path) => path.startsWith(`/tmp/.x2go-${user.name}/`) || path.startsWith(`${user.home}/`))
    .reverse();
}

function sharedMemoryOf(uid: number): string[] {
  const [, ...lines] = readFileSync('/proc/sysvipc/shm', 'utf8').split('\n');
  const columns = lines.map((line) => line.trim().split(/ +/));
  return columns.filter((each) => each[7] === String(uid)).flatMap((each) => each[1] ?? []);
}

// x2godbadmin --rmuser does nothing with the SQLite back end ("Only --createdb and --updatedb are available"),
// and x2goterminate-session keeps the row as F, which blocks its display number. The server's own perl has DBI.
const forget = `use DBI;
my $db = DBI->connect('dbi:SQLite:dbname=/var/lib/x2go/x2go_sessions', '', '', { RaiseError => 1 });
$db->sqlite_busy_timeout(20000);
$db->begin_work;
my $of = 'session_id IN (SELECT session_id FROM sessions WHERE uname = ?)';
$db->do("DELETE FROM $_ WHERE $of", undef, $ARGV[0]) for qw(mounts used_ports);
$db->do('DELETE FROM sessions WHERE uname = ?', undef, $ARGV[0]);
$db->do('DELETE FROM user_messages WHERE uname = ?', undef, $ARGV[0]);
$db->commit;
`;

/** Takes the user's sessions, ports and mounts out of the data base. No agent of it may be left. */
export async function forgetSessions(userName: string): Promise<void> {
  await mustRun('perl', ['-', userName], { input: forget });
}
