import { createActor, createMachine } from 'xstate';
import type { ProxyFact, ProxyInput, ProxyPort, ProxyRequest } from '../../../machines/sessionPorts.js';
import type { Clock } from '../../../src/clock.js';
import type { JournalEntry } from '../../../src/journal/journal.js';
import { sessionKey } from '../../../src/protocol/sessionKey.js';
import { Scope } from '../../../src/scope.js';
import type { World } from '../../../src/world.js';
import { countingClock } from '../../support/countingClock.js';
import { eventually } from '../../support/until.js';
import { cookie } from './fakeAgent.js';

export const profile = 'office';
export const session = 'alice-50-1795371806_stDopenbox_dp24';
export const key = sessionKey(profile, session);

/** As much of a world as a proxy touches. `armed`: how many timers are set, where it has a clock of its own. */
export function aWorld(ofTest?: Clock) {
  const own = countingClock();
  const clock = ofTest ?? own.clock;
  const noted = new Set<JournalEntry>();
  const everNoted: JournalEntry[] = [];
  const journal: World['journal'] = {
    note: (entry) => {
      noted.add(entry);
      everNoted.push(entry);
      return () => void noted.delete(entry);
    },
    hold: () => () => undefined,
    close: () => undefined,
  };
  const world = {
    clock,
    scope: new Scope(() => clock.now()),
    journal,
    cookies: new Map([[key, cookie]]),
    viewers: new Map<string, number>(),
    viewer: undefined,
  } as unknown as World;
  return { world, noted, everNoted, armed: own.armed };
}

/** A proxy actor under a parent that writes down what it is told. */
export function run(port: ProxyPort, input: Partial<ProxyInput> = {}) {
  const facts: ProxyFact[] = [];
  const machine = createMachine({
    invoke: {
      id: 'proxy',
      src: port,
      input: { profile, session, display: 50, port: 1, presentation: {}, ...input },
    },
    on: { '*': { actions: ({ event }) => facts.push(event as ProxyFact) } },
  });
  const actor = createActor(machine).start();
  const of = <Type extends ProxyFact['type']>(type: Type) =>
    facts.find((fact): fact is Extract<ProxyFact, { type: Type }> => fact.type === type);
  return {
    facts,
    of,
    ask: (type: ProxyRequest['type']) => actor.getSnapshot().children.proxy?.send({ type }),
    stop: () => actor.stop(),
    fact: async <Type extends ProxyFact['type']>(type: Type, within = 15_000) => {
      await eventually(`${type}; there were ${JSON.stringify(facts)}`, () => of(type) !== undefined, within);
      return of(type) as Extract<ProxyFact, { type: Type }>;
    },
  };
}
