import type { Client } from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { parseWatchLine, type WatchLine, watchScript } from '../../src/protocol/stateWatch.js';
import { connect, exec, newMarker, type Talk } from './support/client.js';

let emulator: Emulator;
let client: Client;

beforeEach(async () => {
  emulator = await startEmulator();
  client = await connect(emulator);
});
afterEach(async () => {
  client.end();
  await emulator.stop();
});

async function startWatch(): Promise<Talk> {
  const marker = newMarker();
  const talk = await exec(client);
  talk.channel.write(watchScript({ verb: 'watch', marker }));
  await talk.until((out) => out.includes(`\n${marker} begin 0\n`));
  talk.out = '';
  return talk;
}

/** Ticks once; what came back up to the tick. */
async function tick(talk: Talk, number: number, ...pids: number[]): Promise<WatchLine[]> {
  talk.out = '';
  talk.channel.write(`${[number, ...pids].join(' ')}\n`);
  await talk.until((out) => out.endsWith(`t ${number}\n`));
  return talk.out.trimEnd().split('\n').map(parseWatchLine);
}

test('a watch answers a tick alone unless something changed', async () => {
  const { sessions } = emulator;
  const watch = await startWatch();
  expect(await tick(watch, 1)).toEqual([{ kind: 'changed' }, { kind: 'tick', tick: 1 }]);
  expect(await tick(watch, 2)).toEqual([{ kind: 'tick', tick: 2 }]);
  const session = sessions.start();
  const state = (word: string) => ({ kind: 'state', session, word });
  expect(await tick(watch, 3)).toEqual([{ kind: 'changed' }, state('RUNNING'), { kind: 'tick', tick: 3 }]);
  sessions.suspend(session);
  expect(await tick(watch, 4)).toEqual([{ kind: 'changed' }, state('SUSPENDED'), { kind: 'tick', tick: 4 }]);
  sessions.writeState(session, 'RUNNINGTING');
  expect(await tick(watch, 5)).toContainEqual(state('RUNNINGTING'));
  sessions.writeState(session, '');
  expect(await tick(watch, 6)).toEqual([{ kind: 'changed' }, { kind: 'tick', tick: 6 }]);
  sessions.writeState(session, 'TERMINATED');
  expect(await tick(watch, 7)).toEqual([{ kind: 'tick', tick: 7 }]);
});

test('a watch names the agents that are gone, and only those that were asked for', async () => {
  const { sessions } = emulator;
  const [one, other] = [sessions.start(), sessions.start()];
  const pids = [one, other].map((session) => sessions.get(session).record.agentPid ?? 0);
  const watch = await startWatch();
  await tick(watch, 1, ...pids);
  sessions.killAgent(one);
  const answer = await tick(watch, 2, ...pids);
  expect(answer).toContainEqual({ kind: 'gone', agent: pids[0] });
  expect(answer).not.toContainEqual({ kind: 'gone', agent: pids[1] });
  expect(answer).toContainEqual({ kind: 'state', session: one, word: 'RUNNING' });
});

test('a watch ends with its stdin', async () => {
  const watch = await startWatch();
  expect(emulator.channels).toBe(1);
  watch.channel.end();
  await watch.closed;
  expect(watch.code).toBe(0);
  await expect.poll(() => emulator.channels).toBe(0);
});

test('a tick that comes together with the script is swallowed, as dash does', async () => {
  const marker = newMarker();
  const talk = await exec(client);
  talk.channel.write(`${watchScript({ verb: 'watch', marker })}1\n`);
  await talk.until((out) => out.includes(`${marker} begin 0\n`));
  talk.channel.write('2\n');
  await talk.until((out) => out.includes('t 2\n'));
  expect(talk.out).not.toContain('t 1');
});

test('a script may come in pieces', async () => {
  const marker = newMarker();
  const talk = await exec(client);
  for (const letter of watchScript({ verb: 'watch', marker }).match(/[\s\S]{1,7}/g) ?? []) {
    talk.channel.write(letter);
    await new Promise(setImmediate);
  }
  await talk.until((out) => out.includes(`${marker} begin 0\n`));
  talk.channel.end();
  await talk.closed;
  expect(talk.code).toBe(0);
});
