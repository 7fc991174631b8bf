import { getEventListeners } from 'node:events';
import type { Scope } from '../../../src/scope.js';

/** How many listen to the hurry of what a scope gives back. */
export function earsOf(scope: Scope): () => number {
  let hurry: AbortSignal | undefined;
  scope.own('timer', 'who hears of a hurry', (signal) => {
    hurry = signal;
    return 'closed';
  })();
  return () => (hurry === undefined ? 0 : getEventListeners(hurry, 'abort').length);
}
