/** What may happen to a profile and its sessions, as steps of a property test. */
import fc from 'fast-check';
import type { SessionOrder } from '../../../machines/orders.js';
import type { Wanted } from '../../../machines/sessionModel.js';
import type { AnyOffice } from './anyOffice.js';
import type { AServer } from './aServer.js';
import { failure } from './rows.js';

type Step = (office: AnyOffice, server: AServer) => void;
const orders: readonly SessionOrder[] = [
  { kind: 'application', command: 'xterm' },
  { kind: 'desktop', command: 'openbox', sound: false },
  { kind: 'shadow', desktop: { user: 'bob', display: 50 }, mode: 'view' },
];
const wishes: readonly Wanted[] = ['shown', 'suspended', 'terminated'];
const few = fc.integer({ min: 1, max: 3 });
const lose = (office: AnyOffice, retryable = true) => {
  const problem = failure(retryable ? 'ssh.closed' : 'auth.refused', retryable);
  for (const call of office.fakes.transport.live)
    call.tell({ type: 'ssh.lost', failure: problem, chance: 0.5 });
};
export const connect = (office: AnyOffice) => {
  office.send({ type: 'profile.connect' });
  for (const call of office.fakes.transport.live) call.tell({ type: 'ssh.ready' });
};
const tick = (office: AnyOffice) => {
  for (const call of office.fakes.metronome.live) call.tell({ type: 'clock.ticked', at: 0 });
};

const none = fc.constant(undefined);
/** A kind of step, how often it comes, and what it is called in a counterexample. */
const often = <T>(
  weight: number,
  what: fc.Arbitrary<T>,
  name: (what: T) => string,
  step: (what: T) => Step,
) => ({
  weight,
  arbitrary: what.map((value) =>
    Object.assign((...of: Parameters<Step>) => step(value)(...of), { toString: () => name(value) }),
  ),
});

/** Everything does as it is asked. */
export const goOn = (office: AnyOffice, server: AServer, rounds: number) => {
  for (let n = 0; n < rounds; n += 1) {
    connect(office);
    for (let calls = 0; calls < 12; calls += 1) server.answer('ok');
    server.show();
    if (n % 10 === 0) tick(office);
    office.pass(500);
  }
};
export const step: fc.Arbitrary<Step> = fc.oneof(
  often(
    3,
    fc.nat(2),
    (n) => `start ${n}`,
    (n) => (office) => office.start(orders[n] ?? { kind: 'published' }),
  ),
  often(
    8,
    fc.tuple(few, fc.constantFrom(...wishes)),
    String,
    ([n, wanted]) =>
      (office) =>
        office.ask(n, wanted),
  ),
  often(
    2,
    fc.nat(12),
    (n) => `abandon ${n}`,
    (n) => (office) => office.abandon(n),
  ),
  often(
    16,
    fc.nat(6),
    (n) => `answer ${n}`,
    (n) => (_, server) => server.answer('ok', n),
  ),
  often(
    8,
    fc.tuple(fc.constantFrom('fail', 'cut', 'crash'), fc.nat(6)),
    String,
    ([how, n]) =>
      (_, server) =>
        server.answer(how, n),
  ),
  often(
    8,
    none,
    () => 'show',
    () => (_, server) => server.show(),
  ),
  often(
    6,
    none,
    () => 'go on',
    () => (office, server) => goOn(office, server, 1),
  ),
  often(
    2,
    none,
    () => 'go on for long',
    () => (office, server) => goOn(office, server, 8),
  ),
  often(
    5,
    none,
    () => 'viewer dies',
    () => (_, server) => server.die(),
  ),
  often(
    2,
    none,
    () => 'tunnel breaks',
    () => (office) =>
      office.fakes.tunnel.live[0]?.tell({ type: 'tunnel.failed', failure: failure('ssh.closed', true) }),
  ),
  often(
    5,
    fc.tuple(few, fc.constantFrom('start' as const, ...wishes)),
    (what) => `other ${what}`,
    ([n, what]) =>
      (_, server) =>
        server.other(n, what),
  ),
  often(
    6,
    fc.constantFrom(50, 1_000, 2_500, 10_000),
    (ms) => `${ms} ms`,
    (ms) => (office) => office.pass(ms),
  ),
  often(
    3,
    none,
    () => 'tick',
    () => tick,
  ),
  often(
    4,
    none,
    () => 'connect',
    () => connect,
  ),
  often(
    5,
    none,
    () => 'lose',
    () => (office) => lose(office),
  ),
  often(
    1,
    none,
    () => 'refuse',
    () => (office) => lose(office, false),
  ),
  often(
    1,
    none,
    () => 'disconnect',
    () => (office) => office.send({ type: 'profile.disconnect' }),
  ),
);
