import { randomBytes } from 'node:crypto';
import type { EndAgentInput, EndAgentPort } from '../../machines/sessionPorts.js';
import { X2GoError } from '../errors.js';
import { endScript, readEnded } from '../protocol/endAgent.js';
import type { EndRequest } from '../protocol/request.js';
import { sessionKey } from '../protocol/sessionKey.js';
import { isSessionId } from '../protocol/sessionName.js';
import { isPid } from '../protocol/values.js';
import type { World } from '../world.js';
import { framedCall } from './framedCall.js';

/** Suspends or terminates a session, and tells whether its agent lives: in one round trip. */
export const endAgent = (world: World): EndAgentPort =>
  framedCall<{ readonly alive: boolean }, EndAgentInput>(world, (input, seconds) => {
    const { profile, session, how, agentPid } = input;
    if (!isSessionId(session) || (agentPid !== undefined && !isPid(agentPid)))
      throw new X2GoError('session.unknown', `${session} is no session's name`);
    const marker = randomBytes(16).toString('hex');
    const unlessUsed = how === 'terminate' && world.unlessUsed.has(sessionKey(profile, session));
    const request: EndRequest = { verb: how, marker, session, agent: agentPid, unlessUsed };
    return {
      name: how === 'suspend' ? 'The suspension' : 'The termination',
      marker,
      text: endScript(request, seconds),
      read: ({ text, complaint }) => readEnded(request, text, complaint),
      graceMs: how === 'suspend' ? 0 : grace,
    };
  });

/** A listing may show that the agent is gone before x2goterminate-session has taken its row off the list (seen), in ms. */
const grace = 3_000;
