import { WebSocket } from 'ws';
import { backoff } from '../../machines/index.js';
import { type Clock, monotonicClock } from '../clock.js';
import { feedClient } from './xstateServer.js';
import type { XStateWire } from './xstateWire.js';

/**
 * Sends to a server of @statelyai/inspect (createInspectorServer), as an app of its own does. Where none is, or none any
 * more, it tries again and says nothing: somebody starts it when they want to look.
 */
export function connectToInspector(
  wire: XStateWire,
  url: string,
  clock: Clock = monotonicClock,
): { close(): void } {
  let client: WebSocket;
  let timer: unknown;
  let tries = 0;
  let isOver = false;
  const connect = () => {
    client = new WebSocket(url);
    client.on('open', () => {
      tries = 0;
      feedClient(wire, client);
    });
    // Why it failed is nobody's matter; 'close' follows.
    client.on('error', () => undefined);
    client.on('close', () => {
      if (isOver) return;
      tries += 1;
      timer = clock.setTimeout(connect, backoff(tries, Math.random()));
    });
  };
  connect();
  return {
    close: () => {
      isOver = true;
      clock.clearTimeout(timer);
      client.terminate();
    },
  };
}
