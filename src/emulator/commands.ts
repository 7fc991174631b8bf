import type { Desktop } from '../../machines/vocabulary.js';
import { formatDesktop } from '../protocol/desktops.js';
import { formatMount } from '../protocol/mounts.js';
import type { CommandName, FaultPlan, Misbehaviour } from './faultPlan.js';
import { paces } from './paces.js';
import type { SessionStore } from './sessionStore.js';
import type { EmulatedSessions } from './sessions.js';
import type { Timers } from './timers.js';

/** What a command left behind. `flood`: so many bytes in place of stdout. */
export interface Ran {
  readonly code: number;
  readonly stdout: string | Buffer;
  readonly stderr: string;
  readonly flood?: number;
}

export interface CommandWorld {
  readonly sessions: EmulatedSessions;
  readonly store: SessionStore;
  readonly timers: Timers;
  readonly plan: FaultPlan;
  readonly features: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  /** Desktops of others, which x2golistdesktops shows behind the user's own agents. */
  readonly desktops: Desktop[];
}

export type Run = (name: CommandName, ...args: readonly string[]) => Promise<Ran>;

const printed = (stdout: string): Ran => ({ code: 0, stdout, stderr: '' });
const refused = (code: number, stderr: string): Ran => ({ code, stdout: '', stderr });
const lines = (rows: readonly string[]) => printed(rows.map((row) => `${row}\n`).join(''));

/** The commands of an X2Go server, each as the real one prints it. */
export function createCommands(world: CommandWorld): Run {
  const { sessions, store, timers, plan } = world;

  const work: Readonly<Partial<Record<CommandName, (arg: string | undefined) => Ran | Promise<Ran>>>> = {
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
    'x2gosuspend-session': (session) =>
      act('x2gosuspend-session', session, (known) => sessions.suspend(known)),
    'x2goterminate-session': (session) =>
      act('x2goterminate-session', session, (known) => sessions.terminate(known)),
  };

  /** Exit 0 and silence for sessions nobody knows, as the real ones. */
  const act = async (
    name: keyof typeof paces.commands,
    session: string | undefined,
    how: (known: string) => void,
  ): Promise<Ran> => {
    if (session === undefined) return refused(255, `${name}: no session name given\n`);
    const known = store.find(session);
    if (known !== undefined && known.status !== 'F') how(session);
    await timers.delay(paces.commands[name] * sessions.pace);
    return printed('');
  };

  return async (name, ...args) => {
    const wrong = plan.commands.get(name);
    const instead = wrong === undefined ? undefined : await misbehave(wrong, timers);
    if (instead !== undefined) return instead;
    if (plan.missing) return refused(127, `/bin/sh: 1: ${name}: not found\n`);
    return (await work[name]?.(args[0])) ?? refused(127, `/bin/sh: 1: ${name}: not found\n`);
  };
}

/** Undefined when the command is to do its work after all. */
export async function misbehave(wrong: Misbehaviour, timers: Timers): Promise<Ran | undefined> {
  switch (wrong.kind) {
    case 'hang':
      return new Promise(() => {});
    case 'slow':
      await timers.delay(wrong.ms);
      return undefined;
    case 'fail':
      return refused(wrong.code, wrong.stderr);
    case 'garbage':
      return { code: 0, stdout: wrong.text, stderr: '' };
    case 'flood':
      return { code: 0, stdout: '', stderr: '', flood: wrong.bytes };
  }
}

// A real x2golistdesktops shows the user's own agents too; a suspended one does not answer (PROTOCOL T21).
function ownDesktops(store: SessionStore): readonly Desktop[] {
  return store.all
    .filter(({ alive, state }) => alive && (state === 'RUNNING' || state === 'RESUMING'))
    .map(({ display }) => ({ user: store.world.user, display }));
}
