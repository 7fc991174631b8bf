import type { SessionOrder } from '../../machines/orders.js';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/index.js';
import type { CallOptions, Session } from '../../src/index.js';
import { type Guarded, type GuardOptions, guard } from './guard.js';
import { eventually } from './until.js';

/** A guardian that runs sessions on an emulator of its own. */
export interface Life extends Guarded {
  readonly emulator: Emulator;
  /** Starts xterm, or what is said, without sound. */
  start(order?: Partial<SessionOrder>, options?: CallOptions): Promise<Session>;
  /** What is alive on the server and not asleep: an agent, or a row that says so. */
  running(): readonly string[];
  /** What is alive there at all. */
  living(): readonly string[];
  /** How often a script with this verb, or a plain command, came. */
  served(verb: string): number;
}

export interface LifeOptions extends GuardOptions {
  readonly server?: EmulatorOptions;
}

export const xterm: SessionOrder = { kind: 'application', command: 'xterm', sound: false };

/** The profile is called `office`. */
export async function live({ server, ...options }: LifeOptions = {}): Promise<Life> {
  const emulator = await startEmulator(server);
  const guarded = await guard({ office: emulator }, options);
  const all = () => emulator.sessions.store.all;
  return {
    ...guarded,
    emulator,
    start: (order = {}, callOptions) =>
      guarded.guardian.startSession('office', { ...xterm, ...order } as SessionOrder, callOptions),
    running: () =>
      all()
        .filter(({ status, alive, state }) => (status === 'R' || alive) && state !== 'SUSPENDED')
        .map(({ session, status, state, alive }) => `${session} ${status} ${state} ${alive}`),
    living: () =>
      all()
        .filter(({ status, alive }) => status !== 'F' || alive)
        .map(({ session, status, state, alive }) => `${session} ${status} ${state} ${alive}`),
    served: (verb) => emulator.commandsServed.filter((one) => one === verb).length,
    async [Symbol.asyncDispose]() {
      await guarded[Symbol.asyncDispose]();
      await emulator.stop();
    },
  };
}

/** Nothing is open on behalf of any session, and its server holds no tunnel or forward for us. */
export const expectNothingShown = ({ guardian, emulator, viewer }: Life, within = 5_000): Promise<void> =>
  eventually(
    'nothing is open for a session',
    () =>
      guardian.open.every(({ kind }) => !['child', 'listener', 'forward', 'directory'].includes(kind)) &&
      viewer.shows.length === 0 &&
      emulator.tunnels === 0 &&
      emulator.forwards.length === 0,
    within,
  );

/** What was told of a session, without its progress: `started`, `recovering` ... */
export const story = ({ log }: Life, session: string): readonly string[] =>
  log.seen
    .filter(({ record }) => 'session' in record && record.session === session)
    .map(({ record }) => record.event)
    .filter((event) => event.startsWith('session.') && event !== 'session.progress')
    .map((event) => event.replace('session.', ''));
