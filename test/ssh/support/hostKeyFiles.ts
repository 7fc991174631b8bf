import { mkdirSync, writeFileSync } from 'node:fs';
import type { X2GoError } from '../../../src/errors.js';
import { type HostKeyOptions, openHostKeys } from '../../../src/ssh/hostKeys.js';
import { openWorkshop } from './keys.js';

/** A workshop for known_hosts files. */
export function openHostKeyWorkshop() {
  const workshop = openWorkshop();
  let count = 0;
  /** A known_hosts file in a directory of its own, with this content if any. */
  const knownHosts = (content?: string | Buffer, mode = 0o600): string => {
    const dir = workshop.path(`files${++count}`);
    mkdirSync(dir, { mode: 0o755 });
    const path = `${dir}/known_hosts`;
    if (content !== undefined) writeFileSync(path, content, { mode });
    return path;
  };
  return { ...workshop, knownHosts };
}

export const open = (file: string | readonly string[], options: Partial<HostKeyOptions> = {}) =>
  openHostKeys({
    host: 'h.example',
    port: 22,
    mode: 'strict',
    files: typeof file === 'string' ? [file] : file,
    ...options,
  });

export const codeOf = (verdict: true | X2GoError) => (verdict === true ? true : verdict.code);
