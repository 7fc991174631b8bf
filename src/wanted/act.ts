import type { Profile, SessionId } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';
import type { Guardian } from '../guardian.js';
import type { Marks } from './marks.js';
import type { Step } from './model.js';

/** A viewer takes 50 ms to leave, on a busy machine seconds. */
const viewerPatienceMs = 5_000;

export interface Hands {
  readonly guardian: Pick<
    Guardian,
    'on' | 'sessions' | 'startSession' | 'resumeSession' | 'suspendSession' | 'terminateSession'
  >;
  readonly marks: Marks;
  readonly file: string;
  /** Whether what runs goes on being shown; else it is suspended at once. */
  readonly keeps: boolean;
  readonly signal: AbortSignal;
}

/**
 * Does one step, and gives the session it was about. Two processes never do it for the same name at once. Throws
 * session.locked (another process is at it, a retry helps), file.unwritable, and what the guardian's call throws.
 */
export async function act(step: Step, profile: Profile, hands: Hands): Promise<SessionId | undefined> {
  const { name, session } = step;
  const { marks } = hands;
  const free = marks.hold(profile, name);
  if (free === undefined) throw locked(name);
  try {
    if (step.adopts && session !== undefined) marks.put(profile, { name, session, file: hands.file });
    return await perform(step, profile, hands);
  } finally {
    free();
  }
}

async function perform(step: Step, profile: Profile, hands: Hands): Promise<SessionId | undefined> {
  const { action, declared, session = '' } = step;
  const { guardian, marks, signal } = hands;
  switch (action) {
    case 'start':
      return start(step, profile, hands);
    case 'resume':
      await guardian.resumeSession(profile.id, session, declared?.presentation ?? {}, { signal });
      return session;
    case 'suspend':
      await guardian.suspendSession(profile.id, session, { signal });
      return session;
    case 'terminate':
      await guardian.terminateSession(profile.id, session, { signal });
      marks.drop(profile, step.name);
      return session;
    default:
      return step.session;
  }
}

async function start(
  { declared, name, last }: Step,
  profile: Profile,
  hands: Hands,
): Promise<SessionId | undefined> {
  const { guardian, marks, file, keeps, signal } = hands;
  if (declared === undefined) return undefined;
  const known = marks.of(profile);
  // Between the look and the hold another process may have done it.
  if (known.find((mark) => mark.name === name)?.session !== last) throw locked(name);
  const old = new Set([
    ...known.map(({ session }) => session),
    ...(guardian.sessions(profile.id)?.value ?? []).map(({ session }) => session),
  ]);
  // As soon as it has a name: who kills us in the middle of it finds it again. Of a profile only one is started at a time.
  const off = guardian.on('session.progress', ({ profile: id, session }) => {
    if (id !== profile.id || session === undefined || old.has(session)) return;
    old.add(session);
    marks.put(profile, { name, session, file });
  });
  try {
    const { id } = await guardian.startSession(profile.id, declared.order, { signal });
    marks.put(profile, { name, session: id, file });
    if (declared.state === 'suspended' || !keeps) await putAway(guardian, profile, id, signal);
    return id;
  } finally {
    off();
  }
}

/** Suspended, and its viewer gone: whoever ends us next would have to end it by force. */
async function putAway(
  guardian: Hands['guardian'],
  { id: profile }: Profile,
  session: SessionId,
  signal: AbortSignal,
): Promise<void> {
  let off: () => void = () => undefined;
  const viewerLeft = new Promise<void>((resolve) => {
    off = guardian.on('proxy.exited', (record) => {
      if (record.session === session) resolve();
    });
    const enough = AbortSignal.any([signal, AbortSignal.timeout(viewerPatienceMs)]);
    enough.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    await guardian.suspendSession(profile, session, { signal });
    await viewerLeft;
  } finally {
    off();
  }
}

const locked = (name: string) =>
  new X2GoError('session.locked', `Another process is seeing to ${JSON.stringify(name)}`);
