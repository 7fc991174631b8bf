import { randomBytes, timingSafeEqual } from 'node:crypto';
import { X2GoError } from '../errors.js';
import {
  clientConfigurationName,
  clientCookieName,
  pulseCookieLength,
  writeClientConfiguration,
} from '../protocol/pulse.js';
import { cookieOfGreeting, greetingLength, greetingWith } from '../protocol/pulseGreeting.js';
import type { Rider } from '../world.js';
import { findSoundCookie } from './soundCookie.js';
import { findSoundServer, type SoundServer } from './soundServer.js';
import { type SoundSurroundings, soundSurroundings } from './soundSurroundings.js';

/** The local sound server, which the session's programs play to. What is not said is as it is on this machine. */
export const soundOf = (given: Partial<SoundSurroundings> = {}): Rider => ({
  async prepare({ serverPort, folder }) {
    const surroundings = { ...soundSurroundings(), ...given };
    const configuration = writeClientConfiguration(serverPort, folder);
    if (!configuration.ok)
      throw new X2GoError('sound.missing', `There can be no sound: ${configuration.reason}`);
    const server = await findSoundServer(surroundings);
    const cookie = await cookieFor(server, surroundings);
    // The user's own cookie stays here: the session gets one that is worth nothing elsewhere, and it is changed on the way.
    const lent = randomBytes(pulseCookieLength);
    return {
      to: server.to,
      opening: {
        length: greetingLength,
        admit: (first) => {
          const shown = cookieOfGreeting(first);
          return shown && timingSafeEqual(shown, lent) ? greetingWith(first, cookie) : undefined;
        },
      },
      files: [
        { name: clientConfigurationName, content: Buffer.from(configuration.text) },
        { name: clientCookieName, content: lent },
      ],
    };
  },
});

export const sound: Rider = soundOf();

async function cookieFor(server: SoundServer, surroundings: SoundSurroundings): Promise<Buffer> {
  const found = await findSoundCookie(surroundings);
  if (found.ok) return found.cookie;
  // pipewire-pulse asks for none and makes none. A file there must be all the same: libpulse makes up what is missing.
  if (!server.asksForCookie) return randomBytes(pulseCookieLength);
  throw new X2GoError(
    'sound.missing',
    `The sound server ${server.name} asks for a cookie and none was found: ${found.looked}. ` +
      'Copy the cookie of the user who runs it, or say in PULSE_COOKIE where it is',
  );
}
