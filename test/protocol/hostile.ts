import { everyFixture } from './fixtures.js';

/** Reproducible chance (mulberry32). */
export function chance(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number) => next() % limit;
  const one = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  return { below, one };
}
type Chance = ReturnType<typeof chance>;

const nasty = [
  ...'|\n\r\0\t\x1b\x9b\x7f\u202e\u2028\ufeff @:-_./\\\'"$`;%*0179aRSFTPDK',
  '\ud800',
  '\udc00',
  '👩',
  '__proto__',
  'constructor',
  'toString',
  '||',
  '\x1b[31m',
  '\x1b]0;',
  '-1',
  '0',
  '65536',
  '99999999999999999999',
  '1e309',
  'NaN',
  '../..',
  '_st',
  '_dp24',
  'XSHAD',
  'XSHADPP',
  '-50-1795371132',
  'ff4d45d89aecbaec08fc11380afc4ab8',
];

const anyCharacter = ({ below, one }: Chance) => {
  const kind = below(4);
  if (kind === 0) return one(nasty);
  if (kind === 1) return String.fromCharCode(below(0x100));
  if (kind === 2) return String.fromCharCode(below(0x10000));
  return String.fromCodePoint(below(0x110000));
};

const noise = (dice: Chance, longest: number) =>
  Array.from({ length: dice.below(longest) }, () => anyCharacter(dice)).join('');

function mutate(dice: Chance, line: string): string {
  const at = dice.below(line.length + 1);
  const to = Math.min(line.length, at + dice.below(8));
  switch (dice.below(7)) {
    case 0:
      return line.slice(0, at) + line.slice(to);
    case 1:
      return line.slice(0, at) + anyCharacter(dice) + line.slice(at);
    case 2:
      return line.slice(0, at) + anyCharacter(dice) + line.slice(at + 1);
    case 3:
      return line.slice(0, at) + line.slice(at, to).repeat(dice.below(4)) + line.slice(to);
    case 4:
      return line.slice(0, at) + dice.below(10) + line.slice(at + 1);
    case 5: {
      const fields = line.split('|');
      fields[dice.below(fields.length)] = dice.below(2) === 0 ? dice.one(nasty) : dice.one(line.split('|'));
      return fields.join('|');
    }
    default:
      return line;
  }
}

const capturedLines = everyFixture()
  .flatMap(([, text]) => text.split('\n'))
  .filter((line) => line !== '');

/** Around 100 KB of one thing. Seldom: one in a thousand. */
const huge = (dice: Chance, seeds: readonly string[]) => {
  const piece = dice.one([...nasty, ...seeds, noise(dice, 20) || 'x']);
  return (
    dice.one(['', dice.one(seeds)]) + piece.repeat(100_000 / piece.length) + dice.one(['', dice.one(seeds)])
  );
};

/** Something a broken or hostile server might say where one of `seeds` is expected. */
export function hostileText(dice: Chance, seeds: readonly string[]): string {
  if (dice.below(1_000) === 0) return huge(dice, seeds);
  switch (dice.below(10)) {
    case 0:
      return noise(dice, 60);
    case 1:
      return `__proto__${dice.one([': 1', '|', '@:1', '', '\n'])}${noise(dice, 5)}`;
    case 2:
      return mutate(dice, dice.one(capturedLines));
    case 3:
      return Array.from({ length: dice.below(4) }, () => mutate(dice, dice.one(seeds))).join('\n');
    default: {
      let line = dice.one(seeds);
      for (let rounds = dice.below(4); rounds >= 0; rounds -= 1) line = mutate(dice, line);
      return line;
    }
  }
}
