import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { enablingCommand } from '../../support/real/prerequisites.js';

const executablePath = '/usr/bin/chromium';
export const hasChromium = existsSync(executablePath);
const missing = hasChromium ? undefined : `chromium missing: run \`${enablingCommand}\``;

/** As describe(), for tests in a real Chromium. Without one they are listed as skipped; with CI=true that is a failure. */
export function describeChromium(name: string, define: () => void): void {
  if (missing === undefined) {
    describe(name, { timeout: 60_000 }, define);
    return;
  }
  describe.skip(`${name} [skipped: ${missing}]`, define);
  if (process.env.CI !== 'true') return;
  test(`${name}: CI=true requires the tests in Chromium`, () => {
    expect.fail(missing);
  });
}

/** It talks to nobody but us. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launch = (): Promise<Browser> => chromium.launch({ executablePath, args });
