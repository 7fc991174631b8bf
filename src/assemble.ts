import { attachmentMachine } from '../machines/attachment.js';
import { guardianMachine } from '../machines/guardian.js';
import { profileMachine } from '../machines/profile.js';
import { proxyMachine } from '../machines/proxy.js';
import { sessionMachine } from '../machines/session.js';
import { tunnelMachine } from '../machines/tunnel.js';
import { metronome } from './metronome.js';
import { proxy } from './proxy/proxy.js';
import { release } from './release.js';
import { desktops } from './ssh/desktops.js';
import { endAgent } from './ssh/endAgent.js';
import { resumeAgent } from './ssh/resumeAgent.js';
import { runCommand } from './ssh/runCommand.js';
import { startAgent } from './ssh/startAgent.js';
import { stateWatch } from './ssh/stateWatch.js';
import { survey } from './ssh/survey.js';
import { transport } from './ssh/transport.js';
import { tunnel } from './ssh/tunnel.js';
import { withdraw } from './ssh/withdraw.js';
import type { World } from './world.js';

/** Every port, over one world. */
const portsOf = (world: World) => ({
  tunnel: tunnel(world),
  proxy: proxy(world),
  release: release(world),
  startAgent: startAgent(world),
  withdraw: withdraw(world),
  resumeAgent: resumeAgent(world),
  endAgent: endAgent(world),
  runCommand: runCommand(world),
  transport: transport(world),
  survey: survey(world),
  desktops: desktops(world),
  watch: stateWatch(world),
  metronome: metronome(world),
});
export type Ports = ReturnType<typeof portsOf>;

/** Every chart with its ports, from one world. `own`: what takes the place of some of them. */
export function assemble(world: World, own: Partial<Ports> = {}) {
  const ports = { ...portsOf(world), ...own };
  const { release, startAgent, withdraw, resumeAgent, endAgent, runCommand } = ports;
  const { transport, survey, desktops, watch, metronome } = ports;
  const tunnels = tunnelMachine.provide({ actors: { tunnel: ports.tunnel } });
  const viewer = proxyMachine.provide({ actors: { proxy: ports.proxy } });
  const attachment = attachmentMachine.provide({ actors: { tunnel: tunnels, proxy: viewer, release } });
  const session = sessionMachine.provide({
    actors: { attachment, startAgent, withdraw, resumeAgent, endAgent, runCommand },
  });
  const profile = profileMachine.provide({
    actors: { session, transport, survey, desktops, watch, metronome, release },
  });
  const guardian = guardianMachine.provide({ actors: { profile, release } });
  return { tunnel: tunnels, proxy: viewer, attachment, session, profile, guardian };
}
