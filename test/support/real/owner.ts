import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lookAt } from './processes.js';

/**
 * Whatever the harness makes outside of its process carries the name of the process that made it, so that a
 * later run can tell what a killed run left behind from what a parallel run is using.
 */
const prefix = 'x2go-harness';

/** `<pid>-<start time>`: unlike a pid alone it never names another process later. */
export function ownerTag(): string {
  return `${process.pid}-${lookAt(process.pid)?.startedAt ?? 0}`;
}

export function isOwnerAlive(tag: string): boolean {
  const [pid, startedAt] = tag.split('-');
  return lookAt(Number(pid))?.startedAt === startedAt;
}

/** A 0700 folder without comma, colon or blank in its path: nxproxy's options know no escaping. */
export function makeTempDir(use: string, owner = ownerTag()): string {
  return mkdtempSync(join(tmpdir(), `${prefix}-${owner}-${use}-`));
}

/** Removes the temp folders of runs that are dead. */
export function reapTempDirs(): void {
  for (const name of readdirSync(tmpdir())) {
    const tag = name.match(new RegExp(`^${prefix}-([0-9]+-[0-9]+)-`))?.[1];
    if (tag && !isOwnerAlive(tag)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}
