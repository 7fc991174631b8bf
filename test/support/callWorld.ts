import { createActor, type PromiseActorLogic, toPromise } from 'xstate';
import { sound } from '../../src/channels/sound.js';
import { monotonicClock } from '../../src/clock.js';
import { noJournal } from '../../src/journal/journal.js';
import { Scope } from '../../src/scope.js';
import { RefusedSecrets } from '../../src/ssh/refusedSecrets.js';
import { transport } from '../../src/ssh/transport.js';
import type { World } from '../../src/world.js';
import { eventually } from './real/eventually.js';
import type { RealServer } from './realServer.js';

export const profile = 'real';

/** A world with a live connection to a real server, for the leaves that run commands over it. */
export interface CallWorld {
  readonly world: World;
  /** Runs a port's actor to its answer. */
  call<Value, Input>(logic: PromiseActorLogic<Value, Input>, input: Input): Promise<Value>;
  /** Begins it; the function it returns stops its actor. */
  begin<Value, Input>(logic: PromiseActorLogic<Value, Input>, input: Input): () => void;
  close(): Promise<void>;
}

export async function openCallWorld(server: RealServer, parts: Partial<World> = {}): Promise<CallWorld> {
  const scope = new Scope(() => performance.now());
  const { host, port, user } = server;
  const world: World = {
    clock: monotonicClock,
    sinceBoot: () => performance.now(),
    chance: () => 0.5,
    scope,
    connections: new Map(),
    profileOf: (id) => ({ id, host, port, user }),
    credentialsOf: async () => ({ identities: [server.keyFile] }),
    hostKeysOf: () => ({ mode: 'strict', files: [knownHosts] }),
    journal: noJournal,
    cookies: new Map(),
    viewers: new Map(),
    answers: new Map(),
    refusals: new RefusedSecrets(),
    starts: new Map(),
    unlessUsed: new Set(),
    viewer: undefined,
    riders: { sound },
    ...parts,
  };
  const knownHosts = server.writeKnownHosts();
  const input = { profile: { id: profile, host, port, user }, attempt: 1, degradedAfterMs: 60_000 };
  const line = createActor(transport(world), { input });
  line.start();
  await eventually('the connection', () => world.connections.get(profile)?.isReady);
  return {
    world,
    call: (logic, value) => {
      const actor = createActor(logic, { input: value as never });
      const done = toPromise(actor);
      actor.start();
      return done as never;
    },
    begin: (logic, value) => {
      const actor = createActor(logic, { input: value as never });
      actor.start();
      return () => actor.stop();
    },
    close: async () => {
      line.stop();
      await scope.close();
    },
  };
}
