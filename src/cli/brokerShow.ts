import type { SessionOrder } from '../../machines/orders.js';
import type { ListedSession, SessionId } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';
import { isSessionId } from '../protocol/sessionName.js';
import { clean } from '../protocol/text.js';
import { type BrokerSetUp, setUpFromBroker } from './brokerSetUp.js';
import type { Context, Outcome } from './command.js';
import { firstSessions } from './firstListing.js';
import { presentationFrom } from './order.js';
import type { SessionInvocation } from './sessionCommands.js';
import { findSession, pickSession } from './sessionWords.js';
import { showPatience } from './show.js';
import { stay } from './stay.js';
import { timely } from './timely.js';

type Start = Extract<SessionInvocation, { readonly command: 'start' }>;
type Resume = Extract<SessionInvocation, { readonly command: 'resume' }>;

/** A session by a broker's profile: the one the broker names, or one that is said, or a new one. */
export function showFromBroker(invocation: Start | Resume, context: Context): Promise<Outcome> {
  return invocation.command === 'start' ? start(invocation, context) : resume(invocation, context);
}

function start({ targets, options, order }: Start, context: Context): Promise<Outcome> {
  let from: BrokerSetUp | undefined;
  return stay(
    {
      targets: [],
      options,
      doing: 'asking the broker',
      needs: {},
      patienceMs: showPatience.resume,
      setUp: async (stage) => {
        from = await setUpFromBroker(nameIn(targets), options, context, stage);
        return from;
      },
      show: (guardian, { profile }, deadline) => {
        const session = from?.selected.session?.session;
        const how = presentationFrom(options);
        return timely(deadline, 'The session could not be brought up', async (call) => {
          if (session !== undefined) return guardian.resumeSession(profile.id, session, how, call);
          // What is said here outweighs what the profile says.
          const ordered = order ?? ({ ...from?.order(), ...how } as SessionOrder);
          return guardian.startSession(profile.id, ordered, call);
        });
      },
    },
    context,
  );
}

function resume({ words, options }: Resume, context: Context): Promise<Outcome> {
  const [profileName, ...names] = words;
  const picks = options.newest === true || options.oldest === true;
  if (names.length + Number(picks) > 1) throw wrong('One session is wanted: its name, --newest or --oldest');
  const [name] = names;
  let from: BrokerSetUp | undefined;
  return stay(
    {
      targets: [],
      options,
      doing: 'asking the broker',
      needs: picks || (name !== undefined && !isSessionId(name)) ? { autoUpdateListSessionsCache: true } : {},
      patienceMs: showPatience.resume,
      setUp: async (stage) => {
        from = await setUpFromBroker(
          nameIn(profileName === undefined ? [] : [profileName]),
          options,
          context,
          stage,
        );
        if (name === undefined && !picks && from.selected.session === undefined) throw nothingThere(from);
        return from;
      },
      show: async (guardian, { profile }, deadline) => {
        const find = (sessions: readonly ListedSession[]): SessionId =>
          name === undefined ? pickSession(options, sessions) : findSession(name, sessions);
        const known = name === undefined ? from?.selected.session?.session : name;
        const id =
          !picks && known !== undefined && isSessionId(known)
            ? known
            : find(await firstSessions(guardian, profile, deadline));
        return timely(deadline, `${id} could not be resumed`, (call) =>
          guardian.resumeSession(profile.id, id, presentationFrom(options), call),
        );
      },
    },
    context,
  );
}

function nameIn(targets: readonly string[]): string {
  const [name] = targets;
  if (name === undefined)
    throw wrong('Which profile is not said: give its name, as `profiles --broker` lists it');
  return name;
}

const nothingThere = ({ chosen }: BrokerSetUp) => {
  const ids = chosen.map(({ profile }) => clean(profile.id)).join(', ');
  const why = `The broker knows no session of yours on ${ids} that could be resumed. Start one, or name one`;
  return new X2GoError('session.unknown', why);
};
const wrong = (message: string) => new X2GoError('usage.invalid', message);
