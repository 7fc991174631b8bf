import type { ProfileId } from '../../machines/vocabulary.js';
import { endsWithin } from '../endsWithin.js';
import { X2GoError } from '../errors.js';
import type { Outcome } from '../scope.js';
import type { World } from '../world.js';
import type { Connection } from './connection.js';
import { runScript, type Script, type ScriptAnswer } from './exec.js';
import { runUnframed, type UnframedRun, type UnframedScript } from './unframedExec.js';

/** The live connection of a profile. Throws ssh.closed when there is none. */
export function connectionOf(world: World, profile: ProfileId): Connection {
  const connection = world.connections.get(profile);
  if (connection === undefined) throw new X2GoError('ssh.closed', `${profile} is not connected`);
  return connection;
}

/**
 * Runs a script on a profile's connection; it ends with its caller, and with the profile's scope. `graceMs`: what it may still
 * take when the scope closes.
 */
export async function runOwned(
  world: World,
  profile: ProfileId,
  script: Script,
  signal: AbortSignal,
  graceMs = 0,
): Promise<ScriptAnswer> {
  const end = new AbortController();
  let settle = () => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const give = world.scope.of(profile).own('channel', script.marker, async (hurry): Promise<Outcome> => {
    if (graceMs > 0) await endsWithin(world.clock, settled, graceMs, hurry);
    end.abort();
    return 'closed';
  });
  try {
    return await runScript(
      connectionOf(world, profile),
      world.clock,
      script,
      AbortSignal.any([signal, end.signal]),
    );
  } finally {
    settle();
    void give();
  }
}

/** As runOwned, for a script that becomes another command. `after` is awaited before the channel counts as given back. */
export async function runUnframedOwned(
  world: World,
  profile: ProfileId,
  script: UnframedScript,
  signal: AbortSignal,
  after?: (run: UnframedRun, hurry: AbortSignal) => Promise<void>,
): Promise<UnframedRun> {
  const end = new AbortController();
  const rush = new AbortController();
  let settle = () => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const give = world.scope.of(profile).own('channel', script.marker, async (hurry) => {
    end.abort();
    const rushed = () => rush.abort();
    hurry.addEventListener('abort', rushed, { once: true });
    if (hurry.aborted) rushed();
    await settled;
    hurry.removeEventListener('abort', rushed);
    return hurry.aborted ? 'forced' : 'closed';
  });
  try {
    const connection = connectionOf(world, profile);
    const ends = AbortSignal.any([signal, end.signal]);
    const run = await runUnframed(connection, world.clock, script, ends, rush.signal);
    await after?.(run, rush.signal);
    return run;
  } finally {
    settle();
    void give();
  }
}
