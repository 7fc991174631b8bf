/** Where it happens: a real server, a screen, a line that can be cut, another client, and disks that can be full. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { makeTempDir } from '../support/real/owner.js';
import { mustRun, run } from '../support/real/run.js';
import { startXvfb } from '../support/real/xvfb.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { type StallingProxy, startStallingProxy } from '../support/stallingProxy.js';

/** A small disk of its own. */
export interface Disk {
  fill(): Promise<void>;
  free(): void;
}

export interface Site {
  readonly server: RealServer;
  readonly line: StallingProxy;
  readonly client: OtherClient;
  readonly journalDisk: Disk;
  readonly homeDisk: Disk;
  readonly runtime: string;
  readonly journal: string;
  /** The environment of the guardian. */
  readonly env: NodeJS.ProcessEnv;
  /** How the guardian reaches the server, over the line. */
  options(profile: string): object;
  readonly privateKey: string;
  close(): Promise<void>;
}

/** Mounts are made here: run it in a mount namespace of its own (`unshare -m`), with which they go. */
export async function openSite(): Promise<Site> {
  const dir = makeTempDir('soak');
  const server = await startRealServer();
  const mounts: string[] = [];
  const disk = async (path: string, size: string, owner: string): Promise<Disk> => {
    await mustRun('mount', ['-t', 'tmpfs', '-o', `size=${size},${owner}`, 'tmpfs', path]);
    mounts.unshift(path);
    const filler = join(path, '.filler');
    return {
      // dd ends with an error when nothing more fits in: that is what it is for.
      fill: async () => void (await run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k'])),
      free: () => rmSync(filler, { force: true }),
    };
  };
  const kept = join(dir, 'home');
  await mustRun('cp', ['-a', server.home, kept]);
  const homeDisk = await disk(server.home, '16m', `uid=${server.uid},mode=755`);
  await mustRun('cp', ['-a', `${kept}/.`, server.home]);
  const [runtime, journal] = [join(dir, 'runtime'), join(dir, 'journal')];
  for (const path of [runtime, journal]) mkdirSync(path, { mode: 0o700 });
  const journalDisk = await disk(journal, '64k', 'mode=700');
  const screen = await startXvfb(dir);
  const client = await startOtherClient(server);
  const line = await startStallingProxy(server);
  const knownHosts = join(dir, 'known_hosts');
  writeFileSync(knownHosts, server.knownHosts().replaceAll(`:${server.port} `, `:${line.port} `));
  return {
    server,
    line,
    client,
    journalDisk,
    homeDisk,
    runtime,
    journal,
    env: {
      ...process.env,
      DISPLAY: screen.display,
      XDG_RUNTIME_DIR: runtime,
      XDG_CACHE_HOME: join(dir, 'cache'),
    },
    options: (profile) => ({
      profiles: [{ id: profile, host: server.host, port: line.port, user: server.user }],
      hostKeys: { mode: 'strict', files: [knownHosts] },
      autoUpdateListSessionsCache: true,
      autoUpdateSessionRegistry: true,
      autoRegisterSessions: true,
      onExit: 'terminate',
      journal,
    }),
    privateKey: readFileSync(server.keyFile, 'utf8'),
    close: async () => {
      await line.close();
      await client.stop();
      await screen.stop();
      for (const path of mounts) await run('umount', ['--lazy', path]);
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What is in a folder; a filler is none of it. */
export const contentOf = (path: string): readonly string[] =>
  readdirSync(path).filter((name) => name !== '.filler');
