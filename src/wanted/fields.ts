import { Fault, type Member, type Placed } from './placed.js';

/** Says what a value is, or throws a Fault that says what it must be. */
export type Field<T> = (value: Placed) => T;

export const text =
  (longest = 4_096): Field<string> =>
  (placed) => {
    const value = plain(placed);
    const isText = typeof value === 'string' && value !== '' && value.length <= longest;
    if (isText && !/[\x00-\x1f\x7f]/.test(value)) return value;
    throw must(placed, `be a text of 1 to ${longest} characters, none of them a control character`);
  };

export const matching =
  (pattern: RegExp, what: string): Field<string> =>
  (placed) => {
    const value = plain(placed);
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw must(placed, `be ${what}`);
  };

export const flag: Field<boolean> = (placed) => {
  const value = plain(placed);
  if (typeof value === 'boolean') return value;
  throw must(placed, 'be true or false');
};

export const whole =
  (from: number, to: number): Field<number> =>
  (placed) => {
    const value = plain(placed);
    if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value;
    throw must(placed, `be a whole number from ${from} to ${to}`);
  };

export const oneOf =
  <const Word extends string>(words: readonly Word[]): Field<Word> =>
  (placed) => {
    const found = words.find((one) => one === plain(placed));
    if (found !== undefined) return found;
    throw must(placed, `be ${words.map((one) => JSON.stringify(one)).join(' or ')}`);
  };

type Fields<T> = { readonly [Name in keyof T]-?: Field<Exclude<T[Name], undefined>> };

/** An object of these fields and no others; those that are named last may not be missing. */
export const object =
  <T extends object>(fields: Fields<T>, ...required: readonly (keyof T & string)[]): Field<T> =>
  (placed) => {
    const read: Partial<Record<string, unknown>> = {};
    for (const { name, at, value } of membersOf(placed)) {
      if (!Object.hasOwn(fields, name)) {
        const known = Object.keys(fields).join(', ');
        throw new Fault(at, `${shown(name)} is not known here; known are ${known}`);
      }
      read[name] = (fields[name as keyof T] as Field<unknown>)(value);
    }
    const missing = required.find((name) => !Object.hasOwn(read, name));
    if (missing !== undefined) throw new Fault(placed.at, `${JSON.stringify(missing)} is missing here`);
    return read as T;
  };

export const listOf =
  <T>(item: Field<T>, fewest: number, most: number): Field<readonly T[]> =>
  (placed) => {
    if (placed.is !== 'list') throw must(placed, 'be a list');
    const { length } = placed.items;
    if (length < fewest || length > most)
      throw new Fault(placed.at, `a list of ${fewest} to ${most} is wanted here, not of ${length}`);
    return placed.items.map(item);
  };

/** Throws a Fault where it is no object. */
export function membersOf(placed: Placed): readonly Member[] {
  if (placed.is === 'object') return placed.members;
  throw must(placed, 'be an object');
}

/** Where a member's value is; where the object is, when it has no such member. */
export const placeOf = (placed: Placed, name: string): number =>
  (placed.is === 'object' ? placed.members.find((one) => one.name === name)?.value.at : undefined) ??
  placed.at;

const plain = (placed: Placed) => (placed.is === 'value' ? placed.value : undefined);

function must(placed: Placed, what: string): Fault {
  const found =
    placed.is === 'value' ? shown(placed.value) : { object: 'an object', list: 'a list' }[placed.is];
  return new Fault(placed.at, `this must ${what}, not ${found}`);
}

function shown(value: unknown): string {
  const all = JSON.stringify(value);
  return all.length > 60 ? `${all.slice(0, 60)}...` : all;
}
