/** In plain words: how a session came to be as it is, and what it waits for. */
import { X2GoError } from '../errors.js';
import { clean } from '../protocol/text.js';
import type { HistoryEntry } from './history.js';
import type { ActorNode, GuardianTree } from './tree.js';
import { causeOf, lineWords, proxyWords, tunnelWords, waitWords } from './whyWords.js';

/** A guardian as it is known: by itself, or from a recording. */
export interface Known {
  readonly tree: GuardianTree | undefined;
  /** Charts that are gone, the latest first. */
  readonly gone: readonly ActorNode[];
  history(id: string): readonly HistoryEntry[];
}

export interface Asked {
  /** @default any */
  readonly profile?: string;
  /** Its name, or as much of it as fits no other. */
  readonly session: string;
}

/** A step of a session, or of its line meanwhile. */
export interface ExplainedStep {
  readonly at: string;
  readonly of: 'session' | 'line';
  /** The state before; null for the first that we know of. */
  readonly from: string | null;
  readonly to: string;
  readonly event: string;
  /** The event in plain words. */
  readonly cause: string;
  readonly failure?: { readonly code: string; readonly message: string };
}

/** How a session came to be as it is, and what it waits for. */
export interface Explanation {
  readonly profile: string;
  readonly session: string;
  readonly kind: string | null;
  readonly command: string | null;
  readonly state: string;
  readonly since: string;
  readonly ours: boolean;
  /** In plain words, as the next three. */
  readonly waitsFor: string;
  /** What its profile's line is like; null when there is no such profile any more. */
  readonly line: string | null;
  readonly tunnels: readonly string[];
  readonly viewers: readonly string[];
  readonly story: readonly ExplainedStep[];
}

/** Throws session.unknown, also where the words fit several. */
export function explain(known: Known, asked: Asked): Explanation {
  const session = findSession(known, asked);
  const profile = charts(known, 'profile').find(({ about }) => about.profile === session.about.profile);
  const { about, tags, status, since } = session;
  const below = status === 'active' ? within(session) : [];
  const textOf = (value: unknown) => (value === null || value === undefined ? null : clean(String(value)));
  return {
    profile: clean(String(about.profile)),
    session: clean(String(about.session ?? session.name)),
    kind: textOf(about.kind),
    command: textOf(about.command),
    state: status === 'active' ? tags.join(' ') : (tags[0] ?? status),
    since,
    ours: about.ours === true,
    waitsFor: waitWords(session, profile),
    line: profile === undefined ? null : lineWords(profile),
    tunnels: below.filter(({ chart }) => chart === 'tunnel').map(tunnelWords),
    viewers: below.filter(({ chart }) => chart === 'proxy').map(proxyWords),
    story: story(known, session, profile),
  };
}

/** The same for people to read. */
export function why(known: Known, asked: Asked): string {
  const told = explain(known, asked);
  return [
    `${told.session} (${told.command ?? told.kind ?? 'unnamed'}) on ${told.profile} is ${told.state} since ${clock(told.since)}; ` +
      `${told.ours ? 'we run it' : 'we do not run it'}.`,
    `It waits for ${told.waitsFor}.`,
    ...(told.line === null ? [] : [`Of its profile: ${told.line}.`]),
    ...[...told.tunnels, ...told.viewers].map((words) => `Its ${words}.`),
    'How it came to that:',
    ...told.story.map(
      (step) => `  ${clock(step.at)}  ${step.of === 'line' ? 'the line: ' : ''}${wordsOf(step)}`,
    ),
  ].join('\n');
}

const isKindOf = (node: ActorNode, chart: string) => node.kind === 'chart' && node.chart === chart;
const within = (node: ActorNode): ActorNode[] => [node, ...node.children.flatMap(within)];
const charts = ({ tree, gone }: Known, chart: string): ActorNode[] =>
  [...(tree ? within(tree.root) : []), ...gone].filter((node) => isKindOf(node, chart));

function findSession(known: Known, { profile, session }: Asked): ActorNode {
  const all = charts(known, 'session').filter(
    ({ about }) => (profile === undefined || about.profile === profile) && about.session !== null,
  );
  const named = all.filter(({ about }) => about.session === session);
  const found = named.length > 0 ? named : all.filter(({ about }) => String(about.session).includes(session));
  const [first] = found;
  const names = new Set(found.map(({ about }) => `${about.profile} ${about.session}`));
  if (first === undefined)
    throw new X2GoError('session.unknown', `Nothing is known of a session ${JSON.stringify(session)}`);
  if (names.size > 1) {
    const which = [...names].map(clean).join(', ');
    throw new X2GoError('session.unknown', `${JSON.stringify(session)} fits several sessions: ${which}`);
  }
  // One that is there comes before one of its name that is gone.
  return first;
}

/** Its steps, and those of its line meanwhile. */
function story(known: Known, session: ActorNode, profile: ActorNode | undefined): readonly ExplainedStep[] {
  const own = known.history(session.id).filter(isNews);
  const line = profile === undefined ? [] : known.history(profile.id).filter(isNews);
  const began = own[0]?.at ?? session.since;
  const meanwhile = line.filter(({ at }) => at >= began);
  return [...meanwhile.map((entry) => ({ entry, of: 'line' as const })), ...own.map(ofSession)]
    .sort((a, b) => a.entry.order - b.entry.order)
    .map(({ entry: { at, from, to, event, failure }, of }) => ({
      at,
      of,
      from,
      to,
      event,
      cause: causeOf(event),
      ...(failure ? { failure: { code: failure.code, message: clean(failure.message) } } : {}),
    }));
}

const ofSession = (entry: HistoryEntry) => ({ entry, of: 'session' as const });
const isNews = ({ from, to, failure }: HistoryEntry) => from !== to || failure !== undefined;

function wordsOf({ from, to, cause, failure }: ExplainedStep): string {
  const trouble = failure === undefined ? '' : `: ${failure.message}`;
  if (from === null) return `${to}, when we first knew of it${trouble}`;
  return `${from === to ? `still ${to}` : to}, since ${cause}${trouble}`;
}

/** Local time of day. */
const clock = (at: string): string => new Date(at).toTimeString().slice(0, 8);
