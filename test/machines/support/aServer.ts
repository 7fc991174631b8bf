import type { Wanted } from '../../../machines/sessionModel.js';
import type { SessionId, SessionRecord } from '../../../machines/vocabulary.js';
import type { AnyOffice } from './anyOffice.js';
import type { Call } from './fakePort.js';
import { failure, listing, row, sid } from './rows.js';
import { agentPorts, gave, made, refused } from './sessionPorts.js';

type How = 'ok' | 'fail' | 'cut' | 'crash';
interface Row {
  readonly n: number;
  status: 'R' | 'S';
  starting: boolean;
  stint: number;
  /** The start it came from. */
  readonly operation: string;
}

/** What happens on a server and on this screen when the ports are let do as they are asked. */
export class AServer {
  readonly rows = new Map<SessionId, Row>();
  readonly #office: AnyOffice;
  #clock = 0;
  #count = 0;

  constructor(office: AnyOffice) {
    this.#office = office;
  }

  states(): Record<SessionId, string> {
    const tag = { R: 'running', S: 'suspended' };
    return Object.fromEntries(
      [...this.rows].map(([id, { starting, status }]) => [id, starting ? 'starting' : tag[status]]),
    );
  }

  /** Somebody else does something to the nth session. */
  other(n: number, what: Wanted | 'start'): void {
    this.#clock += 1;
    const found = this.rows.get(sid(n));
    if (what === 'start') this.#make('nobody');
    else if (found && what === 'terminated') this.rows.delete(sid(n));
    else if (found)
      Object.assign(found, { status: what === 'shown' ? 'R' : 'S', starting: false, stint: this.#clock });
  }

  /** Lets one call come to its end. */
  answer(how: How, first = 0): void {
    const { survey, release, startAgent, withdraw, resumeAgent, endAgent, runCommand } = this.#office.fakes;
    const ports = [survey, release, startAgent, withdraw, resumeAgent, endAgent, runCommand];
    for (const port of [...ports.slice(first), ...ports.slice(0, first)]) {
      const call = port.live[0];
      if (call === undefined) continue;
      if (how === 'crash') call.crash();
      else if (port === survey) this.#list(call as Call<{ identity: boolean; sessions: boolean }>, how);
      else if (port === release) call.answer([]);
      else
        call.answer(
          how === 'ok'
            ? gave(this.#do(call.input as never, port === startAgent), this.#clock)
            : refused(failure(how === 'cut' ? 'ssh.closed' : 'command.timedOut', true)),
        );
      return;
    }
  }

  /** What shows sessions here goes one step on: tunnels open, proxies come up, and end when they are asked to. */
  show(): void {
    const { tunnel, proxy } = this.#office.fakes;
    for (const call of tunnel.live) call.tell({ type: 'tunnel.opened', port: 40_000, at: this.#clock });
    for (const call of proxy.live) {
      const asked = call.heard.some(({ type }) => type === 'proxy.end' || type === 'proxy.kill');
      const found = this.rows.get(call.input.session);
      if (asked || found?.status !== 'R') this.die(call);
      else {
        call.tell({ type: 'proxy.launched', pid: 1, at: this.#clock });
        call.tell({ type: 'proxy.up', at: this.#clock });
        found.starting = false;
      }
    }
  }

  die(call: Call<{ session: SessionId }> | undefined = this.#office.fakes.proxy.live[0]): void {
    if (call === undefined) return;
    const asked = call.heard.some(({ type }) => type === 'proxy.end' || type === 'proxy.kill');
    const found = this.rows.get(call.input.session);
    if (found) found.status = 'S';
    call.tell({ type: 'proxy.ended', end: { how: asked || !found ? 'ended' : 'killed' }, at: this.#clock });
  }

  #make(operation: string): SessionRecord {
    this.#count += 1;
    const n = this.#count;
    this.rows.set(sid(n), {
      n,
      status: 'R',
      starting: operation !== 'nobody',
      stint: this.#clock,
      operation,
    });
    return made(n, { ageSeconds: 1 });
  }

  #do(input: { operation?: string; session?: SessionId; how?: string }, isStart: boolean): unknown {
    this.#clock += 1;
    const { operation, session = '', how } = input;
    if (isStart && operation !== undefined) return this.#make(operation);
    if (operation !== undefined) {
      for (const [id, { operation: from }] of this.rows) if (from === operation) this.rows.delete(id);
      return undefined;
    }
    const found = this.rows.get(session);
    if (how === 'terminate') this.rows.delete(session);
    if (how !== undefined) {
      if (found && how === 'suspend' && !found.starting) found.status = 'S';
      return { alive: this.rows.has(session) };
    }
    if (found && !('order' in input)) Object.assign(found, { status: 'R', stint: this.#clock });
    return agentPorts;
  }

  #list(call: Call<{ identity: boolean; sessions: boolean }>, how: How): void {
    const at = this.#clock;
    const rows = [...this.rows.values()].map(({ n, status, stint }) =>
      row(n, { status, changedAt: `${stint}`, ports: agentPorts, ageSeconds: 1 }),
    );
    const gone = Array.from({ length: this.#count }, (_, n) => n + 1).flatMap((n) =>
      this.rows.has(sid(n)) ? [] : [1_000 + n],
    );
    const states = Object.fromEntries(
      [...this.rows].flatMap(([id, { starting }]) => (starting ? [[id, 'STARTING' as const]] : [])),
    );
    const value = listing(rows, { gone, states });
    const outcome =
      how === 'ok'
        ? ({ ok: true, value } as const)
        : { ok: false as const, failure: failure('command.timedOut', true) };
    call.answer({ at, tookMs: 1, ...(call.input.sessions ? { listing: outcome } : {}) });
  }
}
