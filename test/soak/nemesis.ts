/** What goes wrong, a step at a time. Each takes back what it did before it is over; what came of it is for others to see. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../src/testing/random.js';
import { childrenOf, signal } from '../support/real/processes.js';
import { found } from '../support/real/taking.js';
import type { Site } from './site.js';
import type { Soaked } from './soaked.js';
import type { Witness } from './witness.js';

export interface Scene {
  readonly site: Site;
  readonly soaked: Soaked;
  readonly witness: Witness;
  readonly random: Random;
  readonly profile: string;
}
type Step = (scene: Scene) => Promise<void>;

const viewerIn = ({ soaked, random }: Scene): number | undefined => {
  const viewers = childrenOf(soaked.pid).filter(({ comm }) => comm === 'nxproxy');
  return viewers.length === 0 ? undefined : random.pick(viewers).pid;
};
const sessionIn = ({ witness, random }: Scene, word?: string): string | undefined => {
  const names = [...witness.agents().keys()].filter(
    (name) => word === undefined || witness.word(name) === word,
  );
  return names.length === 0 ? undefined : random.pick(names.sort());
};
const exec = async ({ site, ...scene }: Scene, command: string) => {
  const session = sessionIn({ site, ...scene });
  if (session !== undefined) await site.client.exec(`exec ${command} ${session}`);
};

/** By what the step is called in the report. */
export const steps: Readonly<Record<string, Step>> = {
  'kill nxproxy': async (scene) => {
    const pid = viewerIn(scene);
    if (pid !== undefined) signal(pid, 'SIGKILL');
  },
  'stop nxproxy': async (scene) => {
    const pid = viewerIn(scene);
    if (pid !== undefined) signal(pid, 'SIGSTOP');
  },
  'cut the line': async ({ site }) => site.line.reset(),
  'end it in mid-packet': async ({ site, random }) => {
    site.line.finAfter(random.below(4_000));
    await pause(5_000);
    site.line.finAfter(Number.POSITIVE_INFINITY);
  },
  'stall the line 8 s': async ({ site }) => {
    site.line.stall();
    await pause(8_000);
    site.line.heal();
  },
  'swallow all for 20 s': async ({ site, random }) => {
    site.line.swallow(random.pick(['up', 'down', undefined] as const));
    await pause(20_000);
    site.line.heal();
  },
  'kill the connections': async ({ site }) => site.server.killConnections(),
  'stop sshd, restart it': async ({ site, random }) => {
    await site.server.stopSshd();
    site.server.killConnections();
    await pause(random.between(500, 8_000));
    await site.server.restartSshd();
  },
  'freeze sshd 20 s': async ({ site }) => {
    const frozen = site.server.connectionPids();
    for (const pid of frozen) signal(pid, 'SIGSTOP');
    await pause(20_000);
    for (const pid of frozen) signal(pid, 'SIGCONT');
  },
  'fill the journal': async (scene) => {
    await scene.site.journalDisk.fill();
    await steps['kill nxproxy']?.(scene);
    await pause(scene.random.between(2_000, 10_000));
    scene.site.journalDisk.free();
  },
  'fill the home': async (scene) => {
    await scene.site.homeDisk.fill();
    const { soaked, profile } = scene;
    await soaked.ask('begin', { profile }).catch(() => undefined);
    scene.site.homeDisk.free();
  },
  'take a session over, give it back': async (scene) => {
    const { client } = scene.site;
    const session = sessionIn(scene, 'RUNNING');
    if (session === undefined) return;
    const theirs = await client.resume(await found(client, session));
    await pause(scene.random.between(1_000, 6_000));
    await client.suspend(theirs);
    await client.until(theirs, 'SUSPENDED', 40_000);
  },
  'suspend outside': (scene) => exec(scene, 'x2gosuspend-session'),
  'terminate outside': (scene) => exec(scene, 'x2goterminate-session'),
  'kill an agent': async (scene) => {
    const { witness } = scene;
    const session = sessionIn(scene);
    const pid = session === undefined ? undefined : witness.agents().get(session);
    if (pid !== undefined) signal(pid, 'SIGKILL');
  },
  'stop the guardian 12 s': async ({ soaked }) => {
    signal(soaked.pid, 'SIGSTOP');
    await pause(12_000);
    signal(soaked.pid, 'SIGCONT');
  },
  'ask for a suspension, and for something else at once': async (scene) => {
    const { soaked, profile, random } = scene;
    const session = sessionIn(scene);
    if (session === undefined) return;
    const asked = soaked.ask('suspend', { profile, session });
    await pause(random.between(0, 2_000));
    const other = soaked.ask(random.pick(['resume', 'terminate'] as const), { profile, session });
    await Promise.allSettled([asked, other]);
  },
};
