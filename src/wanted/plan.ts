import type { SessionOrder } from '../../machines/orders.js';
import type { ProfileId, SessionId, SessionKind } from '../../machines/vocabulary.js';
import { translateUnsized } from '../protocol/order.js';
import type { Declared, PlanRules, SeenSession, Situation, Step } from './model.js';
import type { WantedState } from './sessionFields.js';

/** What differs between what one profile is to have and what it has. Pure: the same situation, the same steps. */
export function planWanted(profile: ProfileId, situation: Situation, rules: PlanRules): readonly Step[] {
  const marked = new Map(situation.marks.map((mark) => [mark.name, mark]));
  const taken = new Set(situation.marks.map(({ session }) => session));
  const present = new Map(situation.sessions.filter(isThere).map((one) => [one.session, one]));
  const strangers = () => [...present.values()].filter(({ session }) => !taken.has(session));
  const steps = situation.declared.map((one): Step => {
    const about = { profile, name: one.name, wanted: one.state, adopts: false, declared: one };
    const own = present.get(marked.get(one.name)?.session ?? '');
    if (own !== undefined && isLike(own, one.order)) return { ...about, ...judge(own, one, rules) };
    if (own !== undefined && !rules.prune) return { ...about, ...differs(own) };
    const like = strangers().filter((stranger) => isLike(stranger, one.order));
    const [adopted] = one.adopt ? inOrder(like, one.state) : [];
    if (adopted !== undefined) {
      taken.add(adopted.session);
      const verdict = judge(adopted, one, rules);
      const action = verdict.action === 'none' ? 'adopt' : verdict.action;
      return { ...about, ...verdict, action, adopts: true };
    }
    const last = marked.get(one.name)?.session;
    const reason = whyStart(last, like.length);
    return { ...about, action: 'start', reason, ...(last === undefined ? {} : { last }) };
  });
  return [...outdated(profile, situation, present, rules), ...steps];
}

/** Sessions of names that the file does not have any more, or has for something else. */
function outdated(
  profile: ProfileId,
  { marks, declared }: Situation,
  present: ReadonlyMap<SessionId, SeenSession>,
  { file, prune }: PlanRules,
): readonly Step[] {
  return marks.flatMap((mark): Step[] => {
    const own = present.get(mark.session);
    if (own === undefined || mark.file !== file) return [];
    const one = declared.find(({ name }) => name === mark.name);
    if (one !== undefined && (isLike(own, one.order) || !prune)) return [];
    const about = { profile, name: mark.name, session: mark.session, wanted: 'gone', adopts: false } as const;
    const why = one === undefined ? 'the file does not name it any more' : `it runs ${own.command}`;
    return [
      prune
        ? { ...about, action: 'terminate', reason: why }
        : { ...about, action: 'none', reason: `${why}; --prune ends it` },
    ];
  });
}

type Verdict = Pick<Step, 'action' | 'reason' | 'session'>;

function judge(
  { session, state, ours }: SeenSession,
  { state: wanted }: Declared,
  { keeps }: PlanRules,
): Verdict {
  const none = (reason: string): Verdict => ({ action: 'none', session, reason });
  if (state === 'terminating' || state === 'faulty') return none(`it is ${state}`);
  if (wanted === 'suspended') {
    if (state === 'suspended' || state === 'suspending') return none(`it is ${state}`);
    return { action: 'suspend', session, reason: `it is ${state}` };
  }
  if (state !== 'suspended') return none(state === 'running' && ours ? 'it runs here' : `it is ${state}`);
  if (!keeps) return none('it is suspended: watch --apply brings it to the screen');
  return { action: 'resume', session, reason: 'it is suspended' };
}

const differs = ({ session, command }: SeenSession): Verdict => ({
  action: 'none',
  session,
  reason: `it runs ${command}, which is not what the file says; --prune ends it and starts what is said`,
});

function whyStart(last: SessionId | undefined, strangers: number): string {
  const why = last === undefined ? 'there is none yet' : `${last} has ended`;
  if (strangers === 0) return why;
  return `${why}; ${strangers} like it that others started ${strangers === 1 ? 'is' : 'are'} left alone`;
}

const isThere = ({ state }: SeenSession) => state !== 'terminated';

const kinds: Readonly<Record<string, SessionKind>> = { R: 'application', D: 'desktop', P: 'published' };

/** As far as a server's list tells: its kind, and the name of its program. */
function isLike({ kind, command }: SeenSession, order: SessionOrder): boolean {
  const words = translateUnsized(order);
  return words.ok && kinds[words.value.type] === kind && words.value.name === command;
}

/** First what is as it is wanted, then what is there for longest. */
const inOrder = (sessions: readonly SeenSession[], state: WantedState): readonly SeenSession[] =>
  [...sessions].sort(
    (a, b) =>
      Number(b.state === state) - Number(a.state === state) ||
      b.ageSeconds - a.ageSeconds ||
      (a.session < b.session ? -1 : 1),
  );
