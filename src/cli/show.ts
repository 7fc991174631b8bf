import type { Desktop, ListedSession } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';
import { isSessionId } from '../protocol/sessionName.js';
import { clean } from '../protocol/text.js';
import type { Context, Outcome } from './command.js';
import { firstDesktops, firstSessions } from './firstListing.js';
import { desktopFrom, modeFrom, orderFor, shownAs } from './order.js';
import type { SessionInvocation } from './sessionCommands.js';
import { checkNames, findSession, isDesktopWord, pickSession } from './sessionWords.js';
import { splitTargets } from './setUp.js';
import { stay } from './stay.js';
import { timely } from './timely.js';

/** How long it may take where --timeout does not say: as long as the library's calls. */
export const showPatience = { start: 60_000, resume: 120_000, share: 330_000 } as const;

type Showing = Extract<SessionInvocation, { readonly command: 'start' | 'resume' | 'share' }>;

/** Brings a session to the screen here, a new one or one that is there, and stays until it is gone from here. */
export async function show(invocation: Showing, context: Context): Promise<Outcome> {
  if (invocation.command !== 'share' && invocation.options.broker !== undefined)
    return (await import('./brokerShow.js')).showFromBroker(invocation, context);
  switch (invocation.command) {
    case 'start':
      return start(invocation, context);
    case 'resume':
      return resume(invocation, context);
    case 'share':
      return share(invocation, context);
  }
}

function start({ targets, options, order }: Of<'start'>, context: Context): Promise<Outcome> {
  const patienceMs = order?.kind === 'shadow' ? showPatience.share : showPatience.start;
  return stay(
    {
      targets,
      options,
      doing: 'starting the agent',
      // For the sake of speed it lists nothing before; what it has to know it asks when the session is there.
      needs: {},
      patienceMs,
      check: ({ session }) => void orderFor(session, order, options),
      show: (guardian, { profile, session }, deadline) =>
        timely(deadline, 'The session could not be started', (call) =>
          guardian.startSession(profile.id, orderFor(session, order, options), call),
        ),
    },
    context,
  );
}

async function resume({ words, options }: Of<'resume'>, context: Context): Promise<Outcome> {
  const { targets, names, sources } = await splitTargets(words, options);
  checkNames(names, options, 1);
  const [name = ''] = names;
  const isKnown = isSessionId(name);
  return stay(
    {
      targets,
      sources,
      options,
      doing: 'resuming the session',
      needs: isKnown ? {} : { autoUpdateListSessionsCache: true },
      patienceMs: showPatience.resume,
      show: async (guardian, { profile, session }, deadline) => {
        const find = (sessions: readonly ListedSession[]) =>
          name === '' ? pickSession(options, sessions) : findSession(name, sessions);
        const id = isKnown ? name : find(await firstSessions(guardian, profile, deadline));
        return timely(deadline, `${id} could not be resumed`, (call) =>
          guardian.resumeSession(profile.id, id, shownAs(session?.presentation, options), call),
        );
      },
    },
    context,
  );
}

async function share({ words, options }: Of<'share'>, context: Context): Promise<Outcome> {
  const { targets, names, sources } = await splitTargets(words, options);
  const [word, ...more] = names;
  if (more.length > 0)
    throw new X2GoError('usage.invalid', `One desktop is wanted, not ${names.length}: ${names.join(', ')}`);
  if (word !== undefined && !isDesktopWord(word) && !/^\d+$/.test(word))
    throw new X2GoError(
      'usage.invalid',
      `${JSON.stringify(word)} is no desktop: it is said as USER@:N or :N`,
    );
  const named = word?.includes('@') ? desktopFrom(word) : undefined;
  return stay(
    {
      targets,
      sources,
      options,
      doing: 'asking for the desktop',
      needs: named === undefined ? { autoUpdateListDesktopsCache: true } : {},
      patienceMs: showPatience.share,
      show: async (guardian, { profile, session }, deadline) => {
        const desktop = named ?? findDesktop(word, await firstDesktops(guardian, profile, deadline));
        const wanted = { desktop, mode: modeFrom(options), ...shownAs(session?.presentation, options) };
        return timely(deadline, `${saying(desktop)} could not be shared`, (call) =>
          guardian.shareDesktop(profile.id, wanted, call),
        );
      },
    },
    context,
  );
}

type Of<Command extends Showing['command']> = Extract<Showing, { readonly command: Command }>;

/** The desktop on that display, or the only one there is. Throws desktop.unknown, with those there are. */
function findDesktop(word: string | undefined, desktops: readonly Desktop[]): Desktop {
  const display = word === undefined ? undefined : Number(word.replace(':', ''));
  const fitting = desktops.filter((one) => display === undefined || one.display === display);
  const [only, ...more] = fitting;
  if (only !== undefined && more.length === 0) return only;
  const list = desktops.length === 0 ? 'none can be shared' : `there are ${desktops.map(saying).join(', ')}`;
  const what = more.length > 0 ? 'Which desktop is not said' : `There is no desktop ${word ?? ''}`.trim();
  throw new X2GoError('desktop.unknown', `${what}: ${list}`);
}

const saying = ({ user, display }: Desktop) => `${clean(user)}@:${display}`;
