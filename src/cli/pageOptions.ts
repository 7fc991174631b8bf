import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { CommonOptions } from './options.js';

export interface PageOptions extends CommonOptions {
  /** Serve the live page: at this port, or at one that is free. */
  readonly inspect?: boolean | number;
  readonly allowControl?: boolean;
}
export interface InspectOptions {
  readonly json?: boolean;
  readonly pid?: number;
}

export function pagePort(text: string): number {
  const number = Number(text);
  if (/^\d{1,5}$/.test(text) && number >= 1 && number <= 65_535) return number;
  throw new InvalidArgumentError('A port is a number from 1 to 65535; targets stand before --inspect.');
}

export function processId(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A process id is a whole number above 0.');
}

export const addPageOptions = (command: Command): Command =>
  command
    .option('--inspect [port]', 'serve the live page to this user on this machine', pagePort)
    .option('--allow-control', 'let the live page suspend, resume and terminate sessions');
