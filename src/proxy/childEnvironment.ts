import { resolve } from 'node:path';
import type { Environment } from './programs.js';

const passed = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'LC_CTYPE'];

/** All that nxproxy gets to know of our environment. */
export function childEnvironment(env: Environment, display: string, root: string): Environment {
  const some = passed.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return {
    ...Object.fromEntries(some),
    ...(env.XAUTHORITY ? { XAUTHORITY: resolve(env.XAUTHORITY) } : {}),
    DISPLAY: display,
    NX_ROOT: root,
    // Called for dialogs, which are ours to show.
    NX_CLIENT: '/bin/true',
  };
}
