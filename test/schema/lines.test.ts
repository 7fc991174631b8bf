import { expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { command, type Printed, targetOf } from './support/command.js';
import { complaints } from './support/eventSchema.js';

async function furnished(): Promise<Emulator> {
  const server = await startEmulator({ desktops: [{ user: 'bob', display: 51 }] });
  server.sessions.addMount(server.sessions.start(), '/home/alice/music');
  server.sessions.start({ attach: false });
  return server;
}

function expectAsPublished({ lines }: Printed): void {
  expect(lines.flatMap(complaints)).toEqual([]);
  for (const line of lines) expect(Object.keys(line).slice(0, 3)).toEqual(['v', 'time', 'event']);
}

test.each([
  ['sessions', 'session.listed', 2],
  ['desktops', 'desktop.listed', 2],
  ['mounts', 'mount.listed', 1],
  ['features', 'feature.listed', 15],
])('every line of %s --json is as the schema says', async (listing, event, rows) => {
  await using server = await furnished();
  await using target = await targetOf(server);
  const printed = await command([listing, ...target.words]).ended;
  expect(printed.lines.map((line) => line.event)).toEqual(Array(rows).fill(event));
  expect(printed.exitCode).toBe(0);
  expectAsPublished(printed);
});

test('every line of watch --json is as the schema says, the report too', async () => {
  await using server = await furnished();
  await using target = await targetOf(server);
  const watching = command(['watch', ...target.words]);
  await watching.until('session.registered');
  watching.signal('SIGTERM');
  const printed = await watching.ended;
  expect(printed.lines.at(-1)?.event).toBe('guardian.terminated');
  expect(printed.exitCode).toBe(0);
  expectAsPublished(printed);
});

test('every line of doctor --json is as the schema says', async () => {
  await using server = await furnished();
  await using target = await targetOf(server);
  expectAsPublished(await command(['doctor', ...target.words]).ended);
});

test('the last line of a command that fails is as the schema says, for one thing or for several', async () => {
  await using server = await furnished();
  server.faults.missing();
  await using target = await targetOf(server);
  const usage = await command(['sessions', 'no:such:target']).ended;
  const missing = await command(['sessions', ...target.words]).ended;
  const both = await command(['sessions', `nobody@${server.host}:${server.port}`, ...target.words]).ended;
  expect([usage, missing, both].map(({ lines }) => lines.at(-1)?.event)).toEqual(
    Array(3).fill('command.failed'),
  );
  for (const printed of [usage, missing, both]) {
    expect(printed.lines.at(-1)?.exitCode).toBe(printed.exitCode);
    expectAsPublished(printed);
  }
  expect(usage.lines.at(-1)).not.toHaveProperty('profile');
  expect(both.lines.at(-1)?.failures).toHaveLength(2);
});
