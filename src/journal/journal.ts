import type { Profile, SessionId } from '../../machines/vocabulary.js';

/** What we own on this machine, or run on a server: what a kill -9 of us would leave. */
export type JournalEntry =
  | {
      readonly kind: 'child';
      readonly pid: number;
      /** Field 22 of /proc/PID/stat: with it a reused pid is told from ours. @default read at the note */
      readonly startTime?: string;
      /** The program, or the whole command line with blanks between its words. No secret in it. */
      readonly command: string;
    }
  | { readonly kind: 'directory'; readonly path: string }
  /** A start on its way: found on the server by its marker. */
  | { readonly kind: 'start'; readonly marker: string; readonly profile: Profile }
  | { readonly kind: 'session'; readonly session: SessionId; readonly profile: Profile };

/** One file a guardian. Nothing here throws: without a disk we run without. */
export interface Journal {
  /** Notes it at once, before it can be left behind. The function it returns strikes it out. */
  note(entry: JournalEntry): () => void;
  /**
   * Holds a session for the time of its resume, against other guardians of this user on this machine. Undefined: another
   * one holds it. The function it returns lets go.
   */
  hold(session: SessionId): (() => void) | undefined;
  /** Removes the journal's file: everything was struck out, or is known to be left. */
  close(): void;
}

/** Notes nothing. */
export const noJournal: Journal = {
  note: () => () => undefined,
  hold: () => () => undefined,
  close: () => undefined,
};
