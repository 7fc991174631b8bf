import type { SessionOrder } from '../../machines/orders.js';
import type { Guardian } from '../guardian.js';
import type { Session } from '../session.js';

/** The session that the demo's own guardian runs. What comes of each request, its events tell. */
export interface OwnSession {
  start(): void;
  suspend(): void;
  resume(): void;
  terminate(): void;
}

const order: SessionOrder = { kind: 'application', command: 'gimp', sound: false };

export function ownSession(guardian: Guardian, profile: string): OwnSession {
  let session: Promise<Session> | undefined;
  const ask = (what: (session: Session) => Promise<unknown>) => {
    session?.then(what).catch(() => undefined);
  };
  return {
    start: () => {
      session = guardian.startSession(profile, order);
      session.catch(() => undefined);
    },
    suspend: () => ask((ours) => ours.suspend()),
    resume: () => ask((ours) => ours.resume()),
    terminate: () => ask((ours) => ours.terminate()),
  };
}
