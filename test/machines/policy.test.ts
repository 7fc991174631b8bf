import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoff, clampTimer, type RefreshOptions, refreshPlan } from '../../machines/policy.js';

test('the back-off is 1, 2, 4, 8, 16, 30, 30 ... s', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 100, 10_000].map((attempt) => backoff(attempt, 0.5))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000,
  ]);
  expect(backoff(0, 0.5)).toBe(1_000);
});

test('chance spreads each wait by a fifth to either side', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(1_000), chance, (attempt, drawn) => {
      const middle = backoff(attempt, 0.5);
      expect(backoff(attempt, drawn)).toBeGreaterThanOrEqual(Math.floor(middle * 0.8));
      expect(backoff(attempt, drawn)).toBeLessThanOrEqual(Math.ceil(middle * 1.2));
    }),
  );
  expect(backoff(1, 0)).toBe(800);
  expect(backoff(6, 0)).toBe(24_000);
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
 * sessions, m mounts with them, d desktops, c sessions for the cache, u status update, r registration, p pass over.
 */
const truthTable = `
- :            P : p
S : lc         SP : lcp
D : d          DP : dp
SD : ldc       SDP : ldcp
M : lm         MP : lmp
SM : lmc       SMP : lmcp
DM : lmd       DMP : lmdp
SDM : lmdc     SDMP : lmdcp
U : lu         UP : lup
SU : lcu       SUP : lcup
DU : ldu       DUP : ldup
SDU : ldcu     SDUP : ldcup
MU : lmu       MUP : lmup
SMU : lmcu     SMUP : lmcup
DMU : lmdu     DMUP : lmdup
SDMU : lmdcu   SDMUP : lmdcup
R : lur        RP : lurp
SR : lcur      SRP : lcurp
DR : ldur      DRP : ldurp
SDR : ldcur    SDRP : ldcurp
MR : lmur      MRP : lmurp
SMR : lmcur    SMRP : lmcurp
DMR : lmdur    DMRP : lmdurp
SDMR : lmdcur  SDMRP : lmdcurp
UR : lur       URP : lurp
SUR : lcur     SURP : lcurp
DUR : ldur     DURP : ldurp
SDUR : ldcur   SDURP : ldcurp
MUR : lmur     MURP : lmurp
SMUR : lmcur   SMURP : lmcurp
DMUR : lmdur   DMURP : lmdurp
SDMUR : lmdcur SDMURP : lmdcurp`;
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
    cacheSessions: does.includes('c'),
    updateRegistry: does.includes('u'),
    register: does.includes('r'),
    skipPublished: does.includes('p'),
  });
});
