import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { OtherClient } from './otherClient.js';
import { eventually } from './real/eventually.js';
import { findProcesses } from './real/processes.js';
import type { RealServer } from './realServer.js';
import { agentsOf, type Stage } from './showing.js';

/** Ports of loopback and beyond on which this process listens. */
export function ownListeners(): number[] {
  const fds = openFiles();
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readFileSync(table, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/ +/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && fds.includes(`socket:[${inode}]`))
      .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '0', 16)),
  );
}

/** What the descriptors of this process are: paths, or `socket:[inode]` and the like. */
export const openFiles = (): readonly string[] =>
  readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`));

/** How many of one kind (`Timeout`, `TCPSocketWrap`) hold this process. */
export const holding = (kind: string): number =>
  process.getActiveResourcesInfo().filter((name) => name === kind).length;

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed between two looks
  }
}

/** Every nxproxy that shows a session from a folder of ours, its helper included, whosever child it is by now. */
export const viewersHere = () =>
  findProcesses(
    ({ comm, cmdline }) => comm === 'nxproxy' && cmdline.includes(process.env.XDG_RUNTIME_DIR ?? '?'),
  );

/** What a guardian that has ended may not leave on this machine. */
export const leftHere = (stage: Stage): readonly string[] => [
  ...viewersHere().map(({ pid }) => `nxproxy ${pid}`),
  ...ownListeners().map((port) => `listener ${port}`),
  ...readdirSync(process.env.XDG_RUNTIME_DIR ?? '/nowhere').map((name) => `folder ${name}`),
  ...(existsSync(stage.journal) ? readdirSync(stage.journal) : []).map((name) => `journal ${name}`),
];

/** A listed session that is not suspended, or a living agent whose session is not listed as suspended (PROTOCOL T27). */
export async function orphans(server: RealServer, client: OtherClient): Promise<readonly string[]> {
  const rows = (await client.list()).map((row) => row.split('|'));
  const running = rows.filter(([, , , , status]) => status !== 'S').map((row) => row.slice(0, 5).join('|'));
  const suspended = rows.filter(([, , , , status]) => status === 'S').map(([pid]) => Number(pid));
  const agents = agentsOf(server.uid).filter(({ pid }) => !suspended.includes(pid));
  return [...running, ...agents.map(({ pid, cmdline }) => `agent ${pid} ${cmdline}`)];
}

/** Ends whatever sessions of the server's user there are. */
export async function endAllSessions(server: RealServer, client: OtherClient): Promise<void> {
  for (const row of await client.list()) await client.exec(`x2goterminate-session ${row.split('|')[1]}`);
  await eventually('every agent to be gone', () => agentsOf(server.uid).length === 0);
}
