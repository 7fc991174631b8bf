import { createRequire } from 'node:module';

export const versionOfThis = (): string =>
  (createRequire(import.meta.url)('x2go-guardian/package.json') as { version: string }).version;
