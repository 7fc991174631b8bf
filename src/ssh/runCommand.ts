import { randomBytes } from 'node:crypto';
import type { RunCommandInput, RunCommandPort } from '../../machines/sessionPorts.js';
import { X2GoError } from '../errors.js';
import { translateOrder } from '../protocol/order.js';
import type { RunRequest } from '../protocol/request.js';
import { readRun, runScript } from '../protocol/runCommand.js';
import { isSessionId } from '../protocol/sessionName.js';
import { isDisplay, isPid } from '../protocol/values.js';
import type { World } from '../world.js';
import { framedCall } from './framedCall.js';

/** Starts the session's command, and answers when the server has begun to execute it, or has not found it. */
export const runCommand = (world: World): RunCommandPort =>
  framedCall<undefined, RunCommandInput>(world, (input) => {
    const { session, display, agentPid, soundPort, sound, order } = input;
    const translated = translateOrder(order);
    if (!translated.ok) throw new X2GoError('order.invalid', translated.reason);
    if (!isSessionId(session) || !isDisplay(display) || !isPid(agentPid))
      throw new X2GoError('session.unknown', `${session} is no session's name`);
    const { type, name, run } = translated.value;
    if (run === undefined)
      throw new X2GoError('order.invalid', `a session of kind ${order.kind} runs no command`);
    const marker = randomBytes(16).toString('hex');
    const request: RunRequest = { verb: 'run', marker, session, command: name };
    const { keyboard } = order;
    const call = { display, agentPid, soundPort, sound, type, run, ...(keyboard ? { keyboard } : {}) };
    return {
      name: 'The command',
      marker,
      text: runScript(request, call),
      read: ({ text, complaint }) => readRun(request, run, text, complaint),
    };
  });
