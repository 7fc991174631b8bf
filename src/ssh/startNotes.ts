import type { OperationId } from '../../machines/orders.js';
import type { ProfileId } from '../../machines/vocabulary.js';
import type { World } from '../world.js';

/** How the starts of a world are struck out of its journal. */
const strikes = new WeakMap<World, Map<OperationId, () => void>>();

const strikesOf = (world: World): Map<OperationId, () => void> => {
  const known = strikes.get(world) ?? new Map<OperationId, () => void>();
  strikes.set(world, known);
  return known;
};

/** Starts whose markers are known. A start that is still under way is never that old. */
const mostStarts = 1_000;

/** Before anything of it can run: whoever stops it, or comes after a kill -9 of us, finds by its marker what was begun. */
export function noteStart(world: World, profile: ProfileId, operation: OperationId, marker: string): void {
  strikesOf(world).get(operation)?.();
  world.starts.set(operation, marker);
  const strike = world.journal.note({ kind: 'start', marker, profile: world.profileOf(profile) });
  strikesOf(world).set(operation, strike);
  const [oldest] = world.starts.keys();
  if (world.starts.size > mostStarts && oldest !== undefined) strikeStart(world, oldest);
}

/** Its session has a name, and whoever comes after a kill -9 of us finds that. Until it is shown, we withdraw it by its marker. */
export function nameStart(world: World, operation: OperationId): void {
  strikesOf(world).get(operation)?.();
  strikesOf(world).delete(operation);
}

/** Nothing of it is left on the server. */
export function strikeStart(world: World, operation: OperationId): void {
  world.starts.delete(operation);
  nameStart(world, operation);
}
