import { EventEmitter } from 'node:events';
import type { ServerChannel } from 'ssh2';
import { expect, test } from 'vitest';
import { openTerminal } from '../../src/emulator/terminal.js';

/** A channel with a full window. */
function fullChannel() {
  const written: number[] = [];
  const channel = Object.assign(new EventEmitter(), {
    stderr: new EventEmitter(),
    write: (text: string | Buffer) => {
      written.push(text.length);
      return false;
    },
  });
  return { channel, written, terminal: openTerminal(channel as unknown as ServerChannel, () => {}) };
}
const turn = () => new Promise(setImmediate);

test('a flood writes nothing more before there is room, and nothing after the close', async () => {
  const { channel, written, terminal } = fullChannel();
  const flooding = terminal.flood(10_000_000);
  await turn();
  expect(written).toHaveLength(1);
  channel.emit('drain');
  await turn();
  expect(written).toHaveLength(2);
  channel.emit('close');
  await flooding;
  expect(written).toHaveLength(2);
});
