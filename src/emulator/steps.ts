import type { AgentPorts, AgentState } from '../../machines/vocabulary.js';
import { die, hangUp, listen, stopListening } from './agentPort.js';
import { paces } from './paces.js';
import type { Entry, SessionStore } from './sessionStore.js';
import type { Timers } from './timers.js';

/** Something that happens to a session so many ms after it was asked for, at the pace of a real server. */
export type Step = readonly [ms: number, happens: () => void];

export interface AgentSupply {
  pid(): number;
  ports(): AgentPorts;
}

/** Who shows a new session: some other client at once, nobody yet, or nobody and the agent gives up one day. */
export type Awaits = 'otherClient' | 'anybody' | 'ourViewer';

/** What the commands of an X2Go server do to a session, step by step (PROTOCOL 4). */
export function createSteps(store: SessionStore, supply: AgentSupply, timers: Timers) {
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
    die(entry);
  };
  /** Whatever comes, the viewer's end is no news any more. */
  const doom = (entry: Entry): Step => [
    0,
    () => {
      if (entry.line) entry.line.doomed = true;
      stopListening(entry);
    },
  ];
  const hangsUp = (entry: Entry, ms: number): Step => [ms, () => hangUp(entry)];

  const start = (entry: Entry, awaits: Awaits): Step[] => {
    const agentComes = () => {
      Object.assign(entry, { pid: supply.pid(), ports: supply.ports(), alive: true, state: 'STARTING' });
      store.change(entry, 'R');
      if (awaits !== 'otherClient') listen(entry, awaits === 'ourViewer' ? timers : undefined);
    };
    const comes: Step = [paces.start.agent, agentComes];
    return awaits === 'otherClient' ? [comes, says(entry, paces.start.running, 'RUNNING')] : [comes];
  };

  const suspend = (entry: Entry): Step[] => [
    doom(entry),
    says(entry, paces.suspend.suspending, 'SUSPENDING'),
    // An agent that is gone cannot be suspended: its session is finished (PROTOCOL 1.6).
    [paces.suspend.listed, () => (entry.alive ? store.fallAsleep(entry) : unlist(entry))],
    says(entry, paces.suspend.suspended, 'SUSPENDED'),
    hangsUp(entry, paces.suspend.suspended),
  ];

  const abandon = (entry: Entry): Step[] => [
    doom(entry),
    hangsUp(entry, 0),
    says(entry, paces.abandon.suspended, 'SUSPENDED'),
  ];

  const attach = (entry: Entry, up: () => void): Step[] => [
    [paces.attach.up, up],
    says(entry, paces.attach.running, 'RUNNING'),
  ];
  const detach = (entry: Entry): Step[] => [
    says(entry, 0, 'SUSPENDING'),
    says(entry, paces.detach.suspended, 'SUSPENDED'),
  ];

  const wakes = (
    entry: Entry,
    ms: number,
    client: string,
    then: () => void = () => {},
    wanted: () => boolean = () => true,
  ): Step => [
    ms,
    () => {
      if (!entry.alive || !wanted()) return;
      entry.state = 'RESUMING';
      entry.client = client;
      store.change(entry, 'R');
      then();
    },
  ];
  const putAway = (entry: Entry): Step[] => [
    doom(entry),
    says(entry, paces.takeOver.suspending, 'SUSPENDING'),
    hangsUp(entry, paces.takeOver.hungUp),
    says(entry, paces.takeOver.suspended, 'SUSPENDED'),
  ];
  const resume = (entry: Entry, client: string): Step[] => [
    wakes(entry, paces.resume.resuming, client),
    says(entry, paces.resume.running, 'RUNNING'),
  ];
  const takeOver = (entry: Entry, client: string): Step[] => [
    ...putAway(entry),
    wakes(entry, paces.takeOver.resuming, client),
    says(entry, paces.takeOver.running, 'RUNNING'),
  ];

  /** As resume and takeOver, for a viewer that is still to come; who ends the command before it wakes the agent wants none. */
  const resumeHere = (entry: Entry, client: string, asleep: boolean, wanted: () => boolean): Step[] => {
    const awaits = () => listen(entry, timers);
    return asleep
      ? [wakes(entry, paces.resume.resuming, client, awaits, wanted)]
      : [...putAway(entry), wakes(entry, paces.takeOver.resuming, client, awaits, wanted)];
  };

  // The folder stays for ever (PROTOCOL 1.5).
  const terminate = (entry: Entry): Step[] => [
    doom(entry),
    says(entry, paces.terminate.terminating, 'TERMINATING'),
    hangsUp(entry, paces.terminate.hungUp),
    [paces.terminate.unlisted, () => unlist(entry)],
    [paces.terminate.terminated, () => end(entry)],
  ];

  const orphan = (entry: Entry): Step[] => [
    doom(entry),
    hangsUp(entry, paces.terminate.hungUp),
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
    return [doom(entry), [terminated, ends], [terminated + folderGone, folderGoes]];
  };

  return {
    start,
    suspend,
    abandon,
    attach,
    detach,
    resume,
    takeOver,
    resumeHere,
    terminate,
    orphan,
    endApplication,
    unlist,
  };
}

export type Steps = ReturnType<typeof createSteps>;
