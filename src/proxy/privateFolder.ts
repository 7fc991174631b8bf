import { randomBytes } from 'node:crypto';
import { accessSync, constants, lstatSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X2GoError } from '../errors.js';
import { isNxPath } from '../protocol/nxOptions.js';
import { localFailure } from './localFailure.js';
import type { Environment } from './programs.js';

const sticky = 0o1000;
const othersMayWrite = 0o022;

/**
 * The path of a folder that is yet to be made, under $XDG_RUNTIME_DIR, else where temporary files go. It is known before it
 * is there, so that it can be noted first. Throws file.unwritable when no place is fit for a secret.
 */
export function privatePath(env: Environment, places: readonly string[] = usualPlaces()): string {
  const bases = [env.XDG_RUNTIME_DIR, ...places].filter((base) => base !== undefined);
  const faults = bases.map((base) => ({ base, fault: baseFault(base, base === env.XDG_RUNTIME_DIR) }));
  const fit = faults.find(({ fault }) => fault === undefined);
  if (fit) return join(fit.base, `x2go-guardian-${randomBytes(8).toString('hex')}`);
  const why = faults.map(({ base, fault }) => `${base} ${fault}`).join(', ');
  throw new X2GoError('file.unwritable', `There is no place for a private folder: ${why}`);
}

/** Makes it. Whatever stands there already is not ours: it is refused, a link too. */
export function makePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
    const fault = faultOf(path, true);
    if (fault !== undefined) throw new X2GoError('file.unwritable', `${path} ${fault}`);
  } catch (cause) {
    throw localFailure(cause, `The private folder ${path} cannot be made`);
  }
}

function baseFault(base: string, own: boolean): string | undefined {
  return faultOf(base, own) ?? (mayWrite(base) ? undefined : 'cannot be written');
}

export function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** With all that is in it; links are removed, not followed. */
export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 2 });
}

/** Why a folder may not be used. `own`: it must be ours alone; else it is enough that nobody else can replace what is in it. */
export function faultOf(path: string, own: boolean): string | undefined {
  if (!isNxPath(path)) return 'has a comma, colon, blank or = in its path';
  try {
    const seen = lstatSync(path);
    const { uid, mode } = seen;
    if (seen.isSymbolicLink()) return 'is a link';
    if (!seen.isDirectory()) return 'is no folder';
    const me = process.getuid?.();
    const foreign = me !== undefined && uid !== me;
    if (foreign && (own || uid !== 0)) return 'belongs to somebody else';
    const open = process.platform !== 'win32' && (mode & othersMayWrite) !== 0;
    if (open && (own || (mode & sticky) === 0)) return 'is open to others';
    return undefined;
  } catch (cause) {
    return `cannot be used (${(cause as NodeJS.ErrnoException).code ?? cause})`;
  }
}

const usualPlaces = () => [tmpdir(), resolved(tmpdir()), '/tmp'].filter((place) => place !== undefined);

function resolved(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
