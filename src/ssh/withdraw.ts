import { randomBytes } from 'node:crypto';
import type { WithdrawInput, WithdrawPort } from '../../machines/sessionPorts.js';
import type { WithdrawRequest } from '../protocol/request.js';
import { sessionKey } from '../protocol/sessionKey.js';
import { readWithdrawn, withdrawScript } from '../protocol/withdraw.js';
import type { World } from '../world.js';
import { framedCall } from './framedCall.js';
import { strikeStart } from './startNotes.js';

/** Ends what an interrupted start has left on the server, in one round trip. A start that was never sent left nothing. */
export const withdraw = (world: World): WithdrawPort =>
  framedCall<undefined, WithdrawInput>(world, ({ profile, operation }, seconds) => {
    const start = world.starts.get(operation);
    if (start === undefined) return { ok: true, value: undefined };
    const marker = randomBytes(16).toString('hex');
    const request: WithdrawRequest = {
      verb: 'withdraw',
      marker,
      start,
    };
    return {
      name: 'The withdrawal of a start',
      marker,
      text: withdrawScript(request, seconds),
      read: ({ text, complaint }) => {
        const withdrawn = readWithdrawn(request, text, complaint);
        if (!withdrawn.ok) return withdrawn;
        strikeStart(world, operation);
        for (const session of withdrawn.value) world.cookies.delete(sessionKey(profile, session));
        return { ok: true, value: undefined };
      },
    };
  });
