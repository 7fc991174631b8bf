/** An actor that is stopped from outside gives back what it opened by itself, whoever else may look after it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { Scope } from '../../src/scope.js';
import { RefusedSecrets } from '../../src/ssh/refusedSecrets.js';
import { stateWatch } from '../../src/ssh/stateWatch.js';
import { survey } from '../../src/ssh/survey.js';
import { transport } from '../../src/ssh/transport.js';
import type { World } from '../../src/world.js';
import { countingClock } from '../support/countingClock.js';
import { eventually } from '../support/until.js';
import { runTunnel } from './support/tunnels.js';

const folder = mkdtempSync(join(tmpdir(), 'alone-'));
afterAll(() => rmSync(folder, { recursive: true }));

const counting = countingClock();

function worldOf({ host, port, hostKey, clientKey }: Emulator): World {
  const file = join(folder, `known_hosts-${port}`);
  writeFileSync(file, `[${host}]:${port} ${hostKey}\n`);
  return {
    clock: counting.clock,
    chance: () => 0.5,
    scope: new Scope(() => performance.now()),
    connections: new Map(),
    credentialsOf: async () => ({ identities: [{ privateKey: clientKey }] }),
    hostKeysOf: () => ({ mode: 'strict', files: [file] }),
    answers: new Map(),
    refusals: new RefusedSecrets(),
    cookies: new Map(),
    viewers: new Map(),
  } as unknown as World;
}

/** Runs one actor under a parent that remembers what it said; the function stops it. */
function run(src: unknown, input: unknown) {
  const told: string[] = [];
  const parent = createMachine({
    invoke: { src: src as never, input: input as never },
    on: { '*': { actions: ({ event }) => told.push(event.type) } },
  });
  const actor = createActor(parent).start();
  return { told, stop: () => actor.stop() };
}

async function connect(server: Emulator) {
  const world = worldOf(server);
  const { host, port, user } = server;
  const line = run(transport(world), {
    profile: { id: 'office', host, port, user },
    attempt: 1,
    degradedAfterMs: 60_000,
  });
  await eventually('a line', () => line.told.includes('ssh.ready'));
  return { world, line };
}
const kinds = ({ scope }: World) => scope.open.map(({ kind }) => kind);

test('a transport closes its line', async () => {
  await using server = await startEmulator();
  const { world, line } = await connect(server);
  expect(kinds(world)).toEqual(['transport']);
  line.stop();
  await eventually('no line', () => server.connections === 0);
  await eventually('no timer', () => counting.armed() === 0);
  expect(kinds(world)).toEqual([]);
  expect(world.connections.size).toBe(0);
});

test('a state watch ends its loop on the server, and the line stays', async () => {
  await using server = await startEmulator();
  const { world, line } = await connect(server);
  const watch = run(stateWatch(world), { profile: 'office', idlePaceMs: 20, busyPaceMs: 20 });
  await eventually('the watch', () => watch.told.includes('watch.opened'));
  expect([kinds(world), server.channels]).toEqual([['transport', 'watch'], 1]);
  watch.stop();
  await eventually('no channel', () => server.channels === 0);
  expect(kinds(world)).toEqual(['transport']);
  expect(server.connections).toBe(1);
  line.stop();
  await eventually('no line', () => server.connections === 0);
});

test('a listing that was answered is struck off, and so is one that is given up', async () => {
  await using server = await startEmulator();
  const { world, line } = await connect(server);
  const parts = { identity: false, sessions: true, mounts: false, shadows: false, agents: [] };
  const listing = () => run(survey(world), { profile: 'office', ...parts, deadlineMs: 10_000 });
  const answered = listing();
  await eventually('an answer', () => answered.told.some((type) => type.startsWith('xstate.done')));
  await eventually('no channel', () => server.channels === 0);
  expect(kinds(world)).toEqual(['transport']);
  server.faults.hang('x2golistsessions');
  const hanging = listing();
  await eventually('a channel', () => server.channels === 1);
  hanging.stop();
  await eventually('no channel', () => server.channels === 0);
  await eventually('the line alone', () => kinds(world).join() === 'transport');
  line.stop();
  await eventually('no line', () => server.connections === 0);
});

test('a tunnel is told that its line has gone, and gives its listener back', async () => {
  await using server = await startEmulator();
  const { world, line } = await connect(server);
  const session = 'alice-50-1795371132_stRxterm_dp24';
  const tunnel = runTunnel(world, { profile: 'office', session, tunnel: 'graphics', serverPort: 30_001 });
  await tunnel.until('tunnel.opened');
  expect(kinds(world)).toEqual(['listener', 'transport']);
  await server.faults.close();
  expect((await tunnel.until('tunnel.failed')).failure.code).toBe('ssh.closed');
  await eventually('no listener', () => !kinds(world).includes('listener'));
  tunnel.stop();
  line.stop();
  await eventually('nothing', () => kinds(world).length === 0);
});
