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

/** Throws session.unknown, also where the words fit several. */
export function why(known: Known, asked: Asked): string {
  const session = findSession(known, asked);
  const profile = charts(known, 'profile').find(({ about }) => about.profile === session.about.profile);
  const { about, tags, status, since } = session;
  const name = clean(String(about.session ?? session.name));
  const what = about.command === null ? about.kind : clean(String(about.command));
  const state = status === 'active' ? tags.join(' ') : (tags[0] ?? status);
  const whose = about.ours === true ? 'we run it' : 'we do not run it';
  const below = status === 'active' ? within(session) : [];
  return [
    `${name} (${what ?? 'unnamed'}) on ${clean(String(about.profile))} is ${state} since ${clock(since)}; ${whose}.`,
    `It waits for ${waitWords(session, profile)}.`,
    ...(profile === undefined ? [] : [`Of its profile: ${lineWords(profile)}.`]),
    ...below.filter(({ chart }) => chart === 'tunnel').map((tunnel) => `Its ${tunnelWords(tunnel)}.`),
    ...below.filter(({ chart }) => chart === 'proxy').map((proxy) => `Its ${proxyWords(proxy)}.`),
    'How it came to that:',
    ...story(known, session, profile).map((line) => `  ${line}`),
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
function story(known: Known, session: ActorNode, profile: ActorNode | undefined): string[] {
  const own = known.history(session.id).filter(isNews);
  const [first] = own;
  const line = profile === undefined ? [] : known.history(profile.id).filter(isNews);
  const began = first?.at ?? session.since;
  const told = [
    ...line.filter(({ at }) => at >= began).map((step) => ({ ...step, text: `the line: ${wordsOf(step)}` })),
    ...own.map((step) => ({ ...step, text: wordsOf(step) })),
  ];
  return told.sort((a, b) => a.order - b.order).map(({ at, text }) => `${clock(at)}  ${text}`);
}

const isNews = ({ from, to, failure }: HistoryEntry) => from !== to || failure !== undefined;

function wordsOf({ from, to, event, failure }: HistoryEntry): string {
  const trouble = failure === undefined ? '' : `: ${clean(failure.message)}`;
  if (from === null) return `${to}, when we first knew of it${trouble}`;
  return `${from === to ? `still ${to}` : to}, since ${causeOf(event)}${trouble}`;
}

/** Local time of day. */
const clock = (at: string): string => new Date(at).toTimeString().slice(0, 8);
