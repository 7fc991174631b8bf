import { X2GoError } from '../errors.js';
import { clean } from '../protocol/text.js';
import { IniDocument } from './iniDocument.js';
import { topLevel } from './iniLines.js';
import { readSessionsFile, usualFiles } from './readSessions.js';
import { type Layer, type SessionProfile, sessionProfile } from './sessionProfile.js';

const mostProfiles = 10_000;

/** All profiles of x2goclient's files, and by what word each is meant. */
export class ProfileBook {
  /** In the order of the files, the user's own last. */
  readonly profiles: readonly SessionProfile[];
  readonly #names = new Map<string, number>();

  constructor(profiles: readonly SessionProfile[]) {
    this.profiles = profiles;
    for (const { name } of profiles) this.#names.set(name, (this.#names.get(name) ?? 0) + 1);
  }

  /** Its name, where no other profile has it as name or id; else its id. */
  wordFor({ id, name }: SessionProfile): string {
    const isOthers = this.profiles.some((one) => one.id === name && one.id !== id);
    return name === '' || isOthers || this.#names.get(name) !== 1 ? id : name;
  }

  /** By id, or by a name that only one has. Throws profile.unknown where several have it. */
  find(word: string): SessionProfile | undefined {
    const byId = this.profiles.find(({ id }) => id === word);
    if (byId !== undefined || word === '') return byId;
    const named = this.profiles.filter(({ name }) => name === word);
    if (named.length < 2) return named[0];
    const ids = named.map(({ id }) => id).join(', ');
    throw new X2GoError(
      'profile.unknown',
      `${named.length} profiles are named ${JSON.stringify(word)}. Say which by its id: ${ids}`,
    );
  }
}

/** Reads the files, those that are there. Reading changes nothing. Throws file.unreadable or config.invalid. */
export async function readProfileBook(files: readonly string[] = usualFiles()): Promise<ProfileBook> {
  const found: FileOfProfiles[] = [];
  for (const file of files) {
    const bytes = await readSessionsFile(file);
    if (bytes !== undefined) found.push({ file, document: IniDocument.parse(bytes) });
  }
  return bookOf(found);
}

interface FileOfProfiles {
  readonly file: string;
  readonly document: IniDocument;
}

/** Throws config.invalid where there are too many. */
export function bookOf(files: readonly FileOfProfiles[]): ProfileBook {
  const layers = new Map<string, Layer[]>();
  for (const { file, document } of files) {
    for (const [id, values] of document.values()) {
      if (id === topLevel || !isUsableId(id)) continue;
      layers.set(id, [...(layers.get(id) ?? []), { file, values }]);
    }
    if (layers.size > mostProfiles)
      throw new X2GoError('config.invalid', `${file}: there are more than ${mostProfiles} profiles in it`);
  }
  return new ProfileBook([...layers].map(([id, own]) => sessionProfile(id, own)));
}

/** As x2goclient makes them: the time, to the millisecond. */
export function freshId(now: Date, taken: readonly string[]): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const id = `${day}${time}${String(now.getMilliseconds()).padStart(3, '0')}`;
  return taken.includes(id) ? freshId(new Date(now.getTime() + 1), taken) : id;
}

/** A section whose name a terminal must not see is nobody's profile. */
const isUsableId = (id: string): boolean => id.length <= 200 && id.trim() === id && clean(id) === id;
