/** Whatever happens to a profile and its sessions, in whatever order: what holds all the time, and in the end. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ExitPolicy, SessionOrder } from '../../machines/orders.js';
import type { Wanted } from '../../machines/sessionModel.js';
import { type AnyOffice, anyOffice } from './support/anyOffice.js';
import { AServer } from './support/aServer.js';
import { failure } from './support/rows.js';

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
const connect = (office: AnyOffice) => {
  office.send({ type: 'profile.connect' });
  for (const call of office.fakes.transport.live) call.tell({ type: 'ssh.ready' });
};
const tick = (office: AnyOffice) => {
  for (const call of office.fakes.metronome.live) call.tell({ type: 'clock.ticked', at: 0 });
};

const named = (name: string, step: Step) => Object.assign(step, { toString: () => name });
const always = (name: string, step: Step) => fc.constant(named(name, step));
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .integer({ min: 0, max: 2 })
      .map((n) => named(`start ${n}`, (office) => office.start(orders[n] ?? { kind: 'published' }))),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(few, fc.constantFrom(...wishes))
      .map(([n, wanted]) => named(`ask ${n} ${wanted}`, (office) => office.ask(n, wanted))),
  },
  { weight: 2, arbitrary: fc.nat(12).map((n) => named(`abandon ${n}`, (office) => office.abandon(n))) },
  { weight: 20, arbitrary: always('answer', (_, server) => server.answer('ok')) },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('fail', 'cut', 'crash')
      .map((how) => named(how, (_, server) => server.answer(how))),
  },
  { weight: 10, arbitrary: always('show', (_, server) => server.show()) },
  { weight: 3, arbitrary: always('viewer dies', (_, server) => server.die()) },
  {
    weight: 2,
    arbitrary: always('tunnel breaks', (office) =>
      office.fakes.tunnel.live[0]?.tell({ type: 'tunnel.failed', failure: failure('ssh.closed', true) }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(few, fc.constantFrom('start' as const, ...wishes))
      .map(([n, what]) => named(`other ${n} ${what}`, (_, server) => server.other(n, what))),
  },
  {
    weight: 8,
    arbitrary: fc
      .constantFrom(50, 1_000, 2_500, 10_000, 60_000)
      .map((ms) => named(`${ms} ms`, (office) => office.pass(ms))),
  },
  { weight: 4, arbitrary: always('tick', tick) },
  { weight: 5, arbitrary: always('connect', connect) },
  { weight: 3, arbitrary: always('lose', (office) => lose(office)) },
  { weight: 1, arbitrary: always('refuse', (office) => lose(office, false)) },
  { weight: 1, arbitrary: always('disconnect', (office) => office.send({ type: 'profile.disconnect' })) },
);
const lives = fc.record({
  onExit: fc.constantFrom<ExitPolicy>('suspend', 'terminate', 'leave'),
  recover: fc.boolean(),
  isListing: fc.boolean(),
  steps: fc.array(step, { minLength: 5, maxLength: 50 }),
});

/** From now on everything does as it is asked. */
const goOn = (office: AnyOffice, server: AServer, rounds: number) => {
  for (let n = 0; n < rounds; n += 1) {
    connect(office);
    for (let calls = 0; calls < 12; calls += 1) server.answer('ok');
    server.show();
    if (n % 10 === 0) tick(office);
    office.pass(500);
  }
};
const holds = (office: AnyOffice) => {
  expect(office.end()).toBe(undefined);
  expect(office.broken()).toEqual([]);
  expect(office.context().own.toSorted()).toEqual(office.ours().toSorted());
  const settled = office.settled();
  expect(settled.length).toBe(new Set(settled).size);
};

const runs = process.env.LONG ? 5_000 : 200;
const bound = process.env.LONG ? 900_000 : 60_000;
/** In half seconds: a suspension that never shows is waited for for 50 s, an agent that stays for 10 s. */
const patience = 260;

test(
  'no chart breaks, what is ours is known to be, every call is settled once, and nothing is left',
  () => {
    fc.assert(
      fc.property(lives, ({ onExit, recover, isListing, steps }) => {
        const office = anyOffice(onExit, recover, isListing);
        const server = new AServer(office);
        connect(office);
        for (const happen of steps) {
          happen(office, server);
          holds(office);
        }
        for (let n = 0; n < patience && office.waiting().length > 0; n += 1) goOn(office, server, 1);
        goOn(office, server, 20);
        holds(office);
        const waiting = office.waiting();
        expect({ waiting, at: waiting.length > 0 ? office.places() : [] }).toEqual({ waiting: [], at: [] });
        office.send({ type: 'profile.terminate' });
        for (let n = 0; n < 40 && office.end() === undefined; n += 1) goOn(office, server, 1);
        expect(office.end()).toMatchObject({ output: expect.any(Array) });
        for (const port of Object.values(office.fakes)) expect(port.live).toEqual([]);
      }),
      { numRuns: runs },
    );
  },
  bound,
);

test(
  'an end in the middle of anything leaves nothing, and every call of it is settled',
  () => {
    fc.assert(
      fc.property(lives, fc.boolean(), ({ onExit, recover, isListing, steps }, isHanging) => {
        const office = anyOffice(onExit, recover, isListing);
        const server = new AServer(office);
        connect(office);
        for (const happen of steps) happen(office, server);
        office.send({ type: 'profile.terminate' });
        if (isHanging) office.pass(14_000);
        else for (let n = 0; n < 40 && office.end() === undefined; n += 1) goOn(office, server, 1);
        expect(office.end()).toMatchObject({ output: expect.any(Array) });
        for (const port of Object.values(office.fakes)) expect(port.live).toEqual([]);
        const settled = office.settled();
        expect(settled.toSorted()).toEqual(office.asked.toSorted());
      }),
      { numRuns: runs },
    );
  },
  bound,
);
