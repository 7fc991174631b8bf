import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { monotonicClock } from '../../src/clock.js';
import { proxyPrerequisites } from '../../src/proxy/prerequisites.js';
import { realServerAvailable } from '../support/real/prerequisites.js';
import { stubNxproxy } from '../support/stubNxproxy/stubNxproxy.js';
import { stubScreen } from '../support/stubNxproxy/stubScreen.js';

test('what is there, and what is missing by name', async () => {
  const stub = stubNxproxy();
  const screen = await stubScreen();
  writeFileSync(stub.path, '#!/bin/sh\necho "NXPROXY - Version 3.5.99.26" >&2\n');
  const env = stub.env({ DISPLAY: screen.display });
  expect(await proxyPrerequisites(monotonicClock, env)).toMatchObject({
    nxproxy: { ok: true, path: stub.path, version: '3.5.99.26' },
    screen: { ok: true, display: screen.display, width: 1280, height: 800, depth: 24 },
  });
  const bare = await proxyPrerequisites(monotonicClock, { PATH: '/nonexistent' });
  expect(bare).toMatchObject({
    nxproxy: {
      ok: false,
      failure: { code: 'proxy.missing', message: expect.stringContaining('/nonexistent') },
    },
    screen: { ok: false, failure: { code: 'screen.missing' } },
  });
  expect(bare.xauth).toBeUndefined();
  expect(bare.setpriv).toBeUndefined();
  writeFileSync(stub.path, '#!/bin/sh\necho "another program"\nexit 1\n');
  expect((await proxyPrerequisites(monotonicClock, env)).nxproxy).toMatchObject({
    ok: false,
    failure: { message: expect.stringContaining('does not tell its version') },
  });
  await screen.stop();
  stub.remove();
});

test.runIf(realServerAvailable() === true)('the real nxproxy tells its version', async () => {
  const { nxproxy, xauth } = await proxyPrerequisites(monotonicClock);
  expect(nxproxy).toMatchObject({ ok: true, version: expect.stringMatching(/^3\.5\.\d+/) });
  expect(xauth).toMatch(/\/xauth$/);
});
