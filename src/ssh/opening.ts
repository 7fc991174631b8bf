import type { ClientChannel } from 'ssh2';
import type { Clock } from '../clock.js';

/** How long a program of the session may take to say who it is. */
const patience = 10_000;

/**
 * The first bytes of a channel, held back until they are all there; what came with them can be read as before. The channel is
 * paused then. Undefined: it ended, or dawdled, or nobody waits any more.
 */
export function readOpening(
  channel: ClientChannel,
  length: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let read = Buffer.alloc(0);
    const settle = (opening: Buffer | undefined) => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      channel.off('data', take).off('end', giveUp).off('close', giveUp).off('error', giveUp);
      resolve(opening);
    };
    const giveUp = () => settle(undefined);
    const take = (chunk: Buffer) => {
      read = Buffer.concat([read, chunk]);
      if (read.length < length) return;
      channel.pause();
      const rest = read.subarray(length);
      settle(read.subarray(0, length));
      if (rest.length > 0) channel.unshift(rest);
    };
    const timer = clock.setTimeout(giveUp, patience);
    signal.addEventListener('abort', giveUp, { once: true });
    channel.on('data', take).on('end', giveUp).on('close', giveUp).on('error', giveUp);
    if (signal.aborted) giveUp();
  });
}
