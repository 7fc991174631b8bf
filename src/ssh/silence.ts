import type { Readable } from 'node:stream';
import type { Clock } from '../clock.js';

/** Reports when a socket has received nothing for a while, and when it has been heard again. */
export function watchSilence(
  socket: Readable,
  clock: Clock,
  afterMs: number,
  report: { readonly silent: (silentMs: number) => void; readonly heard: () => void },
): () => void {
  let heardAt = clock.now();
  let silent = false;
  let timer: unknown;
  const wait = (ms: number) => {
    timer = clock.setTimeout(look, ms);
  };
  const look = () => {
    const silentMs = Math.round(clock.now() - heardAt);
    if (silentMs < afterMs) return wait(afterMs - silentMs);
    silent = true;
    report.silent(silentMs);
  };
  // The hot path: one clock reading a chunk. The timer looks at it later instead of being set anew each time.
  const hear = () => {
    heardAt = clock.now();
    if (!silent) return;
    silent = false;
    report.heard();
    wait(afterMs);
  };
  socket.on('data', hear);
  wait(afterMs);
  return () => {
    clock.clearTimeout(timer);
    socket.off('data', hear);
  };
}
