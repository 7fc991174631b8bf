import type { CommandName, FaultPlan, Misbehaviour } from './faultPlan.js';
import type { Timers } from './timers.js';

/** What a command left behind. */
export interface Ran {
  readonly code: number;
  readonly stdout: string | Buffer;
  readonly stderr: string;
  /** So many bytes in place of stdout. */
  readonly flood?: number;
  /** The line breaks after so many bytes of stdout. */
  readonly cutAfter?: number;
}

export const printed = (stdout: string): Ran => ({ code: 0, stdout, stderr: '' });
export const refused = (code: number, stderr: string): Ran => ({ code, stdout: '', stderr });

export interface FaultyWorld {
  readonly plan: FaultPlan;
  readonly timers: Timers;
}

/** Runs one command of X2Go, or what was planted in its place. */
export async function runCommand(
  name: CommandName,
  { plan, timers }: FaultyWorld,
  work: (() => Ran | Promise<Ran>) | undefined,
): Promise<Ran> {
  const wrong = plan.commands.get(name);
  const instead = wrong === undefined ? undefined : await misbehave(wrong, timers);
  if (instead !== undefined) return instead;
  if (plan.missing || work === undefined) return refused(127, `/bin/sh: 1: ${name}: not found\n`);
  const ran = await work();
  return wrong?.kind === 'cut' ? { ...ran, cutAfter: wrong.after } : ran;
}

/** Undefined when the command is to do its work after all. */
export async function misbehave(wrong: Misbehaviour, timers: Timers): Promise<Ran | undefined> {
  switch (wrong.kind) {
    case 'hang':
      return new Promise(() => {});
    case 'slow':
      await timers.delay(wrong.ms);
      return undefined;
    case 'cut':
      return undefined;
    case 'fail':
      return refused(wrong.code, wrong.stderr);
    case 'garbage':
      return { code: 0, stdout: wrong.text, stderr: '' };
    case 'flood':
      return { code: 0, stdout: '', stderr: '', flood: wrong.bytes };
  }
}
