import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDeafListener } from '../support/deafListener.js';
import { type Life, live } from '../support/life.js';
import { greetingOf } from '../support/pulseGreeting.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/until.js';

const secret = randomBytes(256);
let folder: string;
/** What each connection to the local sound server has said; the first one of a ride only asks whether it is there. */
let heard: Buffer[];
let server: Server;
const sockets = new Set<Socket>();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'x2go-sound-'));
  writeFileSync(join(folder, 'cookie'), secret, { mode: 0o600 });
  heard = [];
  server = createServer((socket) => {
    const at = heard.push(Buffer.alloc(0)) - 1;
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
    socket.on('data', (chunk) => {
      heard[at] = Buffer.concat([heard[at] ?? chunk, chunk]);
      socket.write(`heard ${chunk.length};`);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  playAt((server.address() as AddressInfo).port);
  vi.stubEnv('PULSE_COOKIE', join(folder, 'cookie'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const socket of sockets) socket.destroy();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const playAt = (port: number) => vi.stubEnv('PULSE_SERVER', `tcp:127.0.0.1:${port}`);
const said = () => heard.filter(({ length }) => length > 0);
const opened = ({ log }: Life, times = 1) =>
  eventually(
    `${times} x sound`,
    () => log.all('tunnel.opened').filter(({ tunnel }) => tunnel === 'sound').length === times,
    soon(5_000),
  );
const portOf = ({ emulator }: Life, session: string) =>
  emulator.sessions.get(session).record.ports?.sound ?? 0;
const lentTo = ({ emulator }: Life, session: string): Buffer => {
  const lent = emulator.sessions.get(session).files['.pulse-cookie'];
  if (lent === undefined) throw new Error('no cookie was lent');
  return lent;
};
/** What a program on the server is answered, until its connection ends or `enough` was said. */
const answer = async (program: Duplex, enough = 1): Promise<string> => {
  let text = '';
  program.on('data', (chunk) => {
    text += chunk;
  });
  let over = false;
  program.on('close', () => {
    over = true;
  });
  await eventually('an answer or an end', () => over || text.length >= enough, soon(5_000));
  return text;
};

test('a program with the lent cookie is let in, and the sound server here is shown the user’s own', async () => {
  await using life = await live();
  const session = await life.start({ sound: true });
  await opened(life);
  const lent = lentTo(life, session.id);
  expect(lent).not.toEqual(secret);
  const program = await life.emulator.connectTo(portOf(life, session.id));
  program.write(Buffer.concat([greetingOf(lent), Buffer.from('and more')]));
  expect(await answer(program)).toMatch(/^heard/);
  await eventually('all of it', () => said()[0]?.length === 296 + 8, soon(5_000));
  expect(said()).toEqual([Buffer.concat([greetingOf(secret), Buffer.from('and more')])]);
});

test('who shows anything else is not let in: nothing here hears of it, and the session’s program still is', async () => {
  await using life = await live();
  const session = await life.start({ sound: true });
  await opened(life);
  const port = portOf(life, session.id);
  const probes = heard.length;
  for (const greeting of [greetingOf(secret), greetingOf(randomBytes(256)), Buffer.alloc(300)]) {
    const stranger = await life.emulator.connectTo(port);
    stranger.write(greeting);
    expect(await answer(stranger)).toBe('');
  }
  expect(heard).toHaveLength(probes);
  const program = await life.emulator.connectTo(port);
  program.write(greetingOf(lentTo(life, session.id)));
  expect(await answer(program)).toMatch(/^heard/);
});

test('each ride lends another cookie: what was lent before a resume lets nobody in after it', async () => {
  await using life = await live();
  const session = await life.start({ sound: true });
  await opened(life);
  const before = lentTo(life, session.id);
  await session.suspend();
  await session.resume();
  await opened(life, 2);
  expect(lentTo(life, session.id)).not.toEqual(before);
  const port = portOf(life, session.id);
  const late = await life.emulator.connectTo(port);
  late.write(greetingOf(before));
  expect(await answer(late)).toBe('');
  const program = await life.emulator.connectTo(port);
  program.write(greetingOf(lentTo(life, session.id)));
  expect(await answer(program)).toMatch(/^heard/);
  expect(said()).toEqual([greetingOf(secret)]);
});

test('a port that somebody else has there: no sound, the session lives, and a resume gives it another', async () => {
  await using life = await live();
  const first = await life.start();
  // The next agent is given the next ports.
  const taken = portOf(life, first.id) + 3;
  life.emulator.faults.takePort(taken);
  const session = await life.start({ sound: true });
  expect(portOf(life, session.id)).toBe(taken);
  const failure = await life.log.until('tunnel.failed', ({ tunnel }) => tunnel === 'sound');
  expect(failure).toMatchObject({ session: session.id, failure: { code: 'tunnel.portTaken' } });
  expect(session.state).toBe('running');
  await session.suspend();
  await session.resume({ sound: true });
  await opened(life);
  expect(portOf(life, session.id)).not.toBe(taken);
});

test('a program that was let in while the sound server here hangs is let go with the tunnel', async () => {
  const hanging = await openDeafListener();
  try {
    playAt(hanging.port);
    await using life = await live();
    const session = await life.start({ sound: true });
    await opened(life);
    await hanging.deafen();
    const program = await life.emulator.connectTo(portOf(life, session.id));
    const closed = once(program, 'close');
    program.resume().write(greetingOf(lentTo(life, session.id)));
    const silent = await life.emulator.connectTo(portOf(life, session.id));
    const alsoClosed = once(silent.resume(), 'close');
    await session.suspend();
    await Promise.all([closed, alsoClosed]);
    expect(life.guardian.profiles()[0]?.state).toBe('connected');
  } finally {
    hanging.close();
  }
});
