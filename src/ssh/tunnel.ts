import { setMaxListeners } from 'node:events';
import { fromCallback } from 'xstate';
import type { TunnelFact, TunnelInput, TunnelPort, TunnelRequest } from '../../machines/sessionPorts.js';
import { toFailure, X2GoError } from '../errors.js';
import { isSessionId } from '../protocol/sessionName.js';
import type { World } from '../world.js';
import { GraphicsTunnel } from './graphicsTunnel.js';
import { Joints } from './joints.js';
import { connectionOf } from './owned.js';
import { ReverseTunnel } from './reverseTunnel.js';
import type { TunnelWay } from './tunnelWay.js';

/** One tunnel over a profile's line, for as long as the actor lives and both its ends stand. */
export const tunnel = (world: World): TunnelPort =>
  fromCallback<TunnelRequest, TunnelInput>(({ input, sendBack, receive }) => {
    const over = new AbortController();
    const { signal } = over;
    // Each channel that has not spoken yet listens to it, and there may be 32.
    setMaxListeners(0, signal);
    const send = (fact: TunnelFact) => {
      if (!signal.aborted) sendBack(fact);
    };
    const joints = new Joints(world.clock, send);
    let way: TunnelWay | undefined;
    let unhear = () => {};

    const kind = input.tunnel === 'graphics' ? 'listener' : 'forward';
    const scope = world.scope.of(input.profile).of(input.session);
    const give = scope.own(kind, `${input.session} ${input.tunnel}`, (hurry) => {
      over.abort();
      unhear();
      joints.end();
      return way === undefined ? 'closed' : way.close(hurry);
    });
    const fail = (cause: unknown) => {
      joints.meter.flush();
      send({ type: 'tunnel.failed', failure: toFailure(cause) });
      void give();
    };

    const finish = () => {
      joints.meter.flush();
      send({ type: 'tunnel.ended' });
      void give();
    };

    const open = async (): Promise<void> => {
      if (!isSessionId(input.session))
        throw new X2GoError('session.unknown', `${input.session} is no session's name`);
      const line = connectionOf(world, input.profile);
      unhear = line.onGone(fail);
      const site = { world, input, line, joints, signal, fail, finish };
      way = input.tunnel === 'graphics' ? new GraphicsTunnel(site) : new ReverseTunnel(site, input.tunnel);
      const port = await way.open();
      send({ type: 'tunnel.opened', port, at: world.clock.now() });
    };

    receive((request) => {
      if (request.type === 'tunnel.close') finish();
      else if (request.type === 'tunnel.pause') joints.pause();
      else joints.resume();
    });
    open().catch((cause) => {
      if (!signal.aborted) fail(cause);
    });
    return () => void give();
  });
