/** Whatever happens to a profile and its sessions, in whatever order: what holds all the time, and in the end. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ExitPolicy } from '../../machines/orders.js';
import { type AnyOffice, anyOffice } from './support/anyOffice.js';
import { AServer } from './support/aServer.js';
import { connect, goOn, step } from './support/steps.js';

const lives = fc.record({
  onExit: fc.constantFrom<ExitPolicy>('suspend', 'terminate', 'leave'),
  recover: fc.boolean(),
  isListing: fc.boolean(),
  steps: fc.array(step, { minLength: 5, maxLength: 40 }),
});

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
        goOn(office, server, 60);
        holds(office);
        const waiting = office.waiting();
        expect({ waiting, at: waiting.length > 0 ? office.places() : [] }).toEqual({ waiting: [], at: [] });
        const shown = office.fakes.proxy.live.map(({ input }) => input.session);
        expect({ shown: shown.toSorted(), at: office.places() }).toMatchObject({
          shown: office.shown().toSorted(),
        });
        if (isListing) expect(office.states()).toEqual(server.states());
        office.send({ type: 'profile.terminate' });
        for (let n = 0; n < 50 && office.end() === undefined; n += 1) goOn(office, server, 1);
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
        if (isHanging) office.pass(24_000);
        else for (let n = 0; n < 50 && office.end() === undefined; n += 1) goOn(office, server, 1);
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
