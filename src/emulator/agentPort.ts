import { agentPatienceMs } from './paces.js';
import type { Entry } from './sessionStore.js';
import type { Timers } from './timers.js';

/** The agent opens its graphics port for one viewer. With timers it waits for a minute, else for ever. */
export function listen(entry: Entry, timers: Timers | undefined): void {
  stopListening(entry);
  const cancel = timers?.after(agentPatienceMs, () => giveUp(entry)) ?? (() => {});
  entry.stopListening = () => {
    entry.stopListening = undefined;
    cancel();
  };
}

export function stopListening(entry: Entry): void {
  entry.stopListening?.();
}

/** No viewer came, or a wrong one: a new agent aborts (PROTOCOL T2, T27b), an old one goes back to sleep. */
export function giveUp(entry: Entry): void {
  stopListening(entry);
  if (entry.state === 'STARTING') die(entry);
  else if (entry.alive) entry.state = 'SUSPENDED';
}

/** The agent closes its viewer's connection. */
export function hangUp(entry: Entry): void {
  const { line } = entry;
  entry.line = undefined;
  line?.hangUp();
}

/** Its process ends; what it has written stays. */
export function die(entry: Entry): void {
  entry.alive = false;
  stopListening(entry);
  hangUp(entry);
}
