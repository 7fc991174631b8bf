import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Failure } from '../../machines/vocabulary.js';
import type { Clock } from '../clock.js';
import { toFailure } from '../errors.js';
import { type LocalScreen, localScreen } from './localScreen.js';
import { type Environment, findNxproxy, findProgram, missingProgram, whyNotRunnable } from './programs.js';

export type Finding<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly failure: Failure };

/** What a session on the screen needs of this machine. */
export interface Prerequisites {
  /** `version` is what it says of itself. */
  readonly nxproxy: Finding<{ readonly path: string; readonly version: string }>;
  readonly screen: Finding<{ readonly display: string } & LocalScreen>;
  /** nxproxy asks it for the screen's cookie. Absent: it works only where local users are let in without. */
  readonly xauth: string | undefined;
  /** With it nxproxy dies with us, even where we are killed. */
  readonly setpriv: string | undefined;
}

/** How long nxproxy may take to tell its version. */
const patience = 5_000;

export async function proxyPrerequisites(
  clock: Clock,
  env: Environment = process.env,
  display = env.DISPLAY ?? '',
): Promise<Prerequisites> {
  const [nxproxy, screen] = await Promise.all([
    finding(() => versionOf(env)),
    finding(async () => ({ display, ...(await localScreen(display, { env, clock })) })),
  ]);
  return { nxproxy, screen, xauth: findProgram('xauth', env), setpriv: findProgram('setpriv', env) };
}

async function finding<T>(look: () => Promise<T>): Promise<Finding<T>> {
  try {
    return { ok: true, ...(await look()) };
  } catch (cause) {
    return { ok: false, failure: toFailure(cause) };
  }
}

async function versionOf(env: Environment): Promise<{ path: string; version: string }> {
  const path = findNxproxy('nxproxy', env);
  const options = { env: { PATH: env.PATH, LC_ALL: 'C' }, timeout: patience, killSignal: 'SIGKILL' } as const;
  const { stdout, stderr } = await promisify(execFile)(path, ['-v'], options).catch((cause) => cause);
  const version = /NXPROXY - Version ([0-9][0-9A-Za-z.+~-]{0,40})/.exec(`${stderr}${stdout}`)?.[1];
  if (version !== undefined) return { path, version };
  throw missingProgram(whyNotRunnable(path) ?? `${path} does not tell its version`);
}
