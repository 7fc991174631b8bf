import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { everyFlag, guard } from '../support/guard.js';
import { expectNothingLeft } from '../support/leaks.js';

describe('a listener that throws', () => {
  test('is contained, whatever it listens to, and the others hear all the same', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server }, { ...everyFlag, start: false });
    const { guardian, log } = guarded;
    let thrown = 0;
    guardian.on('*', () => {
      thrown++;
      throw new Error('planted: a listener crashed');
    });
    guardian.on('profile.connected', () => {
      throw 'not even an Error';
    });
    const heard: string[] = [];
    guardian.on('*', ({ event }) => void heard.push(event));
    await guardian.start();
    await log.until('cache.refreshed', ({ cache }) => cache === 'desktops');
    await guardian.stop();
    expect(heard).toEqual(log.names());
    expect(thrown).toBe(heard.length);
    await expectNothingLeft({ guardian, servers: [server] });
  });
});
