import { pulseCookieLength } from './pulse.js';

/** A packet's descriptor, then `L` command, `L` tag, `L` version, `x` length, and the cookie. */
const descriptorLength = 20;
const cookieAt = descriptorLength + 4 * 5;
/** How many bytes of a connection hold the greeting of a PulseAudio client up to its cookie. */
export const greetingLength = cookieAt + pulseCookieLength;

/** The cookie that a PulseAudio client shows with its first packet; undefined when that is none. */
export function cookieOfGreeting(bytes: Buffer): Buffer | undefined {
  if (bytes.length < greetingLength) return undefined;
  const control =
    bytes.readUInt32BE(4) === 0xffffffff && bytes.subarray(8, descriptorLength).every((b) => b === 0);
  const tags = String.fromCharCode(...[20, 25, 30, 35].map((at) => bytes[at] ?? 0));
  const authenticates = bytes.readUInt32BE(21) === 8 && bytes.readUInt32BE(36) === pulseCookieLength;
  const whole = bytes.readUInt32BE(0) >= greetingLength - descriptorLength;
  return control && tags === 'LLLx' && authenticates && whole
    ? bytes.subarray(cookieAt, greetingLength)
    : undefined;
}

/** The greeting with another cookie: the one that leaves this machine need not be the user's own. */
export function greetingWith(bytes: Buffer, cookie: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, cookieAt), cookie, bytes.subarray(greetingLength)]);
}
