import { randomBytes } from 'node:crypto';
import { fromPromise } from 'xstate';
import type { DesktopsAnswer, DesktopsInput, DesktopsPort } from '../../machines/ports.js';
import { toFailure, X2GoError } from '../errors.js';
import { parseDesktops } from '../protocol/desktops.js';
import { parseFramed } from '../protocol/framing.js';
import { desktopsScript } from '../protocol/survey.js';
import { unframed } from '../protocol/surveyAnswer.js';
import type { World } from '../world.js';
import { runOwned } from './owned.js';

/** The shareable desktops. Never rejects: what went wrong is the answer. */
export const desktops = (world: World): DesktopsPort =>
  fromPromise<DesktopsAnswer, DesktopsInput>(async ({ input, signal }) => {
    const started = world.clock.now();
    const listing = await list(world, input, signal);
    const at = world.clock.now();
    return { at, tookMs: Math.round(at - started), listing };
  });

async function list(
  world: World,
  input: DesktopsInput,
  signal: AbortSignal,
): Promise<DesktopsAnswer['listing']> {
  try {
    const marker = randomBytes(16).toString('hex');
    const text = desktopsScript({ verb: 'desktops', marker }, Math.ceil(input.deadlineMs / 1_000));
    const script = { name: 'The list of desktops', marker, text, deadlineMs: input.deadlineMs };
    const answer = await runOwned(world, input.profile, script, signal);
    const framed = parseFramed(marker, answer.text);
    const broken = unframed(framed, answer.text, answer.complaint);
    if (broken) return broken;
    const section = framed.ok ? framed.sections.find(({ name }) => name === 'desktops') : undefined;
    if (section?.code !== 0) {
      throw new X2GoError('command.failed', `x2golistdesktops ended with code ${section?.code ?? 'unknown'}`);
    }
    return { ok: true, value: parseDesktops(section.body) };
  } catch (cause) {
    return { ok: false, failure: toFailure(cause) };
  }
}
