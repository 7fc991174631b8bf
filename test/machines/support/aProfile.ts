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
import type { SessionRecord } from '../../../machines/vocabulary.js';
import { FakePort } from './fakePort.js';
import { brief, underParent } from './parent.js';
import { introduction } from './rows.js';

export interface ProfileSetting {
  readonly flags?: Partial<RefreshOptions>;
  readonly timing?: Partial<Timing>;
  readonly watch?: boolean;
  readonly identify?: boolean;
  /** Replaces the sessions' charts, to let them crash. */
  readonly session?: FakePort<unknown>;
}

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
  const { flags = everything, timing = {}, watch = true, identify = true, session } = setting;
  const ports = allPorts();
  const { transport, survey, desktops, metronome, release } = ports;
  const chart = profileMachine.provide({
    actors: {
      transport: transport.logic,
      survey: survey.logic,
      desktops: desktops.logic,
      watch: ports.watch.logic,
      metronome: metronome.logic,
      release: release.logic,
      ...(session ? { session: session.logic } : {}),
    },
  });
  const { child, send, news, end, pass } = underParent(chart, {
    profile: { id: 'office', host: 'x2go.example.org', user: 'alice' },
    plan: refreshPlan({ ...noRefresh, ...flags }),
    timing: { ...defaultTiming, ...timing },
    watch,
    identify,
    offsetMs: 700,
  });
  const context = (): ProfileContext => child.getSnapshot().context;
  const office = {
    ...ports,
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
    sessions: () => Object.keys(child.getSnapshot().children).filter((id) => id.startsWith('alice-')),
    /** Connects; the introduction lists these rows. */
    connect(sessions: readonly SessionRecord[] = []) {
      send({ type: 'profile.connect' });
      transport.last.tell({ type: 'ssh.ready' });
      survey.last.answer(introduction(sessions));
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
