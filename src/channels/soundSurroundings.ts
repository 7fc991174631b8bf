import { homedir, hostname } from 'node:os';
import { type Clock, monotonicClock } from '../clock.js';
import { pulsePort } from '../protocol/pulse.js';

/** What of this machine and its user says where their sound server is. */
export interface SoundSurroundings {
  /** PULSE_SERVER, PULSE_COOKIE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME. @default the environment */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Undefined where users have no number. */
  readonly uid: number | undefined;
  /** Where each user has a runtime folder by their number, for those whom no XDG_RUNTIME_DIR was given. @default '/run/user' */
  readonly runtimeFolders: string;
  /** Where the machine's id is. A server string may say in braces for which machine it is meant. */
  readonly machineIdFiles: readonly string[];
  /** In place of a machine's id, where it has none. */
  readonly hostName: string;
  /** Where sound servers listen that listen for the network at all. @default 127.0.0.1:4713 */
  readonly lastResort: { readonly host: string; readonly port: number };
  readonly clock: Clock;
}

export const soundSurroundings = (): SoundSurroundings => ({
  variables: process.env,
  home: homedir(),
  uid: process.getuid?.(),
  runtimeFolders: '/run/user',
  machineIdFiles: ['/etc/machine-id', '/var/lib/dbus/machine-id'],
  hostName: hostname(),
  lastResort: { host: '127.0.0.1', port: pulsePort },
  clock: monotonicClock,
});
