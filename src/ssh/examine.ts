import { randomBytes } from 'node:crypto';
import type { Failure, ProfileId } from '../../machines/vocabulary.js';
import { fromFailure, toFailure } from '../errors.js';
import { type Examined, examineScript, readExamined } from '../protocol/examine.js';
import type { ExamineRequest } from '../protocol/request.js';
import type { World } from '../world.js';
import { withDeadline } from './deadline.js';
import { connectionOf, runOwned } from './owned.js';

/** What a server has for sessions beyond its features, each as it was found or why it was not. */
export interface Examination {
  readonly examined:
    | ({ readonly ok: true } & Examined & Asked)
    | { readonly ok: false; readonly failure: Failure };
  /** To the server's own ports, as the picture is fetched. Absent: it is allowed. */
  readonly toServer?: Failure;
  /** From the server's ports to here, as sound comes. Absent: it is allowed. */
  readonly toHere?: Failure;
}
/** On our wall clock, in ms since 1970: between these the server looked at its own. */
interface Asked {
  readonly sentAt: number;
  readonly heardAt: number;
}

/** A port where no agent ever listens: those take it amiss when a stranger comes (PROTOCOL T2). */
const nobodys = 1;

/** Three looks at once, each with the deadline in ms. Never rejects. */
export async function examine(
  world: World,
  profile: ProfileId,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Examination> {
  const inTime = <T>(name: string, look: () => Promise<T>): Promise<T> =>
    withDeadline(world.clock, { name, deadlineMs }, signal, (ends) => Promise.race([look(), aborted(ends)]));
  const failureOf = (look: Promise<unknown>) =>
    look.then(
      () => undefined,
      (cause: unknown) => toFailure(cause),
    );
  const [examined, toServer, toHere] = await Promise.all([
    ask(world, profile, deadlineMs, signal).catch((cause: unknown) => ({
      ok: false as const,
      failure: toFailure(cause),
    })),
    failureOf(inTime('The way to its ports', () => reach(world, profile))),
    failureOf(inTime('The way from its ports', async () => connectionOf(world, profile).forwards.try())),
  ]);
  return {
    examined,
    ...(toServer === undefined || toServer.code === 'tunnel.failed' ? {} : { toServer }),
    ...(toHere === undefined ? {} : { toHere }),
  };
}

async function ask(world: World, profile: ProfileId, deadlineMs: number, signal: AbortSignal) {
  const request: ExamineRequest = { verb: 'examine', marker: randomBytes(16).toString('hex') };
  const text = examineScript(request, Math.ceil(deadlineMs / 1_000));
  const sentAt = Date.now();
  const script = { name: 'The examination', marker: request.marker, text, deadlineMs };
  const answer = await runOwned(world, profile, script, signal);
  const heardAt = Date.now();
  const read = readExamined(request, answer.text, answer.complaint);
  if (!read.ok) throw fromFailure(read.failure);
  return { ok: true as const, ...read.value, sentAt, heardAt };
}

/** ssh2 asks, and may wait for ever. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

/** That nobody listens there shows that one may ask. */
async function reach(world: World, profile: ProfileId): Promise<void> {
  const channel = await connectionOf(world, profile).openDirect(nobodys);
  channel.on('error', () => undefined).close();
}
