import { fromPromise } from 'xstate';
import type { ReleaseInput, ReleasePort } from '../machines/ports.js';
import type { ReportEntry } from '../machines/vocabulary.js';
import type { World } from './world.js';

/** Disposes of what is open for one profile, or for all. Never rejects. */
export const release = (world: World): ReleasePort =>
  fromPromise<readonly ReportEntry[], ReleaseInput>(async ({ input }) => {
    const { profile, how } = input;
    if (how === 'force') world.scope.hurry();
    if (profile === undefined) return world.scope.close();
    if (how === 'close') return world.scope.closeChild(profile);
    await world.scope.settle(profile);
    return [];
  });
