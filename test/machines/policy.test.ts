import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  backoff,
  clampTimer,
  defaultTiming,
  degradedAfter,
  lostAfter,
  type RefreshOptions,
  refreshPlan,
} from '../../machines/policy.js';

test('the back-off is 1, 2, 4, 8, 16, 30, 30 ... s', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 100, 10_000].map((wait) => backoff(wait, 0.5))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000,
  ]);
});

test('chance spreads each wait by a fifth to either side', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), chance, (wait, drawn) => {
      const middle = backoff(wait, 0.5);
      expect(backoff(wait, drawn)).toBeGreaterThanOrEqual(Math.floor(middle * 0.8));
      expect(backoff(wait, drawn)).toBeLessThanOrEqual(Math.ceil(middle * 1.2));
    }),
  );
  expect(backoff(1, 0)).toBe(800);
  expect(backoff(6, 0)).toBe(24_000);
});

test.each([
  ['ours', {}, 5_000, 15_000],
  ['more often than ours', { aliveInterval: 500, aliveCountMax: 1 }, 5_000, 15_000],
  ['seldom', { aliveInterval: 60_000 }, 62_000, 242_000],
  ['seldom, and one is enough', { aliveInterval: 60_000, aliveCountMax: 0 }, 62_000, 62_000],
])('signs of life %s: silence is no loss before they have gone unanswered', (_, alive, degraded, lost) => {
  expect(degradedAfter(defaultTiming, alive)).toBe(degraded);
  expect(lostAfter(defaultTiming, alive)).toBe(lost);
});

test('no timer is longer than setTimeout can wait, nor negative', () => {
  expect([-1, 0, 5_000, 2 ** 31, Number.POSITIVE_INFINITY].map(clampTimer)).toEqual([
    0,
    0,
    5_000,
    2 ** 31 - 1,
    2 ** 31 - 1,
  ]);
});

/**
 * DESIGN's options, all 64 combinations. A row's first letters are the flags that are on (S sessions cache, D desktops
 * cache, M mounts cache, U status update, R registration, P pass over published); then what a tick does: l list
 * sessions, m mounts with them, d desktops, u status update, r registration, p pass over.
 */
const truthTable = `
- :            P : p
S : l         SP : lp
D : d          DP : dp
SD : ld       SDP : ldp
M : lm         MP : lmp
SM : lm       SMP : lmp
DM : lmd       DMP : lmdp
SDM : lmd     SDMP : lmdp
U : lu         UP : lup
SU : lu       SUP : lup
DU : ldu       DUP : ldup
SDU : ldu     SDUP : ldup
MU : lmu       MUP : lmup
SMU : lmu     SMUP : lmup
DMU : lmdu     DMUP : lmdup
SDMU : lmdu   SDMUP : lmdup
R : lur        RP : lurp
SR : lur      SRP : lurp
DR : ldur      DRP : ldurp
SDR : ldur    SDRP : ldurp
MR : lmur      MRP : lmurp
SMR : lmur    SMRP : lmurp
DMR : lmdur    DMRP : lmdurp
SDMR : lmdur  SDMRP : lmdurp
UR : lur       URP : lurp
SUR : lur     SURP : lurp
DUR : ldur     DURP : ldurp
SDUR : ldur   SDURP : ldurp
MUR : lmur     MURP : lmurp
SMUR : lmur   SMURP : lmurp
DMUR : lmdur   DMURP : lmdurp
SDMUR : lmdur SDMURP : lmdurp`;
const rows = [...truthTable.matchAll(/([SDMURP-]+) :[^\S\n]?([a-z]*)/g)].map(
  ([, flags = '', does = '']) => [flags, does] as const,
);

test('the truth table has each of the 64 combinations once', () => {
  expect(rows).toHaveLength(64);
  expect(new Set(rows.map(([flags]) => flags)).size).toBe(64);
});

test.each(rows)('options %s: a tick does "%s"', (flags, does) => {
  const options: RefreshOptions = {
    autoUpdateListSessionsCache: flags.includes('S'),
    autoUpdateListDesktopsCache: flags.includes('D'),
    autoUpdateListMountsCache: flags.includes('M'),
    autoUpdateSessionRegistry: flags.includes('U'),
    autoRegisterSessions: flags.includes('R'),
    skipPublishedSessions: flags.includes('P'),
  };
  expect(refreshPlan(options)).toEqual({
    listSessions: does.includes('l'),
    listMounts: does.includes('m'),
    listDesktops: does.includes('d'),
    updateRegistry: does.includes('u'),
    register: does.includes('r'),
    skipPublished: does.includes('p'),
  });
});
