import type { AnyActorRef, AnyEventObject } from 'xstate';
import { attachmentMachine } from '../../../machines/attachment.js';
import type { ExitPolicy, SessionOrder } from '../../../machines/orders.js';
import { defaultTiming, noRefresh, refreshPlan } from '../../../machines/policy.js';
import { type ProfileContext, profileMachine } from '../../../machines/profile.js';
import { proxyMachine } from '../../../machines/proxy.js';
import { type SessionContext, sessionMachine } from '../../../machines/session.js';
import type { Wanted } from '../../../machines/sessionModel.js';
import { tunnelMachine } from '../../../machines/tunnel.js';
import type { SessionId } from '../../../machines/vocabulary.js';
import { FakePort } from './fakePort.js';
import { underParent } from './parent.js';
import { sid } from './rows.js';

const ports = () => ({
  transport: new FakePort<unknown>(),
  survey: new FakePort<{ sessions: boolean; identity: boolean; agents: readonly number[] }>(),
  desktops: new FakePort<unknown>(),
  watch: new FakePort<unknown>(),
  metronome: new FakePort<unknown>(),
  release: new FakePort<unknown>(),
  startAgent: new FakePort<{ operation: string; order: SessionOrder }>(),
  withdraw: new FakePort<{ operation: string }>(),
  resumeAgent: new FakePort<{ session: SessionId }>(),
  endAgent: new FakePort<{ session: SessionId; how: 'suspend' | 'terminate' }>(),
  runCommand: new FakePort<{ session: SessionId }>(),
  tunnel: new FakePort<{ session: SessionId; tunnel: string }>(),
  proxy: new FakePort<{ session: SessionId }>(),
});

/** A profile with all charts below it, over fake ports: nothing happens there but what a test lets happen. */
export function anyOffice(onExit: ExitPolicy, recover: boolean, isListing: boolean) {
  const fakes = ports();
  const { transport, survey, desktops, watch, metronome, release, tunnel, proxy, ...calls } = fakes;
  const attachment = attachmentMachine.provide({
    actors: {
      tunnel: tunnelMachine.provide({ actors: { tunnel: tunnel.logic } }),
      proxy: proxyMachine.provide({ actors: { proxy: proxy.logic } }),
      release: release.logic,
    },
  });
  const logics = Object.entries(calls).map(([name, port]) => [name, port.logic]);
  const session = sessionMachine.provide({ actors: { ...Object.fromEntries(logics), attachment } });
  const leaves = Object.entries({ transport, survey, desktops, watch, metronome, release });
  const chart = profileMachine.provide({
    actors: { ...Object.fromEntries(leaves.map(([name, port]) => [name, port.logic])), session } as never,
  });
  const flags = isListing ? { autoUpdateListSessionsCache: true, autoRegisterSessions: true } : {};
  const under = underParent(chart, {
    profile: { id: 'office', host: 'x2go.example.org', user: 'alice' },
    plan: refreshPlan({ ...noRefresh, ...flags }),
    timing: defaultTiming,
    watch: false,
    identify: false,
    offsetMs: 0,
    onExit,
    recover,
  });
  const { child } = under;
  const settled: string[] = [];
  const asked: string[] = [];
  const request = (event: AnyEventObject, operation: string) => {
    asked.push(operation);
    under.send({ ...event, operation } as { type: string });
  };
  const sessions = (): readonly AnyActorRef[] =>
    Object.entries(child.getSnapshot().children as Record<string, AnyActorRef>).flatMap(([id, actor]) =>
      id.startsWith('start-') || id.startsWith('alice-') ? [actor] : [],
    );
  const settledSoFar = () => {
    for (const { type, operation } of under.heard())
      if (type === 'operation.settled') settled.push(operation);
    return settled;
  };
  return {
    ...under,
    fakes,
    asked,
    context: (): ProfileContext => child.getSnapshot().context,
    /** Where it is, to tell of when something does not hold. */
    places: () => sessions().map((actor) => [actor.id, actor.getSnapshot().value, contextOf(actor).wanted]),
    ours: () =>
      sessions()
        .filter((actor) => contextOf(actor).ours)
        .map(({ id }) => id),
    /** Sessions of ours that run, and the states of all, by name. */
    shown: () => sessions().flatMap((actor) => (contextOf(actor).ours ? [nameOf(actor)] : [])),
    states: () => Object.fromEntries(sessions().map((actor) => [nameOf(actor), contextOf(actor).state])),
    broken: () => sessions().filter((actor) => actor.getSnapshot().status === 'error'),
    /** Operations in the order in which they were settled. */
    settled: settledSoFar,
    waiting: () => {
      const done = new Set(settledSoFar());
      return asked.filter((operation) => !done.has(operation));
    },
    start: (order: SessionOrder) =>
      request({ type: 'session.start', order, at: 0 }, `start-${asked.length + 1}`),
    ask: (n: number, wanted: Wanted) =>
      request({ type: 'session.request', session: sid(n), wanted }, `ask-${asked.length + 1}`),
    abandon: (n: number) =>
      under.send({ type: 'operation.abandon', operation: asked[n] } as { type: string }),
  };
}
export type AnyOffice = ReturnType<typeof anyOffice>;

const nameOf = (actor: AnyActorRef): string => contextOf(actor).record?.session ?? actor.id;
const contextOf = (actor: AnyActorRef): SessionContext => actor.getSnapshot().context;
