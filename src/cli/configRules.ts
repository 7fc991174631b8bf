/** What a value must be, in words, or undefined when it is. */
export type Rule = (value: unknown) => string | undefined;
export type Rules<Thing> = Readonly<Record<keyof Thing & string, Rule>>;

export const text: Rule = (value) =>
  typeof value === 'string' && value !== '' && !/[\x00-\x1f\x7f]/.test(value)
    ? undefined
    : 'a text without control characters that is not empty';
export const flag: Rule = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
export const whole =
  (from: number, to: number, what: string): Rule =>
  (value) =>
    Number.isInteger(value) && (value as number) >= from && (value as number) <= to ? undefined : what;
export const milliseconds = whole(1, 2 ** 31 - 1, 'a whole number of milliseconds above 0');
export const port = whole(1, 65_535, 'a port from 1 to 65535');
export const oneOf =
  (...words: string[]): Rule =>
  (value) =>
    words.includes(value as string) ? undefined : words.map((word) => JSON.stringify(word)).join(' or ');

/** What is wrong with the values of an object, by its rules; a key without a rule is. */
export function refusal(
  given: object,
  rules: Readonly<Record<string, Rule>>,
  where: string,
  others: readonly string[] = [],
): string | undefined {
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(rules, key)) {
      return `${where}${JSON.stringify(key)} is not known; known are ${[...others, ...Object.keys(rules)].join(', ')}`;
    }
    const wanted = rules[key]?.(value);
    if (wanted !== undefined) return `${where}${key} must be ${wanted}, not ${show(value)}`;
  }
  return undefined;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value for a message. */
export const show = (value: unknown) => {
  const shown = JSON.stringify(value) ?? String(value);
  return shown.length > 60 ? `${shown.slice(0, 60)}...` : shown;
};
