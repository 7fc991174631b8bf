import { guardianMachine } from '../machines/guardian.js';
import { profileMachine } from '../machines/profile.js';
import { metronome } from './metronome.js';
import { release } from './release.js';
import { desktops } from './ssh/desktops.js';
import { stateWatch } from './ssh/stateWatch.js';
import { survey } from './ssh/survey.js';
import { transport } from './ssh/transport.js';
import type { World } from './world.js';

/** Every port of every chart, from one world. */
export function assemble(world: World) {
  const profile = profileMachine.provide({
    actors: {
      transport: transport(world),
      survey: survey(world),
      desktops: desktops(world),
      watch: stateWatch(world),
      metronome: metronome(world),
      release: release(world),
    },
  });
  return { profile, guardian: guardianMachine.provide({ actors: { profile, release: release(world) } }) };
}
