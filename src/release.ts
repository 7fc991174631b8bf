import { fromPromise } from 'xstate';
import type { ReleaseInput, ReleasePort } from '../machines/ports.js';
import type { ReportEntry } from '../machines/vocabulary.js';
import type { World } from './world.js';

/** Disposes of what is open for one session, for one profile, or for all. Never rejects. */
export const release = (world: World): ReleasePort =>
  fromPromise<readonly ReportEntry[], ReleaseInput>(async ({ input }) => {
    const { profile, session, how } = input;
    if (how === 'force') world.scope.hurry();
    if (profile === undefined) return world.scope.close();
    if (session !== undefined) {
      await world.scope.of(profile).settle(session);
      return [];
    }
    if (how === 'close') {
      world.answers.delete(profile);
      return world.scope.closeChild(profile);
    }
    await world.scope.settle(profile);
    return [];
  });
