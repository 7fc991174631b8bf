import { X2GoError } from '../errors.js';
import type { Rider } from '../world.js';

/** The local sound server, which the session's programs play to. */
export const sound: Rider = {
  async prepare() {
    throw new X2GoError('sound.missing', 'There is no sound server here');
  },
};
