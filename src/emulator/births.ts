import { parseSessionName } from '../protocol/sessionName.js';
import type { createAgentSupply, NewSession } from './agents.js';
import type { Entry, SessionStore } from './sessionStore.js';

/** Puts new sessions into the data base; their agents come later. */
export class Births {
  constructor(
    readonly store: SessionStore,
    readonly supply: ReturnType<typeof createAgentSupply>,
  ) {}

  add(order: NewSession, start?: string): Entry {
    const { world, all } = this.store;
    const createdMs = world.now();
    const taken = (display: number) => all.some((other) => other.status !== 'F' && other.display === display);
    const { kind, display, session } = this.supply.name(order, createdMs, taken);
    const parsed = parseSessionName(session);
    if (!parsed.ok) throw new Error(`The emulator cannot start ${session}: ${parsed.reason}`);
    const entry: Entry = {
      session,
      kind,
      command: parsed.name.command,
      display,
      cookie: this.supply.cookie(),
      createdMs,
      changedMs: createdMs,
      status: 'R',
      client: order.client ?? '127.0.0.1',
      alive: false,
      mounts: [],
      start,
      commands: [],
      files: new Map(),
      cancel: () => {},
    };
    this.store.add(entry);
    return entry;
  }
}
