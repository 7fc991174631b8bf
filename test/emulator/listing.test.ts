import type { Client } from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { parseFeatures } from '../../src/protocol/features.js';
import { parseMounts } from '../../src/protocol/mounts.js';
import { parseSessionRows } from '../../src/protocol/sessionRow.js';
import { parseVersions } from '../../src/protocol/versions.js';
import { connect, fullSurvey, newMarker, ran, survey } from './support/client.js';

let emulator: Emulator;
let client: Client;

beforeEach(async () => {
  emulator = await startEmulator({ now: () => 1_795_371_806_000 });
  client = await connect(emulator);
});
afterEach(async () => {
  client.end();
  await emulator.stop();
});

test('a survey tells what the store holds', async () => {
  const { sessions } = emulator;
  const app = sessions.start({ command: 'xterm' });
  const desktop = sessions.start({ kind: 'desktop', client: '192.0.2.7' });
  const shadow = sessions.start({ kind: 'shadow' });
  sessions.addMount(app, '/home/local/My Files');
  sessions.suspend(desktop);
  const gone = sessions.start({ kind: 'published' });
  sessions.killAgent(gone);
  const pids = [sessions.get(app).record.agentPid ?? 0, sessions.get(gone).record.agentPid ?? 0];

  const sections = await survey(client, fullSurvey(newMarker(), pids));
  expect([...sections.keys()]).toEqual([
    'home',
    'sessions',
    'shadows',
    'states',
    'agents',
    `mounts:${shadow}`,
    `mounts:${gone}`,
    `mounts:${app}`,
    'features',
    'versions',
  ]);
  const body = (name: string) => sections.get(name)?.body ?? '';
  expect(body('home')).toBe('/home/alice');
  const rows = ['sessions', 'shadows'].map((name) => parseSessionRows(body(name)));
  expect(rows.flatMap(({ skipped }) => skipped)).toEqual([]);
  expect(rows.flatMap((listing) => listing.sessions)).toEqual(sessions.list());
  expect(sessions.list().map(({ session, status }) => [session, status])).toEqual([
    [desktop, 'S'],
    [app, 'R'],
    [gone, 'R'],
    [shadow, 'R'],
  ]);
  expect(body('states')).toBe(
    `${desktop} SUSPENDED alive\n${app} RUNNING alive\n${gone} RUNNING gone\n${shadow} RUNNING alive\n`,
  );
  expect(body('agents')).toBe(`${pids[0]} alive\n${pids[1]} gone\n`);
  expect(parseMounts(app, body(`mounts:${app}`)).mounts).toEqual([
    { session: app, client: '127.0.0.1', mountpoint: '/tmp/.x2go-alice/media/disk/_home_local_My_Files' },
  ]);
  expect(parseMounts(gone, body(`mounts:${gone}`))).toEqual({ mounts: [], skipped: [] });
  expect(parseFeatures(body('features')).features).toHaveLength(15);
  expect(parseVersions(body('versions')).versions).toMatchObject({ x2goserver: '4.1.0.3' });
  expect(emulator.commandsServed).toEqual(['survey']);
});

test('the plain commands print what the survey has in its sections', async () => {
  const session = emulator.sessions.start();
  const listing = await ran(client, 'x2golistsessions');
  expect(listing.code).toBe(0);
  expect(parseSessionRows(listing.out).sessions).toEqual(emulator.sessions.list());
  expect((await ran(client, 'x2golistmounts')).code).toBe(255);
  expect((await ran(client, `x2golistmounts ${session}`)).out).toBe('\n');
  expect((await ran(client, 'x2golistdesktops')).out).toBe('alice@:50\n');
  const unknown = await ran(client, 'x2gonothing');
  expect([unknown.code, unknown.out]).toEqual([127, '']);
  expect(unknown.err).toContain('not found');
});
