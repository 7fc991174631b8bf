import { readdir, readFile, readlink } from 'node:fs/promises';

/** The far end of a connection over the loopback, as the kernel shows it. */
export interface Peer {
  readonly inode: string;
  readonly uid: number;
  /** Bytes it was sent and has not read. */
  readonly unread: number;
}

/** `7F000001` and its likes, by the kernel's byte order; the last one is ::ffff:127.0.0.1. */
const loopbacks = new Set(['0100007F', '7F000001', '0000000000000000FFFF00000100007F']);

/**
 * Who is connected to a port of the loopback, by the port they come from: one look however many they are. Undefined
 * where there is no /proc/net/tcp: this is Linux only.
 */
export async function peersOf(port: number): Promise<ReadonlyMap<number, Peer> | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map(readTable));
  if (tables[0] === undefined) return undefined;
  const peers = new Map<number, Peer>();
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  for (const line of tables.join('').split('\n')) {
    if (!line.includes(remote)) continue;
    const [, local = '', far = '', , queues = '', , , uid = '', , inode = ''] = line.trim().split(/ +/);
    const [address = '', from = ''] = local.split(':');
    if (!`${far} `.endsWith(remote) || !loopbacks.has(address)) continue;
    const unread = Number.parseInt(queues.split(':')[1] ?? '', 16) || 0;
    peers.set(Number.parseInt(from, 16), { inode, uid: Number(uid), unread });
  }
  return peers;
}

const readTable = (name: string): Promise<string | undefined> =>
  readFile(`/proc/net/${name}`, 'latin1').catch(() => undefined);

/** The sockets that a process and its children have open. */
export async function socketsOf(pid: number): Promise<ReadonlySet<string>> {
  const family = [pid, ...(await childrenOf(pid))];
  const links = (await Promise.all(family.map(openFiles))).flat();
  return new Set(links.flatMap((link) => /^socket:\[([0-9]+)\]$/.exec(link)?.[1] ?? []));
}

async function openFiles(pid: number): Promise<readonly string[]> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
}

/** Not every kernel has /proc/PID/task/TID/children. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^[0-9]+$/.test(name));
  const parents = await Promise.all(pids.map(parentOf));
  return pids.filter((_, at) => parents[at] === pid).map(Number);
}

async function parentOf(pid: string): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  // The name in parentheses may itself hold blanks and parentheses.
  const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return parent === undefined ? undefined : Number(parent);
}
