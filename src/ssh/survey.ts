import { randomBytes } from 'node:crypto';
import { fromPromise } from 'xstate';
import type { SurveyAnswer, SurveyInput, SurveyPort } from '../../machines/ports.js';
import type { Failure } from '../../machines/vocabulary.js';
import { toFailure } from '../errors.js';
import type { SurveyRequest } from '../protocol/request.js';
import { surveyScript } from '../protocol/survey.js';
import { readSurvey } from '../protocol/surveyAnswer.js';
import type { World } from '../world.js';
import { runOwned } from './owned.js';

/** What a listing needs, in one round trip. Never rejects: what went wrong is the answer. */
export const survey = (world: World): SurveyPort =>
  fromPromise<SurveyAnswer, SurveyInput>(async ({ input, signal }) => {
    const started = world.clock.now();
    const request: SurveyRequest = {
      verb: 'survey',
      marker: randomBytes(16).toString('hex'),
      identity: input.identity,
      sessions: input.sessions,
      mounts: input.mounts,
      shadows: input.shadows,
      agents: input.agents,
    };
    const reading = await ask(world, input, request, signal);
    const at = world.clock.now();
    return { at, tookMs: Math.round(at - started), ...reading };
  });

async function ask(world: World, input: SurveyInput, request: SurveyRequest, signal: AbortSignal) {
  try {
    const text = surveyScript(request, Math.ceil(input.deadlineMs / 1_000));
    const script = { name: 'The listing', marker: request.marker, text, deadlineMs: input.deadlineMs };
    const answer = await runOwned(world, input.profile, script, signal);
    return readSurvey(request, answer.text, answer.complaint);
  } catch (cause) {
    const failed: { ok: false; failure: Failure } = { ok: false, failure: toFailure(cause) };
    return {
      ...(input.identity ? { identity: failed } : {}),
      ...(input.sessions ? { listing: failed } : {}),
    };
  }
}
