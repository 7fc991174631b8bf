/** `watch --xstate-inspector` as a process: what a client sees that knows the official wire by its description alone. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { startEmulator } from '../../src/emulator/index.js';
import { createGuardian } from '../../src/index.js';
import { connectToInspector } from '../../src/inspection/xstateLink.js';
import { XStateWire } from '../../src/inspection/xstateWire.js';
import { Cli, linesOf, Place } from '../cli/support/cli.js';
import { command, targetOf } from '../schema/support/command.js';
import { complaints } from '../schema/support/eventSchema.js';
import { manualClock } from '../support/manualClock.js';
import { eventually, pause } from '../support/until.js';

interface Told {
  readonly type: string;
  readonly sessionId: string;
  readonly rootId: string;
  readonly createdAt: string;
  readonly _version: string;
  readonly name?: string;
  readonly definition?: string;
  readonly parentId?: string;
  readonly sourceId?: string;
  readonly event?: { readonly type: string };
  readonly snapshot?: { readonly status: string };
}

/** One JSON message an event; everything a client of that kind does is to read them. */
function client(address: string) {
  const told: Told[] = [];
  const socket = new WebSocket(address);
  socket.on('message', (data) => void told.push(JSON.parse(String(data))));
  const of = (type: string) => told.filter((one) => one.type === `@xstate.${type}`);
  return { told, of, socket };
}

/** Is there as soon as the server is. */
async function visitor(at: number): Promise<ReturnType<typeof client>> {
  for (;;) {
    const one = client(`ws://localhost:${at}`);
    const isIn = await new Promise<boolean>((resolve) => {
      one.socket.on('open', () => resolve(true)).on('error', () => resolve(false));
    });
    if (isIn) return one;
    await pause(50);
  }
}

async function port(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('actors, events and snapshots of a running watch arrive, and why --json asks the same watch', async () => {
  await using server = await startEmulator();
  const session = server.sessions.start();
  await using target = await targetOf(server);
  using place = new Place();
  const words = ['watch', ...target.words, '--json', '--interval', '200', '--xstate-inspector', '--inspect'];
  const watching = new Cli(words, place);
  const page = await watching.until(
    () => /XState inspector: (\S+)\n/.exec(watching.stderr)?.[1],
    'the place',
  );
  const { told, of, socket } = client(page.replace(/^http/, 'ws'));
  await eventually('snapshots', () => of('snapshot').length > 5 && of('event').length > 5, 20_000);
  await watching.event('session.registered');

  const actors = new Set(of('actor').map(({ sessionId }) => sessionId));
  const root = of('actor').find(({ parentId }) => parentId === undefined);
  expect(root).toMatchObject({ name: 'guardian', snapshot: { status: 'active' } });
  expect(Object.keys(JSON.parse(root?.definition ?? '').states)).toContain('guarding');
  for (const one of told) {
    expect(one).toMatchObject({ rootId: root?.sessionId, _version: '0.7.2' });
    expect(Number(one.createdAt)).toBeGreaterThan(0);
    expect(actors).toContain(one.sessionId);
  }
  for (const { parentId } of of('actor')) if (parentId !== undefined) expect(actors).toContain(parentId);
  for (const { event } of of('event')) expect(event?.type).toEqual(expect.any(String));
  expect(of('event').some(({ sourceId }) => sourceId !== undefined && actors.has(sourceId))).toBe(true);
  for (const { event, snapshot } of of('snapshot')) {
    expect(event?.type).toEqual(expect.any(String));
    expect(snapshot?.status).toEqual(expect.any(String));
  }

  const why = await new Cli(['why', session, '--json'], place).ended;
  expect(linesOf(why.stdout)).toMatchObject([{ event: 'session.explained', session, state: 'running' }]);
  expect(linesOf(why.stdout).flatMap(complaints)).toEqual([]);
  socket.terminate();
  watching.child.kill('SIGTERM');
  expect((await watching.ended).code).toBe(0);
}, 60_000);

test('a server of the inspector may come late, go and come again; nobody is told of that', async () => {
  const wire = new XStateWire();
  const time = manualClock();
  const place = await port();
  const guardian = createGuardian({ journal: false, inspect: wire.inspect });
  const link = connectToInspector(wire, `ws://localhost:${place}`, time.clock);
  await guardian.start();
  /** Another try, and what reaches a client of that server. */
  const visit = async () => {
    // Its own stop() leaves those connected who are: it goes as it does for people, with its process.
    const code = `(await import('@statelyai/inspect/server')).createInspectorServer({ port: ${place}, autoOpen: false })`;
    const inspector = spawn(process.execPath, ['--input-type=module', '-e', code]);
    onTestFinished(() => void inspector.kill('SIGKILL'));
    const viewer = await visitor(place);
    const isTold = () => {
      time.pass(40_000);
      return viewer.of('actor').some(({ name }) => name === 'guardian');
    };
    await eventually('the guardian is told of', isTold, 20_000);
    inspector.kill('SIGKILL');
  };
  await eventually('a try has failed', () => time.armed() > 0);
  await visit();
  await eventually('the server is gone', () => time.armed() > 0);
  await visit();
  link.close();
  expect(time.armed()).toBe(0);
  await guardian.stop();
});

test('a port that is taken ends the watch with what to do; a guardian that cannot be made leaves none open', async () => {
  await using server = await startEmulator();
  await using target = await targetOf(server);
  const taken = await command(['watch', ...target.words, '--xstate-inspector', String(server.port)]).ended;
  expect(taken.exitCode).toBe(78);
  expect(taken.lines.at(-1)).toMatchObject({
    event: 'command.failed',
    failure: {
      code: 'config.invalid',
      message: expect.stringContaining(`port ${server.port}: it is taken. Name`),
    },
  });
  const free = await port();
  const wrong = ['a\u0001@127.0.0.1:22', '--xstate-inspector', String(free)];
  const failed = await command(['watch', ...target.words, ...wrong]).ended;
  expect(failed.lines.at(-1)).toMatchObject({ event: 'command.failed', exitCode: 78 });
  const again = createServer();
  await new Promise<void>((resolve, reject) =>
    again.once('error', reject).listen(free, '127.0.0.1', resolve),
  );
  await new Promise((resolve) => again.close(resolve));
});
