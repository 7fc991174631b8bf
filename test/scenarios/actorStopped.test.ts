/** An app that stops the root actor itself, past stop(): its charts dispose of nothing, and stop() does all the same. */
import { readdirSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { makePlace } from '../journal/support/place.js';
import { guard } from '../support/guard.js';
import { eventually } from '../support/until.js';

test('nobody is left waiting, no line stays, and nothing is left in the journal', async () => {
  const place = makePlace();
  onTestFinished(() => place[Symbol.dispose]());
  await using server = await startEmulator();
  await using guarded = await guard({ office: server }, { journal: place.folder });
  const { guardian } = guarded;
  await guardian.connect('office');
  await guardian.startSession('office', { kind: 'application', command: 'xterm' });
  expect(readdirSync(place.folder)).toEqual([expect.stringMatching(/^journal-/)]);
  server.faults.hang('x2gostartagent');
  const pending = guardian.startSession('office', { kind: 'application', command: 'xclock' });
  pending.catch(() => undefined);
  await eventually('it to be under way', () => server.channels > 0);

  guardian.actor.stop();
  await guardian.stop();
  await expect(pending).rejects.toMatchObject({ code: 'guardian.terminated' });
  expect([guardian.open, readdirSync(place.folder)]).toEqual([[], []]);
  await eventually('no line', () => server.connections === 0);
});
