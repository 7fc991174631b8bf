import { toFailure } from '../errors.js';
import { type Finding, note, problem } from './finding.js';

/** What of this machine a check may wait for: a file on a dead network drive, a program that hangs. */
const patience = 8_000;

/** A check that hangs or throws is a finding too, and keeps no other one from being told. */
export async function inTime(
  check: string,
  look: () => Promise<readonly Finding[]>,
  ms = patience,
): Promise<readonly Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Finding[]>((resolve) => {
    const message = `No answer within ${ms / 1_000} s`;
    timer = setTimeout(() => resolve([note(check, message, 'Look what hangs there, or try again')]), ms);
  });
  try {
    return await Promise.race([look(), late]);
  } catch (cause) {
    return [problem(check, toFailure(cause))];
  } finally {
    clearTimeout(timer);
  }
}
