import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

const standard = [0, 1, 2] as const;

/** Which of stdin, stdout and stderr are terminals now. */
export const terminals = (): readonly number[] => standard.filter((fd) => isatty(fd));

/** Node aborts at its end when a terminal it began on is gone by then: what is gone is given up before. */
export function giveUpLost(before: readonly number[]): void {
  const now = terminals();
  for (const fd of before) {
    if (now.includes(fd)) continue;
    try {
      closeSync(fd);
    } catch {
      // Closed already.
    }
  }
}
