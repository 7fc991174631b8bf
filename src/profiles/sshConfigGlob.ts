import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What an Include may have us look through. */
export interface GlobBudget {
  folders: number;
}

type Piece = '*' | { readonly test: (char: string) => boolean };

/** The files that a pattern of glob(3) means, in its order. A pattern without wildcards is a path, there or not. Undefined: too many folders. */
export async function expandGlob(pattern: string, budget: GlobBudget): Promise<string[] | undefined> {
  const parts = pattern.split('/').filter((part) => part !== '');
  let found = ['/'];
  for (const [index, part] of parts.entries()) {
    if (!/[*?[]/.test(part)) {
      found = found.map((folder) => join(folder, part.replace(/\\(.)/g, '$1')));
      continue;
    }
    const isLast = index === parts.length - 1;
    const next: string[] = [];
    for (const folder of found) {
      budget.folders -= 1;
      if (budget.folders < 0) return undefined;
      const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
      const names = entries.filter((entry) => isLast || !entry.isFile()).map(({ name }) => name);
      next.push(...names.filter((name) => matchesName(name, part)).map((name) => join(folder, name)));
    }
    found = next.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }
  return found;
}

/** A leading dot is only matched by a dot. */
export function matchesName(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  const pieces = piecesOf(pattern);
  const chars = [...name];
  let at = 0;
  let p = 0;
  let star = -1;
  let resume = 0;
  while (at < chars.length) {
    const piece = pieces[p];
    if (piece === '*') {
      star = p++;
      resume = at;
    } else if (piece?.test(chars[at] ?? '')) {
      p++;
      at++;
    } else if (star >= 0) {
      p = star + 1;
      at = ++resume;
    } else return false;
  }
  while (pieces[p] === '*') p++;
  return p === pieces.length;
}

function piecesOf(pattern: string): Piece[] {
  const token = /\\(.)|\*|\?|\[([!^]?)(\]?[^\]]*)\]|(.)/gsu;
  return [...pattern.matchAll(token)].map(([whole, escaped, not, set, char]): Piece => {
    if (whole === '*') return '*';
    if (whole === '?') return { test: () => true };
    if (set !== undefined) {
      const isIn = inSet(set);
      return { test: (one) => isIn(one) === (not === '') };
    }
    const literal = escaped ?? char;
    return { test: (one) => one === literal };
  });
}

function inSet(set: string): (char: string) => boolean {
  const ranges = [...set.matchAll(/(.)-(.)|(.)/gsu)].map(([, from, to, one]) => [from ?? one, to ?? one]);
  return (char) => ranges.some(([from = '', to = '']) => char >= from && char <= to);
}
