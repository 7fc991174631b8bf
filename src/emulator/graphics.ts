import type { Duplex } from 'node:stream';
import { giveUp, stopListening } from './agentPort.js';
import type { FaultPlan } from './faultPlan.js';
import type { AgentLine, Entry, SessionStore } from './sessionStore.js';
import type { Steps } from './steps.js';
import type { Walker } from './walker.js';

/**
 * What a viewer and an agent of the emulator say to each other. It is a stand-in of the emulator's own for the NX
 * handshake, and no X client understands it: the viewer says `NXPROXY <cookie>`, the agent `NXAGENT ok`; from
 * then on the agent sends back every byte it gets.
 */
export const viewerHello = (cookie: string) => `NXPROXY ${cookie}\n`;
export const agentHello = 'NXAGENT ok\n';

const longestHello = 200;

export interface GraphicsWorld {
  readonly store: SessionStore;
  readonly steps: Steps;
  readonly walker: Walker;
  readonly plan: FaultPlan;
}

/** The agents' graphics ports. */
export class Graphics {
  readonly #lines = new Set<{ deafen(deaf: boolean): void }>();

  constructor(readonly world: GraphicsWorld) {}

  /** Who takes a connection to that port; undefined: nobody listens. */
  listener(port: number): ((line: Duplex) => void) | undefined {
    const entry = this.world.store.all.find(
      ({ alive, ports, stopListening: waits }) => alive && waits !== undefined && ports?.graphics === port,
    );
    // One viewer is let in, whoever it is.
    return entry && ((line) => this.#meet(entry, line));
  }

  /** Agents that read nothing more, or read again. */
  deafen(deaf: boolean): void {
    for (const line of this.#lines) line.deafen(deaf);
  }

  #meet(entry: Entry, line: Duplex): void {
    stopListening(entry);
    let hello = '';
    const refuse = () => {
      line.destroy();
      line.resume();
      if (!entry.alive || entry.line !== undefined) return;
      if (entry.state === 'STARTING' || entry.state === 'RESUMING') giveUp(entry);
    };
    const read = (chunk: Buffer) => {
      hello += chunk.toString('latin1');
      const at = hello.indexOf('\n');
      if (at < 0 && hello.length <= longestHello) return;
      line.pause();
      if (!entry.alive || hello.slice(0, at + 1) !== viewerHello(entry.cookie)) return refuse();
      line.off('data', read);
      const rest = hello.slice(at + 1);
      if (rest !== '') line.unshift(Buffer.from(rest, 'latin1'));
      this.#attach(entry, line);
    };
    line.on('error', () => {});
    line.on('data', read).on('close', refuse).on('end', refuse);
  }

  #attach(entry: Entry, line: Duplex): void {
    const { steps, walker, plan } = this.world;
    let up = false;
    let deaf = plan.deafAgents;
    const apply = () => {
      if (!up) return;
      // Piped twice it would answer twice, and one of the two would outlive unpipe().
      line.unpipe(line);
      if (deaf) line.pause();
      else line.pipe(line);
    };
    const voice = {
      deafen: (now: boolean) => {
        deaf = now;
        apply();
      },
    };
    const end = () => {
      if (!this.#lines.delete(voice)) return;
      line.unpipe(line).destroy();
      // What is unread would hold up its close.
      line.resume();
      if (entry.line !== own) return;
      entry.line = undefined;
      if (!own.doomed) walker.walk(entry, steps.detach(entry));
    };
    const own: AgentLine = { hangUp: () => end(), doomed: false };
    this.#lines.add(voice);
    line.on('end', end).on('close', end);
    entry.line = own;
    const answer = () => {
      up = true;
      line.write(agentHello);
      apply();
    };
    walker.walk(entry, steps.attach(entry, answer));
  }
}
