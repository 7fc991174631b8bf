import { expect } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { guard } from './guard.js';
import { census, expectNothingLeft } from './leaks.js';
import type { Moment } from './moments.js';

/** Stops a guardian in that moment and looks at what there is to see of it; gives what the stop took, in ms. */
export async function stopAt(moment: Moment, server: 'healthy' | 'hanging'): Promise<number> {
  await using emulator = await startEmulator(moment.server);
  const before = census();
  await moment.before?.(emulator);
  await using guarded = await guard({ office: emulator }, { ...moment.options, start: false });
  const { guardian, log } = guarded;
  await guardian.start();
  await moment.reach(guarded, emulator);
  if (server === 'hanging') emulator.faults.silence();
  else if (guardian.profiles()[0]?.state === 'degraded') await emulator.faults.heal();

  const started = performance.now();
  const report = await guardian.stop();
  const took = performance.now() - started;
  expect(took).toBeLessThan(5_000);
  expect(guardian.open).toEqual([]);

  const terminated = log.all('guardian.terminated');
  expect(terminated).toHaveLength(1);
  expect(log.names().at(-1)).toBe('guardian.terminated');
  expect(terminated[0]?.report).toEqual(report);
  expect(report.filter(({ kind }) => kind === 'profile')).toMatchObject([{ id: 'office' }]);
  const transports = report.filter(({ kind }) => kind === 'transport');
  expect(transports).toMatchObject([{ id: 'office' }]);
  expect(report.filter(({ outcome }) => outcome === 'failed')).toEqual([]);

  // A server that hangs does not see our end before it wakes.
  if (server === 'hanging' && emulator.connections > 0) await emulator.faults.heal();
  await expectNothingLeft({ guardian, servers: [emulator], before });
  return took;
}
