import { findSoundServer } from '../channels/soundServer.js';
import { type SoundSurroundings, soundSurroundings } from '../channels/soundSurroundings.js';
import { toFailure } from '../errors.js';
import { type Finding, note, ok } from './finding.js';

/** Where the sound of sessions would be played. */
export async function soundCheck(surroundings: SoundSurroundings = soundSurroundings()): Promise<Finding> {
  try {
    return ok('sound', `Sound is played by ${(await findSoundServer(surroundings)).name}`);
  } catch (cause) {
    const { message } = toFailure(cause);
    return note('sound', `${message}: without it sessions are silent here`, 'Or start them with --no-sound');
  }
}
