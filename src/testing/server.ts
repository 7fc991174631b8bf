import type { ProfileId } from '../../machines/vocabulary.js';
import { giveUp, stopListening } from '../emulator/agentPort.js';
import { createAgentSupply } from '../emulator/agents.js';
import { Births } from '../emulator/births.js';
import { defaultFeatures, defaultVersions } from '../emulator/defaults.js';
import { type CommandName, type FaultPlan, type Misbehaviour, noFaults } from '../emulator/faultPlan.js';
import { Processes } from '../emulator/processes.js';
import { type AgentLine, type Entry, SessionStore } from '../emulator/sessionStore.js';
import { EmulatedSessions } from '../emulator/sessions.js';
import { runShell } from '../emulator/shell.js';
import { createSteps } from '../emulator/steps.js';
import { createTimers } from '../emulator/timers.js';
import { Walker } from '../emulator/walker.js';
import { X2GoError } from '../errors.js';
import type { ChannelEnd } from './channel.js';
import type { SimulatedLine } from './line.js';
import type { Random } from './random.js';
import type { SimulatedTime } from './time.js';

/** When the simulated servers' wall clocks begin. */
const epoch = Date.UTC(2030, 0, 1);

/** An X2Go server without a network: the emulator's sessions and shell, on simulated time. */
export class SimulatedServer {
  /** `down`: nobody listens. `locked`: it lets nobody in. */
  door: 'open' | 'down' | 'locked' = 'open';
  /** Nothing gets through any more, in either direction. */
  silent = false;
  /** By how much its wall clock was stepped, ms. */
  stepped = 0;
  readonly plan: FaultPlan = noFaults();
  readonly lines = new Set<SimulatedLine>();
  readonly sessions: EmulatedSessions;
  readonly store: SessionStore;
  readonly processes: Processes;
  readonly #steps: ReturnType<typeof createSteps>;
  readonly #walker: Walker;
  readonly #shellWorld: Parameters<typeof runShell>[3];

  constructor(
    /** The profile it is the server of. */
    readonly profile: ProfileId,
    user: string,
    readonly time: SimulatedTime,
    readonly random: Random,
    /** Something was delivered: a point at which anything may happen. */
    readonly pointPassed: () => void,
  ) {
    const timers = createTimers({
      setTimeout: (run, ms) => time.after('elsewhere', ms, run),
      clearTimeout: (cancel) => (cancel as () => void)(),
    });
    const now = () => Math.floor(epoch + time.now() + this.stepped);
    this.store = new SessionStore({ user, hostName: 'simulated', now });
    const supply = createAgentSupply(user, (count) => random.bytes(count));
    const births = new Births(this.store, supply);
    this.#steps = createSteps(this.store, supply, timers);
    // Slow servers and fast ones; within one, what follows from what stays so.
    this.#walker = new Walker(timers, random.between(0.4, 1.4));
    const { store } = this;
    this.sessions = new EmulatedSessions({ store, births, steps: this.#steps, walker: this.#walker });
    this.processes = new Processes(supply.pid);
    this.#shellWorld = {
      sessions: this.sessions,
      store,
      births,
      steps: this.#steps,
      walker: this.#walker,
      timers,
      plan: this.plan,
      processes: this.processes,
      missingCommands: [],
      features: defaultFeatures,
      versions: defaultVersions,
      desktops: [],
      served: () => undefined,
    };
  }

  /** Every line breaks, now. */
  cut(): void {
    for (const line of [...this.lines]) line.cut();
  }

  silence(): void {
    this.silent = true;
  }

  plant(command: CommandName, misbehaviour: Misbehaviour): void {
    this.plan.commands.set(command, misbehaviour);
  }

  /** Takes back everything that was planted; what was held up arrives. */
  heal(): void {
    Object.assign(this.plan, noFaults());
    this.silent = false;
    this.door = 'open';
    for (const line of this.lines) line.heal();
  }

  shell(channel: ChannelEnd, cut: () => void): void {
    // As much of ssh2's channel as the shell uses.
    void runShell(
      channel as unknown as Parameters<typeof runShell>[0],
      'exec /bin/sh -s',
      cut,
      this.#shellWorld,
    );
  }

  /** Why no connection to that port can be had. */
  refusalOf(port: number): X2GoError | undefined {
    if (!this.plan.forwarding) return new X2GoError('tunnel.denied', 'the server allows no forwarding');
    if (this.#listening(port) === undefined)
      return new X2GoError('tunnel.failed', `nobody listens on port ${port}`);
    return undefined;
  }

  /** A viewer meets the agent that listens there. The function it returns is the viewer's leaving. */
  meet(port: number, cookie: string, viewer: { up(): void; closed(): void }): () => void {
    const entry = this.#listening(port);
    if (entry === undefined) {
      viewer.closed();
      return () => undefined;
    }
    stopListening(entry);
    if (!entry.alive || cookie !== entry.cookie) {
      viewer.closed();
      if (entry.alive && (entry.state === 'STARTING' || entry.state === 'RESUMING')) giveUp(entry);
      return () => undefined;
    }
    let isOpen = true;
    const end = () => {
      if (!isOpen) return;
      isOpen = false;
      viewer.closed();
      if (entry.line !== own) return;
      entry.line = undefined;
      if (!own.doomed) this.#walker.walk(entry, this.#steps.detach(entry));
    };
    const own: AgentLine = { hangUp: end, doomed: false };
    entry.line = own;
    this.#walker.walk(
      entry,
      this.#steps.attach(entry, () => {
        if (isOpen) viewer.up();
      }),
    );
    return end;
  }

  #listening(port: number): Entry | undefined {
    return this.store.all.find(
      ({ alive, ports, stopListening: waits }) => alive && waits !== undefined && ports?.graphics === port,
    );
  }
}
