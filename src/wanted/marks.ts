import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Profile, SessionId } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';
import {
  codeOf,
  makeFolder,
  messageOf,
  readOurs,
  remove,
  stateFolder,
  writeWhole,
} from '../journal/files.js';
import { holdFile, take } from '../journal/holds.js';
import { ourselves } from '../journal/owner.js';
import { processesIn } from '../journal/processes.js';
import { isSessionId } from '../protocol/sessionName.js';
import type { Mark } from './model.js';

const fileName = /^wanted-[0-9a-f]{32}\.json$/;

/**
 * Which session each declared name came to be, one small file each: by it the next run, another process and the next boot
 * know it again. A name belongs to a user on a server, whatever the profile is called.
 */
export class Marks {
  readonly #folder: string;

  /** @param folder @default where the journal is: $XDG_STATE_HOME/x2go-guardian */
  constructor(folder: string = stateFolder()) {
    this.#folder = folder;
  }

  /** Throws file.unreadable: without it a session would be started a second time. */
  of(profile: Profile): readonly Mark[] {
    const place = placeOf(profile);
    return this.#names().flatMap((name) => {
      const mark = this.#read(join(this.#folder, name));
      return mark === undefined || mark.place !== place ? [] : [mark];
    });
  }

  /** Throws file.unwritable. */
  put(profile: Profile, { name, session, file }: Mark): void {
    const text = JSON.stringify({ v: 1, place: placeOf(profile), name, session, file });
    this.#attempt(() => {
      makeFolder(this.#folder);
      writeWhole(this.#path(profile, name), `${text}\n`);
    });
  }

  drop(profile: Profile, name: string): void {
    remove(this.#path(profile, name));
  }

  /** For the time of one change, against other processes of this user. Undefined: another one has it. Throws file.unwritable. */
  hold(profile: Profile, name: string): (() => void) | undefined {
    const processes = processesIn();
    const us = ourselves(processes);
    return this.#attempt(() => {
      makeFolder(this.#folder);
      return take(holdFile(this.#folder, `wanted ${placeOf(profile)} ${name}`, us), us, processes);
    });
  }

  #path(profile: Profile, name: string): string {
    const key = createHash('sha256')
      .update(`${placeOf(profile)}\n${name}`)
      .digest('hex')
      .slice(0, 32);
    return join(this.#folder, `wanted-${key}.json`);
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder)
        .filter((name) => fileName.test(name))
        .sort();
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return [];
      throw unreadable(this.#folder, messageOf(cause), cause);
    }
  }

  #read(path: string): (Mark & { readonly place: string }) | undefined {
    const contents = readOurs(path);
    if (!contents.ok) {
      if (contents.missing) return undefined;
      throw unreadable(path, contents.reason);
    }
    const mark = markIn(contents.text);
    if (mark === undefined) throw unreadable(path, 'it is not understood');
    return mark;
  }

  #attempt<T>(write: () => T): T {
    try {
      return write();
    } catch (cause) {
      const why = `Which sessions are the wanted ones cannot be noted in ${this.#folder}: ${messageOf(cause)}`;
      throw new X2GoError('file.unwritable', why, { cause });
    }
  }
}

const placeOf = ({ user, host, port = 22 }: Profile): string => `${user}@${host}:${port}`;

function markIn(text: string): (Mark & { readonly place: string }) | undefined {
  const { v, place, name, session, file } = fieldsOf(text);
  if (v !== 1 || !isText(place) || !isText(name) || !isText(file)) return undefined;
  const isName = isText(session) && isSessionId(session);
  return isName ? { place, name, session: session as SessionId, file } : undefined;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const unreadable = (path: string, why: string, cause?: unknown) =>
  new X2GoError(
    'file.unreadable',
    `Which sessions are the wanted ones is not known: ${path}: ${why}. Remove the file, if its sessions are not wanted`,
    { cause },
  );
