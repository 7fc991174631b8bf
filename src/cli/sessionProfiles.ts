import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Hop } from '../../machines/vocabulary.js';
import { checkProfile } from '../checkProfile.js';
import { toFailure, X2GoError } from '../errors.js';
import { ProfileBook, readProfileBook } from '../profiles/profileBook.js';
import { type ProxyHop, type ResolvedProfile, resolve } from '../profiles/resolved.js';
import type { SessionProfile } from '../profiles/sessionProfile.js';
import type { Chosen } from './chosen.js';
import type { ProfileFailure } from './records.js';
import type { SshAccess } from './sshConfig.js';

/** The profiles of x2goclient's files, as a command meets them. */
export interface SessionProfiles {
  /** Undefined: no profile has this name or id. Throws profile.unknown, config.invalid, file.unreadable. */
  find(word: string, localUser: () => string): Chosen | undefined;
  /** Those that can be used, and why the others cannot. */
  all(localUser: () => string): {
    readonly chosen: readonly Chosen[];
    readonly left: readonly ProfileFailure[];
  };
  /** Whether a word is the name or the id of one. Never throws. */
  has(word: string): boolean;
}

/** A file that cannot be read is told when a profile of it may be meant: `user@host` needs none. */
export async function sessionProfiles(): Promise<SessionProfiles> {
  let trouble: unknown;
  const book = await readProfileBook().catch((cause: unknown) => {
    trouble = cause;
    return new ProfileBook([]);
  });
  return {
    find(word, localUser) {
      if (trouble !== undefined && !/[@:.]/.test(word)) throw trouble;
      const found = book.find(word);
      return found === undefined ? undefined : chosenFrom(found, book.wordFor(found), localUser);
    },
    all(localUser) {
      if (trouble !== undefined) throw trouble;
      const chosen: Chosen[] = [];
      const left: ProfileFailure[] = [];
      for (const profile of book.profiles) {
        const word = book.wordFor(profile);
        try {
          chosen.push(chosenFrom(profile, word, localUser));
        } catch (cause) {
          left.push({ profile: word, failure: toFailure(cause) });
        }
      }
      return { chosen, left };
    },
    has: (word) => book.profiles.some(({ id, name }) => word !== '' && (id === word || name === word)),
  };
}

/** What `resolve` makes of it. Throws config.invalid. */
export function resolved(profile: SessionProfile, word: string): ResolvedProfile {
  const resolution = resolve(profile);
  if (resolution.ok) return resolution.profile;
  throw new X2GoError(
    'config.invalid',
    `The profile ${JSON.stringify(word)} cannot be used: ${resolution.reason}. Mend it in ${profile.file}`,
  );
}

function chosenFrom(profile: SessionProfile, word: string, localUser: () => string): Chosen {
  const session = resolved(profile, word);
  const { host, port, user = localUser(), keyFile, proxy } = session;
  return {
    profile: checkProfile({
      id: word,
      host,
      user,
      port,
      ...(proxy === undefined ? {} : { via: [hopOf(proxy, user, localUser)] }),
    }),
    ...(proxy === undefined ? {} : { hops: [accessTo(proxy, keyFile)] }),
    ...(keyFile === undefined ? {} : { identity: pathOf(keyFile) }),
    session,
  };
}

function hopOf({ type, host, port, user, sameUser }: ProxyHop, target: string, localUser: () => string): Hop {
  const name = sameUser ? target : user;
  if (type === 'http') return { kind: 'http', host, port, ...(name === undefined ? {} : { user: name }) };
  return { host, port, user: name ?? localUser() };
}

/** Its own key, or the server's where both are the same; else the usual ones. */
function accessTo({ keyFile, sameKey, samePassword }: ProxyHop, ofServer: string | undefined): SshAccess {
  const file = sameKey ? ofServer : keyFile;
  return {
    notices: [],
    identitiesOnly: false,
    samePassword,
    ...(file === undefined ? {} : { identityFiles: [pathOf(file)] }),
  };
}

const pathOf = (path: string) => (path.startsWith('~/') ? join(homedir(), path.slice(2)) : path);
