import type { AgentPorts, AgentState } from '../../machines/vocabulary.js';
import { paces } from './paces.js';
import type { Entry, SessionStore } from './sessionStore.js';

/** Something that happens to a session so many ms after it was asked for, at the pace of a real server. */
export type Step = readonly [ms: number, happens: () => void];

export interface AgentSupply {
  pid(): number;
  ports(): AgentPorts;
}

/** What the commands of an X2Go server do to a session, step by step (PROTOCOL 4). */
export function createSteps(store: SessionStore, supply: AgentSupply) {
  /** A dead agent writes nothing. */
  const says = (entry: Entry, ms: number, state: AgentState): Step => [
    ms,
    () => {
      if (entry.alive) entry.state = state;
    },
  ];
  const unlist = (entry: Entry) => {
    store.change(entry, 'F');
    entry.mounts.length = 0;
  };
  const end = (entry: Entry) => {
    if (entry.state !== undefined) entry.state = 'TERMINATED';
    entry.alive = false;
  };

  const start = (entry: Entry, attach: boolean): Step[] => {
    const agentComes = () => {
      Object.assign(entry, { pid: supply.pid(), ports: supply.ports(), alive: true, state: 'STARTING' });
      store.change(entry, 'R');
    };
    const comes: Step = [paces.start.agent, agentComes];
    return attach ? [comes, says(entry, paces.start.running, 'RUNNING')] : [comes];
  };

  const suspend = (entry: Entry): Step[] => [
    says(entry, paces.suspend.suspending, 'SUSPENDING'),
    // An agent that is gone cannot be suspended: its session is finished (PROTOCOL 1.6).
    [paces.suspend.listed, () => (entry.alive ? store.fallAsleep(entry) : unlist(entry))],
    says(entry, paces.suspend.suspended, 'SUSPENDED'),
  ];

  const abandon = (entry: Entry): Step[] => [says(entry, paces.abandon.suspended, 'SUSPENDED')];

  const wake = (entry: Entry, client: string, at: { resuming: number; running: number }): Step[] => {
    const wakes = () => {
      if (!entry.alive) return;
      entry.state = 'RESUMING';
      entry.client = client;
      store.change(entry, 'R');
    };
    return [[at.resuming, wakes], says(entry, at.running, 'RUNNING')];
  };
  const resume = (entry: Entry, client: string) => wake(entry, client, paces.resume);

  const takeOver = (entry: Entry, client: string): Step[] => [
    says(entry, paces.takeOver.suspending, 'SUSPENDING'),
    says(entry, paces.takeOver.suspended, 'SUSPENDED'),
    ...wake(entry, client, paces.takeOver),
  ];

  // The folder stays for ever (PROTOCOL 1.5).
  const terminate = (entry: Entry): Step[] => [
    says(entry, paces.terminate.terminating, 'TERMINATING'),
    [paces.terminate.unlisted, () => unlist(entry)],
    [paces.terminate.terminated, () => end(entry)],
  ];

  const orphan = (entry: Entry): Step[] => [
    [paces.terminate.unlisted, () => unlist(entry)],
    says(entry, paces.terminate.terminated, 'SUSPENDED'),
  ];

  const endApplication = (entry: Entry): Step[] => {
    const { terminated, folderGone } = paces.endApplication;
    const ends = () => {
      end(entry);
      unlist(entry);
    };
    const folderGoes = () => {
      entry.state = undefined;
    };
    return [
      [terminated, ends],
      [terminated + folderGone, folderGoes],
    ];
  };

  return { start, suspend, abandon, resume, takeOver, terminate, orphan, endApplication };
}
