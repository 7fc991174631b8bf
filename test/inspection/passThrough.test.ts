import pino from 'pino';
import { expect, test } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { live } from '../support/life.js';

test("XState's own inspection reaches the app untouched, and as XState has it", async () => {
  const own: InspectionEvent[] = [];
  const late: InspectionEvent[] = [];
  await using life = await live({ inspect: (event) => void own.push(event), start: false });
  life.guardian.actor.system.inspect((event) => void late.push(event));
  await life.guardian.start();
  await life.start();
  expect(own[0]).toMatchObject({ type: '@xstate.actor' });
  expect((own[0] as { actorRef: unknown }).actorRef).toBe(life.guardian.actor);
  const kinds = new Set(own.map(({ type }) => type));
  for (const kind of [
    '@xstate.actor',
    '@xstate.event',
    '@xstate.snapshot',
    '@xstate.microstep',
    '@xstate.action',
  ])
    expect(kinds).toContain(kind);
  // The very same objects.
  const place = own.indexOf(late[0] as InspectionEvent);
  expect(place).toBeGreaterThan(0);
  expect(own.slice(place, place + late.length)).toEqual(late);
});

test.each([
  ['a function', (fail: () => void) => fail],
  ['an observer', (fail: () => void) => ({ next: fail })],
])('what %s of the app throws is logged and hurts nobody', async (_, make) => {
  const lines: string[] = [];
  const logger = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
  const inspect = make(() => {
    throw new Error('thrown by the app');
  });
  await using life = await live({ logger, inspect });
  const session = await life.start();
  expect(session.state).toBe('running');
  expect(lines.join('')).toContain('thrown by the app');
  expect(life.guardian.inspect().root.children).toHaveLength(1);
});
