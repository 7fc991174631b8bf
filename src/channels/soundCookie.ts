import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { pulseCookieLength } from '../protocol/pulse.js';
import type { SoundSurroundings } from './soundSurroundings.js';

export type FoundCookie =
  | { readonly ok: true; readonly cookie: Buffer }
  /** Where it was looked for, and why each was none. */
  | { readonly ok: false; readonly looked: string };

/** The user's PulseAudio cookie, from the first place that has one. Never rejects; the reasons hold nothing of it. */
export async function findSoundCookie({ variables, home }: SoundSurroundings): Promise<FoundCookie> {
  const { PULSE_COOKIE, XDG_CONFIG_HOME } = variables;
  const files = [
    ...(PULSE_COOKIE ? [PULSE_COOKIE] : []),
    `${XDG_CONFIG_HOME || `${home}/.config`}/pulse/cookie`,
    `${home}/.pulse-cookie`,
  ];
  const looked: string[] = [];
  for (const file of files) {
    try {
      return { ok: true, cookie: await readCookie(file) };
    } catch (cause) {
      looked.push(`${file} (${explain(cause)})`);
    }
  }
  return { ok: false, looked: looked.join(', ') };
}

/** Exactly the bytes of a cookie from a regular file: its content leaves this machine, so nothing else may be read. */
async function readCookie(path: string): Promise<Buffer> {
  // A pipe without a writer must not hold us up.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Error('it is no regular file');
    const { bytesRead, buffer } = await file.read(
      Buffer.alloc(pulseCookieLength + 1),
      0,
      pulseCookieLength + 1,
      0,
    );
    if (bytesRead !== pulseCookieLength)
      throw new Error(`it does not hold ${pulseCookieLength} bytes, as a cookie does`);
    return buffer.subarray(0, pulseCookieLength);
  } finally {
    await file.close();
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is none',
  ENOTDIR: 'there is none',
  EACCES: 'it cannot be read',
  ELOOP: 'it is a link',
  ENXIO: 'it is no regular file',
};

function explain(cause: unknown): string {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return reasons[code] ?? message;
}
