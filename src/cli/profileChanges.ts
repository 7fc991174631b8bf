import { X2GoError } from '../errors.js';
import { editSessions, withValues } from '../profiles/editSessions.js';
import type { IniDocument } from '../profiles/iniDocument.js';
import { bookOf, freshId, readProfileBook } from '../profiles/profileBook.js';
import { userFile } from '../profiles/readSessions.js';
import { isSessionKey, type SessionKey, wantedOf } from '../profiles/sessionKeys.js';
import { clean } from '../protocol/text.js';
import { type Context, done, type Outcome } from './command.js';
import type { EditProfileOptions } from './profileCommands.js';
import { unknownProfile } from './profiles.js';
import { record } from './records.js';

type Change = 'add' | 'edit' | 'remove';
type Values = Readonly<Record<string, string | undefined>>;
const did = { add: 'added', edit: 'changed', remove: 'removed' } as const;

/** Changes one profile of a file, and says what was done. What is there is looked at under the lock. */
export async function changeProfile(
  what: Change,
  word: string,
  options: EditProfileOptions,
  { printer }: Context,
): Promise<Outcome> {
  const file = options.file ?? userFile();
  const values = valuesOf(what, word, options);
  const elsewhere = options.file === undefined ? await readProfileBook() : undefined;
  let id = '';
  let name = word;
  const edited = await editSessions(file, (document) => {
    const book = bookOf([{ file, document }]);
    const found = book.find(word);
    if (what === 'add') {
      if (found !== undefined) throw taken(word, file);
      id = freshId(new Date(), document.sections);
      return withValues(document, id, values);
    }
    if (found === undefined) throw elsewhere?.find(word) ? systemWide(word) : unknownProfile(word, book);
    ({ id } = found);
    name = values.name ?? found.name;
    return what === 'edit' ? withValues(document, id, values) : removed(document, id);
  });
  if (edited.stale !== undefined) printer.say(`x2go-guardian: ${clean(edited.stale)}`);
  const how = edited.changed ? did[what] : 'unchanged';
  const { backup = null } = edited;
  if (options.json)
    printer.printJson(record('profile.changed', { profile: name || id, id, how, file: edited.file, backup }));
  else if (!options.quiet) printer.print(`${clean(name || id)}: ${how} (${id} in ${clean(edited.file)})`);
  return done;
}

const removed = (document: IniDocument, id: string) => document.removeSection(id);

/** What is to be written. Throws usage.invalid for a key that nobody knows, or a value that is none. */
function valuesOf(what: Change, word: string, { set, unset, name }: EditProfileOptions): Values {
  const values: Record<string, string | undefined> = {};
  for (const key of unset) values[knownKey(key)] = undefined;
  for (const { key, value } of set) values[knownKey(key)] = value;
  // x2goclient 4.1.2 shows a profile that has no size as 0x0 (seen).
  if (what === 'add') Object.assign(values, { name: word, width: '800', height: '600', ...values });
  if (name !== undefined) values.name = name;
  for (const [key, value] of Object.entries(values)) {
    const wanted = value === undefined ? undefined : wantedOf(knownKey(key), value);
    if (wanted !== undefined)
      throw new X2GoError('usage.invalid', `${key} must be ${wanted}, not ${JSON.stringify(value)}`);
  }
  if (what === 'edit' && Object.keys(values).length === 0)
    throw new X2GoError('usage.invalid', 'What is to be changed is not said: give --set, --unset or --name');
  if (what === 'add' && !values.host)
    throw new X2GoError('usage.invalid', 'Where the profile leads is not said: give --set host=NAME');
  return values;
}

function knownKey(key: string): SessionKey {
  if (isSessionKey(key)) return key;
  throw new X2GoError('usage.invalid', `${JSON.stringify(key)} is no key of a session profile`);
}

const taken = (word: string, file: string) =>
  new X2GoError('profile.duplicate', `There is a profile ${JSON.stringify(word)} in ${file} already`);
const systemWide = (word: string) =>
  new X2GoError(
    'file.unwritable',
    `The profile ${JSON.stringify(word)} is one of all users of this machine. Name its file with --file to change it for all`,
  );
