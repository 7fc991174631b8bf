import { createHmac, randomBytes } from 'node:crypto';
import { lowerAscii, matchesList } from '../protocol/wildcards.js';

/** The first field of a known_hosts line: a list of patterns, or the hash of one name. */

/** The name ssh looks a host up by: bare on port 22, `[name]:port` on any other; ASCII lower case. */
export function lookupName(host: string, port: number): string {
  const name = lowerAscii(host);
  return port === 22 ? name : `[${name}]:${port}`;
}

export const isHashed = (hosts: string) => hosts.startsWith('|');

/** What is wrong with a hosts field, if anything. A pattern list is never wrong. */
export function hostsFault(hosts: string): string | undefined {
  return isHashed(hosts) && saltOf(hosts) === undefined ? 'bad host hash' : undefined;
}

/** Whether a hosts field means this name (from lookupName). One matching `!pattern` outweighs all others. */
export function matchesHosts(name: string, hosts: string): boolean {
  if (isHashed(hosts)) {
    const salt = saltOf(hosts);
    return salt !== undefined && hosts === hashWith(salt, name);
  }
  return matchesList(name, lowerAscii(hosts));
}

/** Whether a name, written into a file as it is, is read back as that name. */
export const isPlainName = (name: string) => /^[a-z0-9[_:][a-z0-9._:[\]%-]*$/.test(name);

/** A name as HashKnownHosts writes it. */
export function hashName(name: string): string {
  return hashWith(randomBytes(20), name);
}

function hashWith(salt: Buffer, name: string): string {
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

function saltOf(hosts: string): Buffer | undefined {
  const text = /^\|1\|([^|]*)\|/.exec(hosts)?.[1];
  const salt = text === undefined ? undefined : decodeBase64(text);
  return salt?.length === 20 ? salt : undefined;
}

/** Strict base64 as OpenSSH reads it: padded, no stray characters or bits; white space is skipped. */
export function decodeBase64(text: string): Buffer | undefined {
  const bare = text.replace(/[\r\v\f]/g, '');
  const bytes = Buffer.from(bare, 'base64');
  return bytes.toString('base64') === bare ? bytes : undefined;
}
