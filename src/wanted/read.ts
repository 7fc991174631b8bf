import { resolve } from 'node:path';
import { X2GoError } from '../errors.js';
import { readSmallFile } from '../profiles/smallFile.js';
import { type Declarations, readDeclarations } from './declarations.js';
import { Fault, placeIn } from './placed.js';

/** A file of declared sessions. */
export interface WantedFile extends Declarations {
  /** An absolute path. */
  readonly file: string;
  /** What is wrong with a place in it, to be thrown: config.invalid. */
  fault(at: number, reason: string): X2GoError;
}

/** A kibibyte for each of the most sessions there may be. */
const longest = 256 * 1024;

/** Reads it whole. Throws file.unreadable, or config.invalid that begins with `FILE:LINE:COLUMN: `. A retry does not help. */
export async function readWanted(path: string): Promise<WantedFile> {
  const file = resolve(path);
  const bytes = await readSmallFile(file, longest).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new X2GoError(
      'file.unreadable',
      `Cannot read the wanted sessions in ${path}: ${why}. Check the path`,
      {
        cause,
      },
    );
  });
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  const fault = (at: number, reason: string) => {
    const { line, column } = placeIn(text, at);
    return new X2GoError('config.invalid', `${path}:${line}:${column}: ${reason}`);
  };
  if (!isUtf8(bytes)) throw fault(Math.max(0, text.indexOf('\ufffd')), 'this is not UTF-8');
  const read = readDeclarations(text);
  if (read instanceof Fault) throw fault(read.at, read.reason);
  return { ...read, file, fault };
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
