/** What may happen in a simulated world, as plain data: it can be printed, dropped, and done again. */
import type { SessionOrder } from '../../machines/orders.js';
import type { CommandName } from '../../src/emulator/faultPlan.js';
import type { Random, ViewerFault } from '../../src/testing/index.js';

export type Verb = 'resume' | 'suspend' | 'terminate';
export type Action =
  | { readonly do: 'connect' | 'disconnect' | 'refresh' | 'pause' | 'unpause' }
  | { readonly do: 'start'; readonly order: SessionOrder; readonly patienceMs: number }
  /** What we ask of the nth session of that server, or what somebody else does to it. */
  | { readonly do: 'ask' | 'other'; readonly verb: Verb; readonly nth: number }
  | { readonly do: 'otherStart' | 'endApplication' | 'killAgent' | 'abandon'; readonly nth: number }
  /** Whoever waits for the latest call gives up. */
  | { readonly do: 'abort' }
  | { readonly do: 'cut' | 'silence' | 'heal' | 'down' | 'lock' | 'noForwards' | 'noChannels' }
  | { readonly do: 'agentsDie' | 'outlive' | 'limit' | 'takePorts' }
  | { readonly do: 'plant'; readonly command: CommandName; readonly wrong: Wrong }
  | { readonly do: 'killViewer' }
  | { readonly do: 'viewers'; readonly fault: ViewerFault }
  | { readonly do: 'fillDisk' | 'freeDisk' }
  | { readonly do: 'stall' | 'sleep' | 'stepClock'; readonly ms: number };
export type Wrong = 'hang' | 'slow' | 'fail' | 'garbage' | 'cut';

export interface Step {
  /** After so many deliveries, or so many ms: whichever comes first. */
  readonly points: number;
  readonly ms: number;
  /** Which of the servers it is about. */
  readonly at: number;
  readonly action: Action;
}

/** What an app does: nothing, while its process stands still. */
export const isOurs = ({ do: what }: Action): boolean =>
  ['connect', 'disconnect', 'refresh', 'pause', 'unpause', 'start', 'ask', 'abort'].includes(what);

const commands: readonly CommandName[] = [
  'survey',
  'start',
  'resume',
  'suspend',
  'terminate',
  'withdraw',
  'run',
  'watch',
  'x2golistsessions',
  'x2gostartagent',
  'x2goresume-session',
  'x2gosuspend-session',
  'x2goterminate-session',
  'x2goruncommand',
];
const wrongs: readonly Wrong[] = ['hang', 'slow', 'fail', 'garbage', 'cut'];

const orders: readonly SessionOrder[] = [
  { kind: 'application', command: 'xterm', sound: false },
  { kind: 'desktop', command: 'mate' },
  { kind: 'published', sound: false },
  { kind: 'shadow', mode: 'view', desktop: { user: 'alice', display: 50 }, sound: false },
];

const verbs: readonly Verb[] = ['resume', 'suspend', 'terminate'];

type Maker = readonly [weight: number, make: (random: Random) => Action];
const makers: readonly Maker[] = [
  [
    9,
    (random) => ({
      do: 'start',
      order: random.chance(0.7) ? (orders[0] as SessionOrder) : random.pick(orders),
      patienceMs: random.chance(0.2) ? Math.round(random.between(100, 15_000)) : 60_000,
    }),
  ],
  [12, (random) => ({ do: 'ask', verb: random.pick(verbs), nth: random.below(4) })],
  [8, (random) => ({ do: 'other', verb: random.pick(verbs), nth: random.below(4) })],
  [1, (random) => ({ do: 'otherStart', nth: random.below(4) })],
  [1, (random) => ({ do: 'endApplication', nth: random.below(4) })],
  [2, (random) => ({ do: 'killAgent', nth: random.below(4) })],
  [1, (random) => ({ do: 'abandon', nth: random.below(4) })],
  [2, () => ({ do: 'abort' })],
  [2, () => ({ do: 'connect' })],
  [1, () => ({ do: 'disconnect' })],
  [1, () => ({ do: 'refresh' })],
  [1, (random) => ({ do: random.pick(['pause', 'unpause'] as const) })],
  [6, () => ({ do: 'cut' })],
  [4, () => ({ do: 'silence' })],
  [9, () => ({ do: 'heal' })],
  [1, () => ({ do: 'down' })],
  [1, () => ({ do: 'lock' })],
  [1, () => ({ do: 'noForwards' })],
  [1, () => ({ do: 'noChannels' })],
  [1, () => ({ do: 'agentsDie' })],
  [1, () => ({ do: 'outlive' })],
  [1, () => ({ do: 'limit' })],
  [1, () => ({ do: 'takePorts' })],
  [6, (random) => ({ do: 'plant', command: random.pick(commands), wrong: random.pick(wrongs) })],
  [4, () => ({ do: 'killViewer' })],
  [
    2,
    (random) => ({ do: 'viewers', fault: random.pick(['neverUp', 'deaf', 'missing', undefined] as const) }),
  ],
  [1, () => ({ do: 'fillDisk' })],
  [1, () => ({ do: 'freeDisk' })],
  [1, (random) => ({ do: 'stall', ms: random.below(20_000) })],
  [1, (random) => ({ do: 'sleep', ms: random.below(600_000) })],
  [
    1,
    (random) => ({ do: 'stepClock', ms: random.pick([-86_400_000, -2_000, 20_000, 3_600_000, 86_400_000]) }),
  ],
];
const weights = makers.reduce((sum, [weight]) => sum + weight, 0);

function anyAction(random: Random): Action {
  let left = random.below(weights);
  for (const [weight, make] of makers) {
    left -= weight;
    if (left < 0) return make(random);
  }
  return { do: 'heal' };
}

/** Many things happen in the middle of others: most steps come a few deliveries after the one before. */
export const anySteps = (random: Random, count: number): Step[] =>
  Array.from({ length: count }, () => ({
    points: random.chance(0.7) ? random.below(12) : random.below(60),
    ms: Math.round(random.between(0, 8_000)),
    at: random.below(2),
    action: anyAction(random),
  }));
