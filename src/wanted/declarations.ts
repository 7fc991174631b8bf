import type { SessionOrder, Work } from '../../machines/orders.js';
import { translateUnsized } from '../protocol/order.js';
import { type Field, flag, listOf, object, placeOf, text } from './fields.js';
import { Fault, type Placed } from './placed.js';
import { type RawSession, rawSession, type Shown, type WantedState } from './sessionFields.js';
import { parseYaml } from './yamlText.js';

/** One session of the file, as it stands there. */
export interface Declaration {
  readonly name: string;
  /** A profile's name, or `[user@]host[:port]`. */
  readonly profile: string;
  readonly state: WantedState;
  /** Absent: as the file says for all. */
  readonly adopt?: boolean;
  /** Absent: what the profile starts. */
  readonly work?: Exclude<Work, { readonly kind: 'shadow' }>;
  readonly shown: Shown;
  /** Where it is in the file's text. */
  readonly at: number;
}
export interface Declarations {
  /** @default false */
  readonly adopt: boolean;
  readonly sessions: readonly Declaration[];
}

const mostSessions = 200;

const session: Field<Declaration> = (placed) => {
  const {
    name,
    profile,
    state = 'running',
    adopt,
    kind,
    command,
    host,
    port,
    options,
    ...shown
  } = rawSession(placed);
  const work = workOf({ kind, command, host, port, options }, placed);
  checkOrder({ ...(work ?? { kind: 'published' }), ...shown }, placed);
  return {
    name,
    profile,
    state,
    ...(adopt === undefined ? {} : { adopt }),
    ...(work === undefined ? {} : { work }),
    shown,
    at: placed.at,
  };
};

const root = object<{
  readonly $schema?: string;
  readonly adopt?: boolean;
  readonly sessions: readonly Declaration[];
}>({ $schema: text(), adopt: flag, sessions: listOf(session, 1, mostSessions) }, 'sessions');

/** A text of declared sessions, checked whole. */
export function readDeclarations(source: string): Declarations | Fault {
  const placed = parseYaml(source);
  if (placed instanceof Fault) return placed;
  try {
    const { adopt = false, sessions } = root(placed);
    return { adopt, sessions: distinct(sessions) };
  } catch (fault) {
    if (fault instanceof Fault) return fault;
    throw fault;
  }
}

/** A name means one session of a profile. */
function distinct(sessions: readonly Declaration[]): readonly Declaration[] {
  const seen = new Set<string>();
  for (const { profile, name, at } of sessions) {
    const key = JSON.stringify([profile, name]);
    if (seen.has(key)) throw new Fault(at, `${JSON.stringify(name)} is declared twice for this profile`);
    seen.add(key);
  }
  return sessions;
}

const needs = {
  application: ['command'],
  desktop: ['command'],
  published: [],
  xdmcp: ['host'],
  rdp: ['host'],
} as const;
const takes = { ...needs, rdp: ['host', 'port', 'options'] } as const;

type Said = {
  readonly [Name in 'kind' | 'command' | 'host' | 'port' | 'options']: RawSession[Name] | undefined;
};

/** Undefined: nothing is said of it. */
function workOf({ kind, ...said }: Said, placed: Placed): Declaration['work'] {
  const given = Object.entries(said).filter(([, value]) => value !== undefined);
  if (kind === undefined && given.length === 0) return undefined;
  const meant = kind ?? 'application';
  const missing = needs[meant].find((name) => said[name] === undefined);
  if (missing !== undefined) throw new Fault(placed.at, `"${missing}" is missing here: "${meant}" needs it`);
  const extra = given.find(([name]) => !(takes[meant] as readonly string[]).includes(name));
  if (extra !== undefined) throw new Fault(placeOf(placed, extra[0]), `"${meant}" takes no "${extra[0]}"`);
  return { kind: meant, ...Object.fromEntries(given) } as Declaration['work'];
}

/** By the rules of what may reach a server; the first word of a refusal is the field. */
function checkOrder(order: SessionOrder, placed: Placed): void {
  const translated = translateUnsized(order);
  if (translated.ok) return;
  const [name = ''] = /^[a-z]+/.exec(translated.reason) ?? [];
  throw new Fault(
    placeOf(placed, name),
    translated.reason.replace(/ or fullscreen$/, ', fullscreen or maximize'),
  );
}
