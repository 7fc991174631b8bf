import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { X2GoError } from '../errors.js';
import { expandGlob, type GlobBudget } from './sshConfigGlob.js';
import { type ConfigLine, parseConfigLine, shown } from './sshConfigLine.js';

/** A line, and for an Include what stands in the files it names. */
export interface ConfigItem extends ConfigLine {
  readonly included: readonly (readonly ConfigItem[])[];
}

/** More than any configuration written by hand. */
const limits = { fileBytes: 256 * 1024, allBytes: 1024 * 1024, files: 256, depth: 16, folders: 1_000 };

export interface ConfigSource {
  readonly file: string;
  /** The user's own: ~/ may stand in its Includes, and relative ones are in ~/.ssh. Else they are in /etc/ssh. */
  readonly isUsers: boolean;
  /** Whether it is an error where it does not exist. */
  readonly isWanted: boolean;
  /** Whether others may not be able to write it. */
  readonly isGuarded: boolean;
}

/** What is left of the limits. */
interface Budget extends GlobBudget {
  bytes: number;
  files: number;
}

interface Place {
  readonly home: string;
  readonly isUsers: boolean;
  readonly budget: Budget;
  /** The files that are being read, outermost first. */
  readonly above: readonly string[];
}

/** Reads a file and all that it includes. Throws file.unreadable or config.invalid. */
export async function readConfigFile(source: ConfigSource, home: string): Promise<readonly ConfigItem[]> {
  const budget = { bytes: limits.allBytes, files: limits.files, folders: limits.folders };
  const { file, isUsers, isGuarded, isWanted } = source;
  const items = await readItems(file, isGuarded, { home, isUsers, budget, above: [] });
  if (items === undefined && isWanted) throw unreadable(file, 'it does not exist');
  return items ?? [];
}

async function readItems(
  file: string,
  isGuarded: boolean,
  place: Place,
): Promise<readonly ConfigItem[] | undefined> {
  if (place.above.length >= limits.depth) throw invalid(file, `Includes are ${limits.depth} deep`);
  const real = await realpath(file).catch(() => file);
  if (place.above.includes(real)) throw invalid(file, 'it includes itself');
  place.budget.files -= 1;
  if (place.budget.files < 0) throw invalid(file, `more than ${limits.files} files are included`);
  const text = await readText(file, isGuarded, place.budget);
  if (text === undefined) return undefined;
  const items: ConfigItem[] = [];
  for (const [index, row] of text.split('\n').entries()) {
    const line = parseConfigLine(row, file, index + 1);
    if (line === undefined) continue;
    if ('reason' in line) throw invalid(file, line.reason, index + 1);
    const inner = { ...place, above: [...place.above, real] };
    items.push({ ...line, included: line.keyword === 'include' ? await readIncluded(line, inner) : [] });
  }
  return items;
}

async function readIncluded(line: ConfigLine, place: Place): Promise<(readonly ConfigItem[])[]> {
  const found: (readonly ConfigItem[])[] = [];
  for (const word of line.words) {
    const pattern = anchored(word, place);
    if (pattern === undefined) throw invalid(line.file, `cannot include ${shown(word)}`, line.line);
    const files = await expandGlob(pattern, place.budget);
    if (files === undefined) {
      throw invalid(line.file, `${shown(word)} is in more than ${limits.folders} folders`, line.line);
    }
    for (const file of files) {
      const items = await readItems(file, true, place);
      if (items !== undefined) found.push(items);
    }
  }
  return found;
}

function anchored(word: string, { home, isUsers }: Place): string | undefined {
  if (word === '' || (word.startsWith('~') && !(isUsers && word.startsWith('~/')))) return undefined;
  if (word.startsWith('~/')) return join(home, word.slice(2));
  if (isAbsolute(word)) return word;
  return isUsers ? join(home, '.ssh', word) : join('/etc/ssh', word);
}

/** Undefined where there is no such file. */
async function readText(file: string, isGuarded: boolean, budget: Budget): Promise<string | undefined> {
  if (file === '/dev/null') return '';
  // A pipe would keep us waiting for its writer.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
      throw unreadable(file, cause.message, cause);
    },
  );
  if (handle === undefined) return undefined;
  try {
    const { size, mode, uid } = await handle.stat().then((stat) => {
      if (!stat.isFile()) throw unreadable(file, 'it is no file');
      return stat;
    });
    const ours = process.getuid?.();
    const isOthers = ours !== undefined && ((uid !== 0 && uid !== ours) || (mode & 0o022) !== 0);
    if (isGuarded && isOthers) throw invalid(file, 'others may write it: chmod go-w, or check its owner');
    if (size > limits.fileBytes) throw invalid(file, `it is longer than ${limits.fileBytes / 1024} KiB`);
    const buffer = Buffer.alloc(limits.fileBytes + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    budget.bytes -= bytesRead;
    if (budget.bytes < 0)
      throw invalid(file, `all files together are longer than ${limits.allBytes / 1024} KiB`);
    const text = buffer.toString('utf8', 0, bytesRead);
    if (text.includes('\0')) throw invalid(file, 'it is no text');
    return text;
  } catch (cause) {
    throw cause instanceof X2GoError ? cause : unreadable(file, (cause as Error).message, cause);
  } finally {
    await handle.close();
  }
}

export const invalid = (file: string, why: string, line?: number) =>
  new X2GoError('config.invalid', `${file}${line === undefined ? '' : `, line ${line}`}: ${why}`);

const unreadable = (file: string, why: string, cause?: unknown) =>
  new X2GoError('file.unreadable', `Cannot read ${file}: ${why}`, { cause });
