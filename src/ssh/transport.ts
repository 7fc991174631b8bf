import { fromCallback } from 'xstate';
import type { TransportFact, TransportInput, TransportPort, TransportRequest } from '../../machines/ports.js';
import { toFailure } from '../errors.js';
import type { World } from '../world.js';
import type { Connection } from './connection.js';
import { watchSilence } from './silence.js';
import { Way } from './way.js';

/** One attempt at a login, over all hops, and the line it gives, for as long as the actor lives. */
export const transport = (world: World): TransportPort =>
  fromCallback<TransportRequest, TransportInput>(({ input, sendBack, receive }) => {
    const { profile } = input;
    const send = (fact: TransportFact) => sendBack(fact);
    let connection: Connection | undefined;
    let unwatch = () => {};

    const way = new Way(world, profile, {
      ready: (line) => {
        connection = line;
        world.connections.set(profile.id, line);
        unwatch = watchSilence(line.socket, world.clock, input.degradedAfterMs, {
          silent: (silentMs) => send({ type: 'ssh.silent', silentMs }),
          heard: () => send({ type: 'ssh.heard' }),
        });
        send({ type: 'ssh.ready' });
      },
      lost: (cause) => send({ type: 'ssh.lost', failure: toFailure(cause), chance: world.chance() }),
    });
    world.scope.of(profile.id).own('transport', profile.id, async (hurry) => {
      unwatch();
      if (world.connections.get(profile.id) === connection) world.connections.delete(profile.id);
      return way.close(hurry);
    });
    receive((request) => {
      if (request.type === 'ssh.probe') way.probe();
    });
    way.open();
    // What was opened over the line goes first.
    return () => void world.scope.settle(profile.id);
  });
