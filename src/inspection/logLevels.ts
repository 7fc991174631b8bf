import { X2GoError } from '../errors.js';

/** pino's levels, the most talkative first. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * python-x2go's levels are bits: 8 errors, 16 warnings, 32 notices, 64 informations, 128 and above debugging; its
 * default is 56, the first three. The highest bit decides.
 */
const bits: readonly (readonly [least: number, LogLevel])[] = [
  [128, 'trace'],
  [64, 'debug'],
  [32, 'info'],
  [16, 'warn'],
  [1, 'error'],
  [0, 'silent'],
];

/** A level by its name, or by python-x2go's number. Throws config.invalid. */
export function logLevelOf(level: string | number): LogLevel {
  const named = logLevels.find((name) => name === level);
  if (named) return named;
  const number = typeof level === 'number' ? level : /^\d{1,6}$/.test(level) ? Number(level) : Number.NaN;
  const [, found] = bits.find(([least]) => number >= least) ?? [];
  if (found && Number.isInteger(number)) return found;
  const names = logLevels.join(', ');
  throw new X2GoError(
    'config.invalid',
    `A log level is one of ${names}, or a number of python-x2go such as 56`,
  );
}
