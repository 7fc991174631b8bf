import type { Desktop, SkippedRow } from '../../machines/vocabulary.js';
import { readRows } from './rows.js';
import { isDisplayText } from './values.js';

const grammar = /^([A-Za-z0-9._-]+)@:([0-9]{1,5})$/;

/**
 * The output of x2golistdesktops. It lists the user's own X2Go agents and foreign X servers that are
 * open to the user as well: nothing in a row tells them apart.
 */
export function parseDesktops(text: string): { desktops: Desktop[]; skipped: SkippedRow[] } {
  const { rows, skipped } = readRows(text, readDesktop);
  return { desktops: rows, skipped };
}

function readDesktop(line: string): Desktop | string {
  const [, user, display] = grammar.exec(line) ?? [];
  if (user === undefined || display === undefined) return 'expected user@:display';
  if (!isDisplayText(display)) return 'display is out of range';
  return { user, display: Number(display) };
}

export function formatDesktop({ user, display }: Desktop): string {
  return `${user}@:${display}`;
}
