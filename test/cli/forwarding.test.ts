/** Whose key agent is forwarded, and that it is said. */
import { expect, test } from 'vitest';
import { forwarded, warnOfForwarding } from '../../src/cli/forwarding.js';
import type { SshAccess } from '../../src/cli/sshConfig.js';
import { runCli } from './support/cli.js';
import { startServer } from './support/server.js';

const access = (more: Partial<SshAccess>): SshAccess => ({ notices: [], identitiesOnly: false, ...more });
const options = { identity: [] };
const env = { OTHER: '/run/other', SSH_AUTH_SOCK: '/run/usual' };
const path = (said: SshAccess | undefined, usual?: string, more = {}) =>
  forwarded(said, { ...options, ...more }, usual, () => undefined, env).forwardAgent;

test.each([
  ['nobody asked for it', access({}), {}, undefined],
  ['the command did', undefined, { forwardAgent: true }, '/run/mine'],
  ['the configuration did', access({ forwardAgent: true }), {}, '/run/mine'],
  ['it names a socket', access({ forwardAgent: true, forwardAgentSocket: '/run/s' }), {}, '/run/s'],
  ['it names a variable', access({ forwardAgent: true, forwardAgentSocket: '$OTHER' }), {}, '/run/other'],
  [
    'it says no, and names a socket later',
    access({ forwardAgent: false, forwardAgentSocket: '/s' }),
    {},
    undefined,
  ],
])('%s', (_, said, more, wanted) => {
  expect(path(said, '/run/mine', more)).toBe(wanted);
});

test('without an agent there is nothing to forward', () => {
  expect(path(access({ forwardAgent: true }))).toBe(undefined);
});

test('the warning names the host, and nothing is said where nothing is forwarded', () => {
  const said: string[] = [];
  const printer = { say: (text: string) => said.push(text) } as unknown as Parameters<
    typeof warnOfForwarding
  >[2];
  const profile = { id: 'office', host: 'x2go.example.org', user: 'alice' };
  warnOfForwarding([{ profile }, { profile, ssh: access({ forwardAgent: true }) }], options, printer);
  expect(said).toEqual([
    expect.stringMatching(
      /^x2go-guardian: office: your key agent is forwarded: .*root on x2go\.example\.org/,
    ),
  ]);
});

test('a server that does not take it is told of, and the command goes on', async () => {
  await using server = await startServer();
  const words = ['features', ...server.there, '--forward-agent'];
  const ended = await runCli(words, server.place, { env: { SSH_AUTH_SOCK: '/nowhere' } });
  expect(ended.stderr).toMatch(/your key agent is forwarded/);
  expect(ended.stderr).toMatch(/does not let its programs use our key agent/);
  expect(ended.code).toBe(0);
});
