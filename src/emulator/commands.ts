import type { Desktop } from '../../machines/vocabulary.js';
import { formatDesktop } from '../protocol/desktops.js';
import { formatMount } from '../protocol/mounts.js';
import type { CommandName } from './faultPlan.js';
import { paces } from './paces.js';
import { type FaultyWorld, printed, type Ran, refused, runCommand } from './ran.js';
import { type ResumeWorld, resumeAgent } from './resumes.js';
import type { Entry, SessionStore } from './sessionStore.js';
import type { EmulatedSessions } from './sessions.js';

export interface CommandWorld extends FaultyWorld, ResumeWorld {
  readonly sessions: EmulatedSessions;
  readonly features: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  /** Desktops of others, which x2golistdesktops shows behind the user's own agents. */
  readonly desktops: Desktop[];
}

export type Run = (name: CommandName, ...args: readonly string[]) => Promise<Ran>;

const lines = (rows: readonly string[]) => printed(rows.map((row) => `${row}\n`).join(''));

/** The commands of an X2Go server, each as the real one prints it. */
export function createCommands(world: CommandWorld): Run {
  const { sessions, store, plan, walker } = world;

  const work: Readonly<Partial<Record<CommandName, (...args: string[]) => Ran | Promise<Ran>>>> = {
    x2golistsessions: () => printed(store.rows(false)),
    x2golistshadowsessions: () => printed(store.rows(true)),
    x2golistdesktops: () => lines([...ownDesktops(store), ...world.desktops].map(formatDesktop)),
    x2golistmounts: (session) => {
      if (session === undefined) return refused(255, 'no valid session name that we can use\n');
      const rows = store.find(session)?.mounts.map(formatMount) ?? [];
      // One empty line when there are none.
      return lines(rows.length === 0 ? [''] : rows);
    },
    x2gofeaturelist: () => lines(world.features),
    x2goversion: () =>
      lines(Object.entries(world.versions).map(([component, version]) => `${component}: ${version}`)),
    x2gosessionlimit: () => printed(limitWord(plan, store)),
    'x2gosuspend-session': (session) =>
      act('x2gosuspend-session', session, ({ session }) => sessions.suspend(session)),
    'x2goterminate-session': (session) => act('x2goterminate-session', session, terminate),
    'x2goresume-session': (session, ...rest) =>
      session === undefined || rest.length < 6
        ? refused(1, 'not enough command line arguments\n')
        : resumeAgent(session, world),
  };

  const terminate = ({ session, status }: Entry) => {
    const outlives = plan.outlives === 'first' ? status !== 'F' : plan.outlives !== undefined;
    sessions.terminate(session, { orphan: outlives });
  };

  /** Exit 0 and silence for sessions nobody knows, as the real ones. */
  const act = async (
    name: keyof typeof paces.commands,
    session: string | undefined,
    how: (known: Entry) => void,
  ): Promise<Ran> => {
    if (session === undefined) return refused(255, `${name}: no session name given\n`);
    const known = store.find(session);
    if (known !== undefined && (known.status !== 'F' || known.alive)) how(known);
    await walker.delay(paces.commands[name]);
    return printed('');
  };

  return (name, ...args) => {
    const does = work[name];
    return runCommand(name, world, does && (() => does(...args)));
  };
}

/** Nothing where there is no limit. Suspended sessions count too. */
function limitWord({ sessionLimit }: CommandWorld['plan'], store: SessionStore): string {
  if (sessionLimit === Number.POSITIVE_INFINITY) return '';
  return store.listed(false).length >= sessionLimit ? 'LIMIT\n' : `${sessionLimit}\n`;
}

// A real x2golistdesktops shows the user's own agents too; a suspended one does not answer (PROTOCOL T21).
function ownDesktops(store: SessionStore): readonly Desktop[] {
  return store.all
    .filter(({ alive, state }) => alive && (state === 'RUNNING' || state === 'RESUMING'))
    .map(({ display }) => ({ user: store.world.user, display }));
}
