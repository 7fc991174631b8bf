import { randomBytes } from 'node:crypto';
import { fromPromise } from 'xstate';
import type { SurveyAnswer, SurveyInput, SurveyPort } from '../../machines/ports.js';
import type { Failure, ProfileId } from '../../machines/vocabulary.js';
import { toFailure } from '../errors.js';
import { type ListedCookies, listedCookies } from '../protocol/cookies.js';
import type { SurveyRequest } from '../protocol/request.js';
import { sessionKey } from '../protocol/sessionKey.js';
import { isSessionId } from '../protocol/sessionName.js';
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

function keepCookies(world: World, profile: ProfileId, known: readonly string[], listed: ListedCookies) {
  const prefix = sessionKey(profile, '');
  for (const key of known) {
    const session = key.slice(prefix.length);
    if (key.startsWith(prefix) && isSessionId(session) && listed.knowsGone(session))
      world.cookies.delete(key);
  }
  for (const [session, cookie] of listed.cookies)
    if (cookie !== '') world.cookies.set(sessionKey(profile, session), cookie);
}

async function ask(world: World, input: SurveyInput, request: SurveyRequest, signal: AbortSignal) {
  try {
    const text = surveyScript(request, Math.ceil(input.deadlineMs / 1_000));
    const script = { name: 'The listing', marker: request.marker, text, deadlineMs: input.deadlineMs };
    // What became known while the listing was on its way may be newer than the listing.
    const known = [...world.cookies.keys()];
    const answer = await runOwned(world, input.profile, script, signal);
    if (input.sessions) keepCookies(world, input.profile, known, listedCookies(request, answer.text));
    return readSurvey(request, answer.text, answer.complaint);
  } catch (cause) {
    const failed: { ok: false; failure: Failure } = { ok: false, failure: toFailure(cause) };
    return {
      ...(input.identity ? { identity: failed } : {}),
      ...(input.sessions ? { listing: failed } : {}),
    };
  }
}
