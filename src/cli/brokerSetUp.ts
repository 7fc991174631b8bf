import type { SessionOrder } from '../../machines/orders.js';
import type { Profile } from '../../machines/vocabulary.js';
import { checkProfile } from '../checkProfile.js';
import { X2GoError } from '../errors.js';
import type { Broker } from '../profiles/broker.js';
import type { BrokerProfile } from '../profiles/brokerAnswer.js';
import { orderOf } from '../profiles/brokerOrder.js';
import type { Selection } from '../profiles/brokerSelection.js';
import { clean } from '../protocol/text.js';
import type { Credentials } from '../ssh/credentials.js';
import { accessTo } from './access.js';
import { openBrokerAccess } from './brokerAccess.js';
import type { BrokerCommandOptions } from './brokerOptions.js';
import type { Context } from './command.js';
import type { Stage } from './questions.js';
import type { SetUp } from './setUp.js';

export interface BrokerSetUp extends SetUp {
  /** Without its key. */
  readonly selected: Omit<Selection, 'key'>;
  /** What the profile orders. Throws broker.garbled for what cannot be. */
  readonly order: () => SessionOrder;
}

/** A key stays on the server for about 20 s. */
const freshFor = 15_000;

/** Has a broker select a server for one of its profiles. Throws profile.unknown, and what a broker's answers throw. */
export async function setUpFromBroker(
  name: string,
  options: BrokerCommandOptions,
  context: Context,
  stage: Stage,
): Promise<BrokerSetUp> {
  if (options.jump !== undefined)
    throw new X2GoError(
      'usage.invalid',
      '--jump does not go with --broker: the broker says which server it is',
    );
  const access = await openBrokerAccess(options.broker ?? '', options, context, stage);
  const { broker, user } = access;
  const signal = context.ending.asked;
  const described = find(name, (await broker.list(signal)).profiles, broker.shown);
  const first = await broker.select(described.id, signal);
  const profile = profileFrom(described, first, user);
  const chosen = [{ profile }];
  const { key: _, ...selected } = first;
  const isPasswordGood = ['1', 'true'].includes(described.settings.get('usebrokerpass') ?? '');
  const password = isPasswordGood ? access.password() : undefined;
  const { credentials, hostKeys } = accessTo(chosen, options, {
    ...(password === undefined ? {} : { password }),
    ...(access.questions === undefined ? {} : { questions: access.questions }),
  });
  return {
    chosen,
    config: undefined,
    left: [],
    selected,
    order: () => ordered(described, broker.shown),
    options: {
      profiles: [profile],
      credentials: {
        of: credentialsFrom(broker, described, profile, first, () => credentials.of(profile), signal),
      },
      hostKeys,
      ...(options.onExit === undefined ? {} : { onExit: options.onExit }),
      logLevel: options.logLevel ?? 'silent',
    },
  };
}

/** By its id, or by its name where no other has it. */
function find(name: string, profiles: readonly BrokerProfile[], shown: string): BrokerProfile {
  const byId = profiles.find(({ id }) => id === name);
  const [byName, ...more] = profiles.filter((one) => one.name === name);
  const found = byId ?? (more.length === 0 ? byName : undefined);
  if (found !== undefined) return found;
  const known = profiles.map(({ id }) => clean(id)).join(', ') || 'none';
  const what = more.length > 0 ? 'More than one profile is called' : 'There is no profile';
  throw new X2GoError('profile.unknown', `${what} ${JSON.stringify(name)} at ${shown}. There are: ${known}`);
}

function profileFrom({ id, settings }: BrokerProfile, selection: Selection, user: string): Profile {
  const port = selection.port ?? Number(settings.get('sshport') || 22);
  try {
    return checkProfile({ id, host: selection.host, port, user: settings.get('user') || user });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new X2GoError('broker.garbled', `The broker's ${clean(why)}`, { cause });
  }
}

function ordered(described: BrokerProfile, shown: string): SessionOrder {
  const made = orderOf(described);
  if (made.ok) return made.order;
  const what = `The profile ${clean(described.id)} of ${shown} cannot be started: ${clean(made.reason)}`;
  throw new X2GoError('broker.garbled', what);
}

/**
 * The key of the first selection is for the first login. By the next one the broker has taken it off the server again, so
 * the broker is asked anew; a session stays where it is, so another server is of no use then.
 */
function credentialsFrom(
  broker: Broker,
  described: BrokerProfile,
  { host, port }: Profile,
  first: Selection,
  own: () => Credentials | Promise<Credentials>,
  signal: AbortSignal,
): () => Promise<Credentials> {
  let unused: Selection | undefined = first;
  const selectedAt = performance.now();
  const select = async (): Promise<Selection> => {
    const before = performance.now() - selectedAt < freshFor ? unused : undefined;
    unused = undefined;
    if (before !== undefined) return before;
    const again = await broker.select(described.id, signal);
    if (again.host === host && (again.port ?? port) === port) return again;
    const why = `The broker ${broker.shown} sends us to ${again.host} now, and the session is on ${host}`;
    throw new X2GoError('broker.noServer', why);
  };
  return async () => {
    const { key } = await select();
    const usual = await own();
    const identities = [
      ...(key === undefined ? [] : [{ privateKey: key, label: "of the broker's, good for one login" }]),
      ...(usual.identities ?? []),
    ];
    return { ...usual, ...(identities.length === 0 ? {} : { identities }) };
  };
}
