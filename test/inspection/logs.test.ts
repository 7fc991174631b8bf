import pino from 'pino';
import { expect, test } from 'vitest';
import { createGuardian } from '../../src/guardian.js';
import { logLevelOf } from '../../src/inspection/logLevels.js';
import { everyFlag } from '../support/guard.js';
import { live } from '../support/life.js';

const collect = (level: string) => {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { logger, lines };
};

test.each([
  [56, 'info'],
  ['56', 'info'],
  [24, 'warn'],
  [8, 'error'],
  [0, 'silent'],
  [120, 'debug'],
  [248, 'trace'],
  [1024, 'trace'],
  ['warn', 'warn'],
] as const)('the level %s is %s', (given, level) => {
  expect(logLevelOf(given)).toBe(level);
});

test.each(['loud', '', -1, 5.5, Number.NaN, 'constructor'])('%s is no level', (given) => {
  expect(() => logLevelOf(given)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  expect(() => createGuardian({ logLevel: given })).toThrow(
    expect.objectContaining({ code: 'config.invalid' }),
  );
});

test('a life of a session is a few lines at info, each with its profile, session and operation', async () => {
  const { logger, lines } = collect('info');
  {
    await using life = await live({ ...everyFlag, logger, refreshInterval: 100 });
    const session = await life.start();
    await life.emulator.faults.reset();
    await life.log.until('session.resumed');
    await session.suspend();
    await life.guardian.stop();
    const told = lines.filter(({ event }) => String(event).startsWith('session.'));
    expect(told.map(({ event }) => event)).toEqual(
      ['registered', 'started', 'recovering', 'resumed', 'suspended'].map((verb) => `session.${verb}`),
    );
    for (const line of told) expect(line).toMatchObject({ profile: 'office', session: session.id });
    const [, started, recovering, , suspended] = told;
    expect(started?.operation).toMatch(/^start-/);
    expect(suspended?.operation).toMatch(/^suspend-/);
    expect(recovering).not.toHaveProperty('operation');
    expect(recovering?.level).toBe(40);
  }
  expect(lines.length).toBeLessThan(15);
});

test('at debug each operation is told from asked to settled, at trace each step of each chart', async () => {
  const { logger, lines } = collect('trace');
  await using life = await live({ logger });
  const session = await life.start();
  await expect(life.guardian.suspendSession('office', 'alice-1-1_stRx_dp24')).rejects.toThrow();
  const of = (event: string) => lines.filter((line) => line.event === event);
  expect(of('operation.settled')).toEqual([
    expect.objectContaining({
      profile: 'office',
      session: session.id,
      operation: of('operation.asked')[0]?.operation,
    }),
    expect.objectContaining({
      failure: expect.objectContaining({ code: 'session.unknown' }),
      profile: 'office',
    }),
  ]);
  const steps = of('actor.changed');
  expect(steps).toContainEqual(
    expect.objectContaining({
      profile: 'office',
      session: session.id,
      tags: ['running'],
      actor: expect.any(String),
    }),
  );
  for (const { edge, actor } of steps) expect([edge, actor]).not.toContain(undefined);
});
