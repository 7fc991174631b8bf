/** Every call in src that gives something back (a timer, an ear, a socket, a child, a file), to be left out one at a time. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor } from 'rolldown/utils';

const root = new URL('../../', import.meta.url).pathname;

/** Those of them that answer with a promise where they stand alone. */
const promised = ['rm', 'rmdir', 'unlink'];
/** As Node, the web and our own code have them. */
const givesBack = new Set(
  [
    'abort cancel clearInterval clearTimeout close closeSync destroy destroySoon end kill off removeAllListeners',
    'removeEventListener rmSync rmdirSync terminate unforwardIn',
    '#disarm dispose free give giveBack giveChild giveFolder letGo release remove strike takeAway unhear unwatch',
    '#give #giveBack #release #releaseSignals #shut',
    ...promised,
  ].flatMap((names) => names.split(' ')),
);

/** What the emulator plays happens on its server; of the simulated world nothing is real. */
const isPlayed = (file: string, name: string) =>
  file.startsWith('src/testing/') ||
  (file.startsWith('src/emulator/') &&
    ['cancel', 'end', 'free', 'kill', 'release', 'terminate'].includes(name));

export interface Disposer {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The line that it stands in. */
  readonly text: string;
  /** The whole file without it. */
  readonly without: string;
}

/** What is called so and is something else: a question whether somebody is there, an answer's end, a port that is made, a reason given, a sign of life. */
const isElse = (call: string) =>
  /kill\([^)]*, 0\)$|^response\b.*\.end\(|^release\(world\)$|^give\([^)]|unforwardIn\('127.0.0.1', 0/s.test(
    call,
  );

export function disposersIn(file: string, source: string): Disposer[] {
  const found: Disposer[] = [];
  const visitor = new Visitor({
    CallExpression({ callee, start, end }) {
      const named = callee.type === 'MemberExpression' ? callee.property : callee;
      const name =
        named.type === 'Identifier' ? named.name : named.type === 'PrivateIdentifier' ? `#${named.name}` : '';
      if (!givesBack.has(name) || isPlayed(file, name) || isElse(source.slice(start, end))) return;
      const object = callee.type === 'MemberExpression' ? source.slice(start, callee.object.end) : '';
      const isAwaited = promised.includes(name) || /^\s*\.(catch|then|finally)\(/.test(source.slice(end));
      const instead = isAwaited ? 'Promise.resolve()' : object === '' ? 'undefined' : object;
      const lines = source.slice(0, end).split('\n');
      found.push({
        file,
        line: lines.length,
        text: source.split('\n')[lines.length - 1]?.trim() ?? '',
        without: source.slice(0, start) + instead + source.slice(end),
      });
    },
  });
  visitor.visit(parseSync(file, source).program);
  return found;
}

/** In the order of the files. */
export function everyDisposer(): Disposer[] {
  const files = ['machines', 'src'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  );
  return files.sort().flatMap((file) => disposersIn(file, readFileSync(join(root, file), 'utf8')));
}
