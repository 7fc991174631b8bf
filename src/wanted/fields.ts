import { Fault, type Json, type Member } from './json.js';

/** Says what a value is, or throws a Fault that says what it must be. */
export type Field<T> = (value: Json) => T;

export const text =
  (longest = 4_096): Field<string> =>
  (json) => {
    const value = plain(json);
    const isText = typeof value === 'string' && value !== '' && value.length <= longest;
    if (isText && !/[\x00-\x1f\x7f]/.test(value)) return value;
    throw must(json, `be a text of 1 to ${longest} characters, none of them a control character`);
  };

export const matching =
  (pattern: RegExp, what: string): Field<string> =>
  (json) => {
    const value = plain(json);
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw must(json, `be ${what}`);
  };

export const flag: Field<boolean> = (json) => {
  const value = plain(json);
  if (typeof value === 'boolean') return value;
  throw must(json, 'be true or false');
};

export const whole =
  (from: number, to: number): Field<number> =>
  (json) => {
    const value = plain(json);
    if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value;
    throw must(json, `be a whole number from ${from} to ${to}`);
  };

export const oneOf =
  <const Word extends string>(words: readonly Word[]): Field<Word> =>
  (json) => {
    const found = words.find((one) => one === plain(json));
    if (found !== undefined) return found;
    throw must(json, `be ${words.map((one) => JSON.stringify(one)).join(' or ')}`);
  };

type Fields<T> = { readonly [Name in keyof T]-?: Field<Exclude<T[Name], undefined>> };

/** An object of these fields and no others; those that are named last may not be missing. */
export const object =
  <T extends object>(fields: Fields<T>, ...required: readonly (keyof T & string)[]): Field<T> =>
  (json) => {
    const read: Partial<Record<string, unknown>> = {};
    for (const { name, at, value } of membersOf(json)) {
      if (!Object.hasOwn(fields, name)) {
        const known = Object.keys(fields).join(', ');
        throw new Fault(at, `${shown(name)} is not known here; known are ${known}`);
      }
      read[name] = (fields[name as keyof T] as Field<unknown>)(value);
    }
    const missing = required.find((name) => !Object.hasOwn(read, name));
    if (missing !== undefined) throw new Fault(json.at, `${JSON.stringify(missing)} is missing here`);
    return read as T;
  };

export const listOf =
  <T>(item: Field<T>, fewest: number, most: number): Field<readonly T[]> =>
  (json) => {
    if (json.is !== 'list') throw must(json, 'be a list');
    const { length } = json.items;
    if (length < fewest || length > most)
      throw new Fault(json.at, `a list of ${fewest} to ${most} is wanted here, not of ${length}`);
    return json.items.map(item);
  };

/** Throws a Fault where it is no object. */
export function membersOf(json: Json): readonly Member[] {
  if (json.is === 'object') return json.members;
  throw must(json, 'be an object');
}

/** Where a member's value is; where the object is, when it has no such member. */
export const placeOf = (json: Json, name: string): number =>
  (json.is === 'object' ? json.members.find((one) => one.name === name)?.value.at : undefined) ?? json.at;

const plain = (json: Json) => (json.is === 'value' ? json.value : undefined);

function must(json: Json, what: string): Fault {
  const found = json.is === 'value' ? shown(json.value) : { object: 'an object', list: 'a list' }[json.is];
  return new Fault(json.at, `this must ${what}, not ${found}`);
}

function shown(value: unknown): string {
  const all = JSON.stringify(value);
  return all.length > 60 ? `${all.slice(0, 60)}...` : all;
}
