import type { ExitPolicy, SessionOrder } from '../../../machines/orders.js';
import {
  defaultTiming,
  noRefresh,
  type RefreshOptions,
  refreshPlan,
  type Timing,
} from '../../../machines/policy.js';
import type {
  DesktopsInput,
  MetronomeInput,
  ReleaseInput,
  SurveyInput,
  TransportInput,
  WatchInput,
} from '../../../machines/ports.js';
import { type ProfileContext, profileMachine } from '../../../machines/profile.js';
import type { Wanted } from '../../../machines/sessionModel.js';
import type { SessionId, SessionRecord } from '../../../machines/vocabulary.js';
import { FakePort } from './fakePort.js';
import { brief, underParent } from './parent.js';
import { introduction, listed, sid } from './rows.js';
import { gave, made, sessionPorts } from './sessionPorts.js';

export interface ProfileSetting {
  readonly flags?: Partial<RefreshOptions>;
  readonly timing?: Partial<Timing>;
  readonly watch?: boolean;
  readonly identify?: boolean;
  readonly onExit?: ExitPolicy;
  /** Replaces the sessions' charts, to let them crash. */
  readonly session?: FakePort<unknown>;
}

const xterm: SessionOrder = { kind: 'application', command: 'xterm' };

/** What is on in `watch`. */
export const everything = { autoUpdateListSessionsCache: true, autoRegisterSessions: true } as const;

const allPorts = () => ({
  transport: new FakePort<TransportInput>(),
  survey: new FakePort<SurveyInput>(),
  desktops: new FakePort<DesktopsInput>(),
  watch: new FakePort<WatchInput>(),
  metronome: new FakePort<MetronomeInput>(),
  release: new FakePort<ReleaseInput>(),
});

/** A profile's chart under a recording parent, on a simulated clock, with ports that do as they are told. */
export function aProfile(setting: ProfileSetting = {}) {
  const { flags = everything, timing = {}, watch = true, identify = true, session, onExit } = setting;
  const ports = allPorts();
  const { chart: sessionChart, ...parts } = sessionPorts();
  const { transport, survey, desktops, metronome, release } = ports;
  const chart = profileMachine.provide({
    actors: {
      transport: transport.logic,
      survey: survey.logic,
      desktops: desktops.logic,
      watch: ports.watch.logic,
      metronome: metronome.logic,
      release: release.logic,
      session: session?.logic ?? (sessionChart as never),
    },
  });
  const { child, send, news, heard, end, pass } = underParent(chart, {
    profile: { id: 'office', host: 'x2go.example.org', user: 'alice' },
    plan: refreshPlan({ ...noRefresh, ...flags }),
    timing: { ...defaultTiming, ...timing },
    watch,
    identify,
    offsetMs: 700,
    ...(onExit ? { onExit } : {}),
  });
  const context = (): ProfileContext => child.getSnapshot().context;
  const office = {
    ...ports,
    ...parts,
    child,
    send,
    end,
    pass,
    news,
    context,
    told: () => news().map(brief),
    /** The facts of the state changes only. */
    changes: () =>
      news()
        .map(brief)
        .filter((line) => !line.startsWith('cache.')),
    state: () => context().state,
    tags: (): string[] => [...child.getSnapshot().tags],
    /** The outcomes since the last look, and how long it wants for its end. */
    settled: () => {
      const all = heard();
      return all.flatMap(({ type, operation, outcome, ms }) => {
        if (type === 'deadline.wanted') return [`${ms} ms`];
        return type === 'operation.settled'
          ? [`${operation}: ${outcome.ok ? outcome.value : outcome.failure.code}`]
          : [];
      });
    },
    start: (operation = 'start-1', order: SessionOrder = xterm) =>
      send({ type: 'session.start', operation, order, at: 5 } as { type: string }),
    ask: (wanted: Wanted, session: SessionId = sid(1), operation = `${wanted}-1`) =>
      send({ type: 'session.request', operation, session, wanted } as { type: string }),
    terminate: (at = 100) => send({ type: 'profile.terminate', at } as { type: string }),
    disconnect: (at = 100) => send({ type: 'profile.disconnect', at } as { type: string }),
    /** A session of ours, on the screen, its listing seen. */
    running: (n = 1) => {
      office.start(`start-${n}`);
      parts.startAgent.last.answer(gave(made(n)));
      parts.attachment.last.tell({ type: 'attachment.shown', sound: true, at: 0 });
      parts.runCommand.last.answer(gave(undefined));
      return office;
    },
    list: (...answer: Parameters<typeof listed>) => ports.survey.last.answer(listed(...answer)),
    sessions: () => Object.keys(child.getSnapshot().children).filter((id) => id.startsWith('alice-')),
    /** Connects; the introduction lists these rows. */
    connect(sessions: readonly SessionRecord[] = []) {
      send({ type: 'profile.connect' });
      transport.last.tell({ type: 'ssh.ready' });
      for (const call of survey.live) call.answer(introduction(sessions));
      return office;
    },
    /** Connects, with a state watch that has opened; what was told until then is forgotten. */
    watching(sessions: readonly SessionRecord[] = []) {
      office.connect(sessions);
      ports.watch.last.tell({ type: 'watch.opened' });
      news();
      return office;
    },
    tick: (at = 0) => metronome.last.tell({ type: 'clock.ticked', at }),
    lose: (chance = 0.5, retryable = true) =>
      transport.last.tell({
        type: 'ssh.lost',
        failure: { code: retryable ? 'ssh.closed' : 'auth.refused', message: 'planted', retryable },
        chance,
      }),
  };
  return office;
}

export type Office = ReturnType<typeof aProfile>;
