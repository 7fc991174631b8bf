import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createActor, createMachine } from 'xstate';
import type { TunnelFact, TunnelInput } from '../../../machines/sessionPorts.js';
import { tunnel } from '../../../src/ssh/tunnel.js';
import type { Rider, World } from '../../../src/world.js';
import { eventually } from '../../support/real/eventually.js';

export type Told<Type extends TunnelFact['type']> = Extract<TunnelFact, { type: Type }>;

/** Runs one tunnel and keeps what it tells. */
export function runTunnel(world: World, input: TunnelInput) {
  const facts: TunnelFact[] = [];
  const machine = createMachine({
    invoke: { id: 'tunnel', src: tunnel(world), input },
    on: { '*': { actions: ({ event }: { event: unknown }) => void facts.push(event as TunnelFact) } },
  });
  const actor = createActor(machine);
  actor.start();
  const find = <Type extends TunnelFact['type']>(type: Type) =>
    facts.findLast((fact): fact is Told<Type> => fact.type === type);
  return {
    facts,
    last: find,
    until: <Type extends TunnelFact['type']>(type: Type, timeoutMs = 15_000): Promise<Told<Type>> =>
      eventually(
        () => `${type}, told was ${JSON.stringify(facts.map((fact) => fact.type))}`,
        () => find(type),
        { timeoutMs },
      ),
    ask: (type: 'tunnel.pause' | 'tunnel.resume' | 'tunnel.close') =>
      actor.getSnapshot().children.tunnel?.send({ type } as never),
    stop: () => actor.stop(),
  };
}

/** A server of the test's own on the loopback. */
export async function listen(
  take: (socket: Socket) => void,
  { path, pauseOnConnect = false }: { path?: string; pauseOnConnect?: boolean } = {},
) {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect }, (socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    take(socket);
  });
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  return {
    port: path === undefined ? (server.address() as AddressInfo).port : 0,
    sockets,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

export async function dialTo(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Everything that comes until the other end ends. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  if (socket.readableEnded) return Buffer.concat(chunks);
  // An iteration would destroy the socket at its end, and with it what is still to be sent.
  socket.on('data', (chunk) => chunks.push(chunk)).resume();
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

export const riderTo = (
  to: Awaited<ReturnType<Rider['prepare']>>['to'],
  files: Awaited<ReturnType<Rider['prepare']>>['files'] = [],
): Rider => ({ prepare: async () => ({ to, files }) });
