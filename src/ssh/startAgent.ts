import { randomBytes } from 'node:crypto';
import { fromPromise } from 'xstate';
import type { Outcome } from '../../machines/ports.js';
import type { Answer, StartAgentInput, StartAgentPort } from '../../machines/sessionPorts.js';
import type { ProfileId, SessionRecord } from '../../machines/vocabulary.js';
import { pause } from '../endsWithin.js';
import { toFailure, X2GoError } from '../errors.js';
import { translateOrder } from '../protocol/order.js';
import type { StartRequest } from '../protocol/request.js';
import { sessionKey } from '../protocol/sessionKey.js';
import { readStarted, type StartedAgent, startScript } from '../protocol/startAgent.js';
import type { World } from '../world.js';
import type { Connection } from './connection.js';
import { endDeadRows, noteDeadRow } from './deadRows.js';
import type { Script } from './exec.js';
import { connectionOf, runUnframedOwned } from './owned.js';
import { nameStart, noteStart } from './startNotes.js';
import { Turns } from './turns.js';

/** x2gostartagent, in one round trip. Never rejects: what went wrong is the answer. */
export const startAgent = (world: World): StartAgentPort =>
  fromPromise<Answer<SessionRecord>, StartAgentInput>(async ({ input, signal }) => {
    const outcome = await start(world, input, signal).catch(
      (cause): Outcome<never> => ({ ok: false, failure: toFailure(cause) }),
    );
    return { at: world.clock.now(), outcome };
  });

async function start(
  world: World,
  { profile, operation, order, deadlineMs }: StartAgentInput,
  signal: AbortSignal,
): Promise<Outcome<SessionRecord>> {
  const translated = translateOrder(order);
  if (!translated.ok) throw new X2GoError('order.invalid', translated.reason);
  const { value: words } = translated;
  const marker = randomBytes(16).toString('hex');
  const request: StartRequest = { verb: 'start', marker, type: words.type, command: words.name };
  const script = { name: 'The start', marker, text: startScript(request, words), deadlineMs };
  noteStart(world, profile, operation, marker);
  const line = connectionOf(world, profile);
  // The owner of a shared desktop may think for minutes, and no server has work with that.
  const turns = turnsOf(line);
  const giveTurn = order.kind === 'shadow' ? () => undefined : await turns.take(signal);
  let started: Outcome<SessionRecord>;
  try {
    started = await startInTurn(world, { profile, request, script, line }, signal);
  } finally {
    giveTurn();
  }
  if (turns.areIdle) await endDeadRows(world, profile, line, signal);
  // Only once the answer has been taken is the session known by its name; an actor that was stopped has told nobody.
  world.clock.setTimeout(() => {
    if (started.ok && !signal.aborted) nameStart(world, operation);
  }, 0);
  return started;
}

/**
 * So many starts run on a server at once. Each costs it seconds of CPU time: eight at once on two slow cores all took longer than
 * their deadline (seen), and one after the other they are there no later.
 */
const startsAtOnce = 3;
const allTurns = new WeakMap<Connection, Turns>();

function turnsOf(connection: Connection): Turns {
  const known = allTurns.get(connection) ?? new Turns(startsAtOnce);
  allTurns.set(connection, known);
  return known;
}

interface Start {
  readonly profile: ProfileId;
  readonly request: StartRequest;
  readonly script: Script;
  readonly line: Connection;
}

async function startInTurn(
  world: World,
  { profile, request, script, line }: Start,
  signal: AbortSignal,
): Promise<Outcome<SessionRecord>> {
  for (let tries = 1; ; tries += 1) {
    const { text, complaint, code, error } = await runUnframedOwned(world, profile, script, signal);
    if (code === undefined) throw error;
    const started = readStarted(request, { text, complaint, code });
    if (started.ok) return take(world, profile, started.value);
    if (!collisions.has(code)) return started;
    noteDeadRow(line);
    if (tries === mostTries) return started;
    await pause(world.clock, shortest + world.chance() * spread, signal);
  }
}

/** No free port, or an agent that died at once: two starts of anybody's at the same moment take each other's ports and displays (seen). */
const collisions: ReadonlySet<number> = new Set([11, 12]);
const mostTries = 3;
/** Between two tries, in ms. */
const shortest = 200;
const spread = 800;

function take(world: World, profile: ProfileId, { record, cookie }: StartedAgent): Outcome<SessionRecord> {
  world.cookies.set(sessionKey(profile, record.session), cookie);
  return { ok: true, value: record };
}
