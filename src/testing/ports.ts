import { fromCallback } from 'xstate';
import type { TransportFact, TransportInput, TransportPort, TransportRequest } from '../../machines/ports.js';
import type { TunnelFact, TunnelInput, TunnelPort, TunnelRequest } from '../../machines/sessionPorts.js';
import type { ProfileId } from '../../machines/vocabulary.js';
import type { Ports } from '../assemble.js';
import { toFailure, X2GoError } from '../errors.js';
import type { Connection } from '../ssh/connection.js';
import { watchSilence } from '../ssh/silence.js';
import type { World } from '../world.js';
import { SimulatedLine } from './line.js';
import type { SimulatedServer } from './server.js';
import type { SimulatedViewers } from './viewers.js';

const connectDeadline = 15_000;
/** How long a viewer has to come. */
const welcome = 10_000;

export interface Surroundings {
  readonly serverOf: (profile: ProfileId) => SimulatedServer;
  readonly viewers: SimulatedViewers;
}

/** The ports that reach outside, over simulated servers; every other port is the real one. */
export const simulatedPorts =
  ({ serverOf, viewers }: Surroundings) =>
  (world: World): Pick<Ports, 'transport' | 'tunnel'> => ({
    transport: transport(world, serverOf),
    tunnel: tunnel(world, serverOf, viewers),
  });

const transport = (world: World, serverOf: Surroundings['serverOf']): TransportPort =>
  fromCallback<TransportRequest, TransportInput>(({ input, sendBack, receive }) => {
    const { clock } = world;
    const { id } = input.profile;
    const server = serverOf(id);
    const attempt = new AbortController();
    let line: SimulatedLine | undefined;
    let unwatch = () => {};
    let cancel = () => {};
    const send = (fact: TransportFact) => sendBack(fact);

    world.scope.of(id).own('transport', id, async (hurry) => {
      attempt.abort();
      clock.clearTimeout(deadline);
      cancel();
      unwatch();
      if (world.connections.get(id) === asConnection(line)) world.connections.delete(id);
      return line === undefined ? 'closed' : line.close(hurry);
    });
    const lose = (cause: unknown) => {
      clock.clearTimeout(deadline);
      if (!attempt.signal.aborted)
        send({ type: 'ssh.lost', failure: toFailure(cause), chance: world.chance() });
    };
    const deadline = clock.setTimeout(() => {
      cancel();
      lose(new X2GoError('ssh.timedOut', 'there was no login in time'));
    }, connectDeadline);

    const knock = () => {
      // A packet that gets through nowhere is sent again.
      if (server.silent) return later(knock);
      server.pointPassed();
      if (attempt.signal.aborted) return;
      if (server.door === 'down') return lose(new X2GoError('ssh.refused', 'nobody listens there'));
      if (server.door === 'locked') return lose(new X2GoError('auth.refused', 'it lets nobody in'));
      clock.clearTimeout(deadline);
      line = new SimulatedLine(server, lose);
      world.connections.set(id, line as unknown as Connection);
      unwatch = watchSilence(line.socket as never, clock, input.degradedAfterMs, {
        silent: (silentMs) => send({ type: 'ssh.silent', silentMs }),
        heard: () => send({ type: 'ssh.heard' }),
      });
      send({ type: 'ssh.ready' });
    };
    const later = (run: () => void) => {
      cancel = server.time.after('arrival', server.random.between(20, 400), run);
    };
    receive(() => line?.probe());
    later(knock);
    return () => void world.scope.settle(id);
  });

const asConnection = (line: SimulatedLine | undefined) => line as unknown as Connection | undefined;

const tunnel = (world: World, serverOf: Surroundings['serverOf'], viewers: SimulatedViewers): TunnelPort =>
  fromCallback<TunnelRequest, TunnelInput>(({ input, sendBack, receive }) => {
    const { clock } = world;
    const server = serverOf(input.profile);
    const isGraphics = input.tunnel === 'graphics';
    let isOver = false;
    let close = () => {};
    let unhear = () => {};
    let timer: unknown;
    const send = (fact: TunnelFact) => {
      if (!isOver) sendBack(fact);
    };
    const scope = world.scope.of(input.profile).of(input.session);
    const give = scope.own(isGraphics ? 'listener' : 'forward', `${input.session} ${input.tunnel}`, () => {
      isOver = true;
      clock.clearTimeout(timer);
      unhear();
      close();
      return 'closed';
    });
    const finish = (fact: TunnelFact) => {
      send(fact);
      void give();
    };
    const fail = (cause: unknown) => finish({ type: 'tunnel.failed', failure: toFailure(cause) });

    const opened = (port: number) => send({ type: 'tunnel.opened', port, at: clock.now() });
    const line = world.connections.get(input.profile) as unknown as SimulatedLine | undefined;
    const listen = (over: SimulatedLine) => {
      timer = clock.setTimeout(() => fail(new X2GoError('tunnel.unused', 'no viewer connected')), welcome);
      let leave = () => {};
      const { port, close: shut } = viewers.listen({
        knock: (guest) => {
          clock.clearTimeout(timer);
          shut();
          over.direct(input.serverPort, guest.cookie, {
            opened: (away) => {
              if (isOver) away();
              else leave = away;
            },
            refused: (error) => {
              guest.closed();
              fail(error);
            },
            up: guest.up,
            closed: () => {
              guest.closed();
              finish({ type: 'tunnel.ended' });
            },
          });
          close = () => {
            leave();
            guest.closed();
          };
          return () => {
            leave();
            finish({ type: 'tunnel.ended' });
          };
        },
      });
      close = shut;
      opened(port);
    };

    receive((request) => {
      if (request.type === 'tunnel.close') finish({ type: 'tunnel.ended' });
    });
    if (line === undefined) queueMicrotask(() => fail(new X2GoError('ssh.closed', 'there is no line')));
    else {
      unhear = line.onGone(fail);
      const cancel = server.time.after('arrival', server.random.between(1, 60), () => {
        if (isOver) return;
        if (isGraphics) listen(line);
        else
          line.forward((yes) => {
            if (yes) opened(input.serverPort);
            else fail(new X2GoError('tunnel.denied', 'the server allows no forwarding'));
          });
      });
      close = cancel;
    }
    return () => void give();
  });
