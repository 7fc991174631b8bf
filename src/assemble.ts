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

/** Every port of every chart, from one world. */
export function assemble(world: World) {
  const tunnels = tunnelMachine.provide({ actors: { tunnel: tunnel(world) } });
  const viewer = proxyMachine.provide({ actors: { proxy: proxy(world) } });
  const attachment = attachmentMachine.provide({
    actors: { tunnel: tunnels, proxy: viewer, release: release(world) },
  });
  const session = sessionMachine.provide({
    actors: {
      attachment,
      startAgent: startAgent(world),
      withdraw: withdraw(world),
      resumeAgent: resumeAgent(world),
      endAgent: endAgent(world),
      runCommand: runCommand(world),
    },
  });
  const profile = profileMachine.provide({
    actors: {
      session,
      transport: transport(world),
      survey: survey(world),
      desktops: desktops(world),
      watch: stateWatch(world),
      metronome: metronome(world),
      release: release(world),
    },
  });
  const guardian = guardianMachine.provide({ actors: { profile, release: release(world) } });
  return { tunnel: tunnels, proxy: viewer, attachment, session, profile, guardian };
}
