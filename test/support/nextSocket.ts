import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** The next socket that this process connects with: its listeners here come before those of whoever connects. */
export function nextSocket(take: (socket: Socket) => void): void {
  const hear = (message: unknown) => {
    unsubscribe('net.client.socket', hear);
    take((message as { socket: Socket }).socket);
  };
  subscribe('net.client.socket', hear);
}
