import type { SessionId } from '../../machines/vocabulary.js';
import type { Births } from './births.js';
import type { FaultPlan } from './faultPlan.js';
import { paces } from './paces.js';
import { printed, type Ran, refused } from './ran.js';
import type { Entry, SessionStore } from './sessionStore.js';
import type { Steps } from './steps.js';
import type { Walker } from './walker.js';

export interface ResumeWorld {
  readonly store: SessionStore;
  readonly births: Births;
  readonly steps: Steps;
  readonly walker: Walker;
  readonly plan: FaultPlan;
}

/** What it complains of when all is well, too. */
const complaint = 'Died at /usr/lib/x2go/x2gormport line 34.\n'.repeat(2);

/** x2goresume-session (PROTOCOL 1.6): the agent listens again, and a few lines tell where. */
export async function resumeAgent(
  session: SessionId,
  world: ResumeWorld,
  wanted: () => boolean = () => true,
): Promise<Ran> {
  const { store, births, steps, walker } = world;
  const entry = store.find(session);
  // It invents ports for a session that is none (PROTOCOL T4).
  const failed = (ports = births.supply.ports()): Ran => ({
    ...printed(portLines(ports)),
    stderr: `${complaint}ERROR: failed to resume session with ID ${session}\n`,
  });
  if (entry === undefined) return failed();
  if (entry.state === 'TERMINATING' || entry.state === 'TERMINATED')
    return refused(3, `session ${session} terminated\n`);
  // It waits for ever for such an agent, dead or alive (PROTOCOL T3).
  if (entry.state === 'STARTING' || (entry.state === 'RESUMING' && !entry.alive))
    return new Promise(() => {});
  if (!entry.alive) {
    steps.unlist(entry);
    return failed(entry.ports);
  }
  const asleep = entry.state === 'SUSPENDED' && entry.line === undefined;
  givePorts(entry, world);
  walker.walk(entry, steps.resumeHere(entry, '127.0.0.1', asleep, wanted));
  await walker.delay(asleep ? paces.commands['x2goresume-session'] : paces.commands.takeOver);
  if (!entry.alive || entry.ports === undefined) return failed(entry.ports);
  return { ...printed(portLines(entry.ports)), stderr: complaint };
}

/** Only a port that somebody else has taken meanwhile is replaced. */
function givePorts(entry: Entry, { plan, births }: ResumeWorld): void {
  const { ports } = entry;
  if (ports === undefined) return;
  const other = births.supply.ports();
  const free = (name: keyof typeof ports) => (plan.takenPorts.has(ports[name]) ? other[name] : ports[name]);
  entry.ports = { graphics: free('graphics'), sound: free('sound'), files: free('files') };
}

const portLines = ({ graphics, sound, files }: { graphics: number; sound: number; files: number }) =>
  `gr_port=${graphics}\nsound_port=${sound}\nfs_port=${files}\n`;
