import { mkdirSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { screenChecks } from '../../src/cli/screenChecks.js';
import { complaints } from '../schema/support/eventSchema.js';
import { linesOf, runCli } from './support/cli.js';
import { startServer } from './support/server.js';

const failedWith = (stdout: string) => {
  const lines = linesOf(stdout);
  expect(lines.flatMap(complaints)).toEqual([]);
  expect(lines.at(-1)).toMatchObject({ event: 'command.failed', exitCode: 72 });
  return lines.at(-1)?.failure;
};

describe.concurrent('72: what is missing here is told before anything is asked of the server', () => {
  test('no X display', async () => {
    await using server = await startServer();
    const words = ['start', ...server.there, '--command', 'xterm', '--json'];
    const { code, stdout, stderr } = await runCli(words, server.place);
    expect(code).toBe(72);
    expect(failedWith(stdout)).toMatchObject({ code: 'screen.missing' });
    expect(stderr).toMatch(/DISPLAY/);
    const named = [...words, '--display', ':4711'];
    expect((await runCli(named, server.place)).stdout).toContain('screen.missing');
    expect(server.emulator.commandsServed).not.toContain('x2gostartagent');
    expect(server.place.leftovers()).toEqual([]);
  });

  test('no nxproxy', async () => {
    await using server = await startServer();
    const bin = server.place.file('bin');
    mkdirSync(bin);
    symlinkSync(process.execPath, `${bin}/node`);
    const session = server.emulator.sessions.start();
    const words = ['resume', ...server.there, session, '--json'];
    const env = { PATH: bin, DISPLAY: ':4711' };
    const { code, stdout, stderr } = await runCli(words, server.place, { env });
    expect(code).toBe(72);
    expect(failedWith(stdout)).toMatchObject({ code: 'proxy.missing' });
    expect(stderr).toMatch(/nxproxy is not in PATH/);
  });
});

test('doctor notes what is missing here, and takes it for no error', async () => {
  const missing = {
    ok: false,
    failure: { code: 'proxy.missing', message: 'nxproxy is not there', retryable: false },
  } as const;
  const findings = await screenChecks(async () => ({
    nxproxy: missing,
    screen: { ok: false, failure: { ...missing.failure, message: 'no DISPLAY' } },
    xauth: undefined,
    setpriv: undefined,
  }));
  expect(findings.map(({ check, verdict }) => `${check} ${verdict}`)).toEqual([
    'nxproxy warning',
    'screen warning',
    'xauth warning',
    ...(process.platform === 'linux' ? ['setpriv warning'] : []),
  ]);
  expect(findings.map(({ advice }) => advice ?? '')).not.toContain('');
  expect(findings[0]?.message).toContain('without it no session can be shown here');
  const found = await screenChecks(async () => ({
    nxproxy: { ok: true, path: '/usr/bin/nxproxy', version: '3.5.99' },
    screen: { ok: true, display: ':0', width: 800, height: 600, depth: 24 },
    xauth: '/usr/bin/xauth',
    setpriv: '/usr/bin/setpriv',
  }));
  expect(found.map(({ verdict }) => verdict)).toEqual(['ok', 'ok', 'ok']);
});
