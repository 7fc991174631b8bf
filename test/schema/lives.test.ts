import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { plant } from '../journal/support/place.js';
import { guard } from '../support/guard.js';
import { complaints } from './support/eventSchema.js';

test('every record of a session that we run is as the schema says, from its start over a broken line to its end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'schema-lives-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const profile = { id: 'office', host: 'x2go.example.org', port: 22, user: 'alice' };
  plant({ folder, root: '', names: () => [], text: () => '', [Symbol.dispose]: () => undefined }, [
    { kind: 'session', session: 'alice-50-1795371132_stDxterm_dp24', profile },
    { kind: 'directory', path: join(folder, 'somewhere') },
  ]);
  await using server = await startEmulator({ missingCommands: ['nothing'] });
  await using guarded = await guard({ office: server }, { journal: folder });
  const { guardian, log } = guarded;
  await log.until('profile.connected');
  await expect(
    guardian.startSession('office', { kind: 'application', command: 'nothing', sound: false }),
  ).rejects.toThrow();
  const session = await guardian.startSession('office', { kind: 'application', command: 'xterm' });
  await server.faults.reset();
  await log.until('session.recovering');
  await log.until('session.resumed');
  await session.suspend();
  await session.resume();
  await session.terminate();
  await guardian.stop();

  const wanted = [
    'session.progress',
    'session.recovering',
    'session.failed',
    'session.terminated',
    'tunnel.opened',
    'tunnel.closed',
    'proxy.started',
    'proxy.exited',
    'reap.ended',
  ];
  expect([...new Set(log.names())]).toEqual(expect.arrayContaining(wanted));
  const [started] = log.all('session.started');
  expect(Object.keys(started?.phases ?? {})).toEqual(['agent', 'tunnel', 'proxy', 'picture', 'command']);
  for (const { record } of log.seen) {
    const line = JSON.parse(JSON.stringify(record));
    expect(complaints(line)).toEqual([]);
    expect(Object.keys(line).slice(0, 3)).toEqual(['v', 'time', 'event']);
    expect(line, 'nothing is lost on the way to a line').toEqual(record);
  }
});
