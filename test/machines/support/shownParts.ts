import { type AttachmentContext, attachmentMachine } from '../../../machines/attachment.js';
import type { Presentation } from '../../../machines/orders.js';
import type { ReleaseInput } from '../../../machines/ports.js';
import { type ProxyContext, proxyMachine } from '../../../machines/proxy.js';
import type { ProxyEnd, ProxyInput, TunnelInput, TunnelName } from '../../../machines/sessionPorts.js';
import { tunnelMachine } from '../../../machines/tunnel.js';
import type { Failure } from '../../../machines/vocabulary.js';
import { FakePort } from './fakePort.js';
import { underParent } from './parent.js';
import { sid } from './rows.js';
import { agentPorts } from './sessionPorts.js';

export const about = { profile: 'office', session: sid(1) };

/** A tunnel's chart over a fake forward. */
export function aTunnel(tunnel: TunnelName = 'graphics') {
  const port = new FakePort<TunnelInput>();
  const chart = tunnelMachine.provide({ actors: { tunnel: port.logic } });
  const under = underParent(chart, { ...about, tunnel, serverPort: 30_001 });
  const { child } = under;
  return { ...under, port, tags: (): string[] => [...child.getSnapshot().tags], tell: port.last.tell };
}

export const proxyInput = { ...about, display: 51, port: 40_001, presentation: {} };

/** A proxy's chart over a fake child process. */
export function aProxy() {
  const port = new FakePort<ProxyInput>();
  const under = underParent(proxyMachine.provide({ actors: { proxy: port.logic } }), proxyInput);
  const { child } = under;
  return {
    ...under,
    port,
    tell: port.last.tell,
    tags: (): string[] => [...child.getSnapshot().tags],
    context: (): ProxyContext => child.getSnapshot().context,
    asked: () => port.last.heard.splice(0).map(({ type }) => type),
    reap: (end: ProxyEnd = { how: 'ended' }, at = 9) => port.last.tell({ type: 'proxy.ended', end, at }),
  };
}

/** What shows a session, over fake tunnels and a fake proxy. */
export function anAttachment(presentation: Presentation = {}) {
  const tunnels = new FakePort<TunnelInput>();
  const proxy = new FakePort<ProxyInput>();
  const release = new FakePort<ReleaseInput>();
  const chart = attachmentMachine.provide({
    actors: { tunnel: tunnels.logic, proxy: proxy.logic, release: release.logic },
  });
  const under = underParent(chart, { ...about, display: 51, ports: agentPorts, presentation });
  const { child, send } = under;
  const tunnel = (name: TunnelName) => {
    const call = tunnels.calls.findLast(({ input }) => input.tunnel === name);
    if (call === undefined) throw new Error(`there was no ${name} tunnel`);
    return call;
  };
  const attachment = {
    ...under,
    tunnels,
    tunnel,
    proxy,
    release,
    tags: (): string[] => [...child.getSnapshot().tags],
    context: (): AttachmentContext => child.getSnapshot().context,
    close: () => send({ type: 'attachment.close' }),
    ready: (name: TunnelName, at = 1) =>
      tunnel(name).tell({ type: 'tunnel.ready', tunnel: name, port: 40_001, at }),
    /** A tunnel's chart ends. */
    over: (name: TunnelName, failure?: Failure) => tunnel(name).answer(failure ? { failure } : {}),
    /** The proxy's chart ends. */
    gone: (end: ProxyEnd = { how: 'ended' }, at = 9) => proxy.last.answer({ end, at }),
    /** As far as the picture. */
    painted: (at = 4) => {
      attachment.ready('graphics');
      proxy.last.tell({ type: 'proxy.running', at: 2 });
      proxy.last.tell({ type: 'proxy.shown', at });
      return attachment;
    },
  };
  return attachment;
}
export type Shown = ReturnType<typeof anAttachment>;
