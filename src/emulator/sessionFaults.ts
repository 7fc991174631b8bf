import type { FaultPlan } from './faultPlan.js';
import type { Graphics } from './graphics.js';
import type { SshServer } from './server.js';

export interface SessionFaultPorts {
  readonly plan: FaultPlan;
  readonly server: SshServer;
  readonly graphics: Graphics;
}

/** What goes wrong in a session's life: its start, its end, its tunnels. */
export class SessionFaults {
  readonly #ports: SessionFaultPorts;

  constructor(ports: SessionFaultPorts) {
    this.#ports = ports;
  }

  /** Who has so many sessions, suspended ones too, gets no more: exit 9, `LIMIT`. */
  limitSessions(limit = 0): void {
    this.#ports.plan.sessionLimit = limit;
  }

  /** The owner of a desktop refuses to share it: exit 8, `ACCESS DENIED`. */
  denyShadow(): void {
    this.#ports.plan.shadowDenied = true;
  }

  /** New agents die: `atOnce` so that the start fails (exit 12), `afterwards` when it has said that all is well. */
  agentDies(when: 'atOnce' | 'afterwards' = 'atOnce'): void {
    this.#ports.plan.agentDies = when;
  }

  /**
   * Agents outlive x2goterminate-session (PROTOCOL T27): their sessions are gone from the list. `first`: a second one
   * ends them. `all`: only a signal does. `signals`: nothing does.
   */
  outliveTerminate(which: 'first' | 'all' | 'signals' = 'first'): void {
    this.#ports.plan.outlives = which;
  }

  /** Agents read nothing more from their viewers. */
  deafAgents(): void {
    this.#ports.plan.deafAgents = true;
    this.#ports.graphics.deafen(true);
  }

  /** AllowTcpForwarding no: tunnels in either direction are refused; those that stand stay. */
  refuseForwarding(): void {
    this.#ports.plan.forwarding = false;
    this.#ports.server.planForwarding();
  }

  /** Somebody else listens on that port: no forward is granted there, and a resume gives its session another one. */
  takePort(port: number): void {
    this.#ports.plan.takenPorts.add(port);
  }
}
