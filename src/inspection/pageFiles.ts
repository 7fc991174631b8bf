import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { X2GoError } from '../errors.js';

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** All that can be served, by its path: what is not read here cannot be asked for. */
export function readPageFiles(folder: string): ReadonlyMap<string, PageFile> {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const known = names.filter((name) => types[extname(name)] !== undefined);
    const files = known.map(
      (name) => [`/${name.replaceAll('\\', '/')}`, fileAt(join(folder, name))] as const,
    );
    return new Map(files);
  } catch (cause) {
    throw new X2GoError(
      'file.unreadable',
      `The live page is not there: ${folder}. Build it with: npm run build`,
      { cause },
    );
  }
}

const fileAt = (path: string): PageFile => ({ type: types[extname(path)] ?? '', body: readFileSync(path) });
