import type { Profile, SshHop } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';
import type { HostKeyRules, World } from '../world.js';
import { Answers } from './answers.js';
import type { Alive } from './connection.js';
import type { Credentials } from './credentials.js';

/** One login on the way to a profile's host; the last one is the host's own. */
export interface Leg {
  readonly host: string;
  readonly port: number;
  /** Host and port, for messages. */
  readonly where: string;
  readonly user: string;
  readonly alive: Partial<Alive>;
  /** Under which name and port its host key is looked up. */
  readonly known: { readonly host: string; readonly port: number };
  readonly answers: Answers;
  credentials(): Promise<Credentials>;
  hostKeys(): HostKeyRules;
  /** The same error, saying at which hop it was. */
  explain(cause: unknown): unknown;
}

/** What of the world a way to a host needs. */
export type WayWorld = Pick<World, 'clock' | 'answers' | 'refusals' | 'credentialsOf' | 'hostKeysOf'>;

/** What people answered for a profile, and for the hops on its way. */
export function answersFor({ answers }: WayWorld, { id }: Profile): Answers {
  const own = answers.get(id) ?? new Answers();
  answers.set(id, own);
  return own;
}

export function legsOf(world: WayWorld, profile: Profile): readonly [Leg, ...Leg[]] {
  const answers = answersFor(world, profile);
  const hops = (profile.via ?? []).flatMap((hop) => (hop.kind === 'http' ? [] : [hop]));
  const target: Leg = {
    ...placeOf(profile),
    answers,
    credentials: () => world.credentialsOf(profile.id),
    hostKeys: () => world.hostKeysOf(profile.id),
    explain: (cause) => cause,
  };
  const [first, ...rest] = hops.map((hop, at): Leg => {
    const place = placeOf(hop);
    return {
      ...place,
      answers: answers.of(`${at} ${hop.user}@${place.where}`),
      credentials: () => world.credentialsOf(profile.id, hop),
      hostKeys: () => world.hostKeysOf(profile.id, hop),
      explain: (cause) => explainAt(`jump host ${place.where}, ${at + 1} of ${hops.length}`, cause),
    };
  });
  return first === undefined ? [target] : [first, ...rest, target];
}

function placeOf({ host, port = 22, user, hostKeyAlias, aliveInterval, aliveCountMax }: Profile | SshHop) {
  // As ssh: an alias stands without a port.
  const known = hostKeyAlias === undefined ? { host, port } : { host: hostKeyAlias, port: 22 };
  const alive: Partial<Alive> = {
    ...(aliveInterval === undefined ? {} : { intervalMs: aliveInterval }),
    ...(aliveCountMax === undefined ? {} : { countMax: aliveCountMax }),
  };
  return { host, port, user, known, alive, where: `${host}:${port}` };
}

export function explainAt(place: string, cause: unknown): unknown {
  if (!(cause instanceof X2GoError)) return cause;
  const { code, message, retryable } = cause;
  return new X2GoError(code, `At the ${place}: ${message}`, { cause: cause.cause, retryable });
}
