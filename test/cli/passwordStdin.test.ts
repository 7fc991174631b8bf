import { expect, test } from 'vitest';
import { readPassword } from '../../src/cli/passwordStdin.js';
import { run } from '../../src/cli/run.js';
import { runCli } from './support/cli.js';
import { FakeIo } from './support/fakeIo.js';
import { startServer } from './support/server.js';

const stdinWith = (text: string | undefined) => {
  const { stdin } = new FakeIo();
  if (text !== undefined) stdin.write(text);
  return stdin;
};
const never = new AbortController().signal;

test.each([
  ['a line', 'secret\n', 'secret'],
  ['a line as Windows ends it', 'secret\r\n', 'secret'],
  ['only the first line', 'secret\nmore\n', 'secret'],
  ['blanks, which belong to it', '  two words \n', '  two words '],
  ['more than ASCII', 'pässwörd\n', 'pässwörd'],
])('a password is %s', async (_, text, password) => {
  expect(await readPassword(stdinWith(text), never)).toBe(password);
});

test('a password without a line end is whole when stdin ends', async () => {
  const stdin = stdinWith('sec');
  stdin.end('ret');
  expect(await readPassword(stdin, never)).toBe('secret');
});

test.each([
  ['nothing', ''],
  ['an empty line', '\n'],
  ['a line without an end', 'x'.repeat(5_000)],
])('%s is no password', async (_, text) => {
  const stdin = stdinWith(text);
  stdin.end();
  await expect(readPassword(stdin, never)).rejects.toMatchObject({ code: 'usage.invalid' });
});

test('a terminal is no place to read a password from without asking', async () => {
  const stdin = Object.assign(stdinWith('secret\n'), { isTTY: true });
  await expect(readPassword(stdin, never)).rejects.toMatchObject({ code: 'usage.invalid' });
});

test.each([
  ['sessions', 1],
  ['watch', 0],
] as const)('SIGTERM while %s waits for a password ends it', async (command, code) => {
  const io = new FakeIo();
  const reads = new Promise<void>((resolve) => {
    const read = io.stdin._read.bind(io.stdin);
    io.stdin._read = (size) => {
      resolve();
      read(size);
    };
  });
  const ended = run([command, 'alice@127.0.0.1:1', '--password-stdin'], io);
  await reads;
  io.events.emit('SIGTERM', 'SIGTERM');
  expect(await ended).toBe(code);
  expect(io.events.eventNames()).toEqual([]);
});

test('the right password lets us in, and neither the process list nor the output shows it', async () => {
  await using server = await startServer({ password: 'canary-secret' });
  const args = ['features', server.target, '--known-hosts', server.knownHosts, '--password-stdin', '--json'];
  const { code, stdout, stderr } = await runCli(args, server.place, { input: 'canary-secret\n' });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('X2GO_LIST_DESKTOPS');
  expect(stdout).not.toContain('canary');
});
