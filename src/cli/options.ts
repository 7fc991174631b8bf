import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ExitPolicy, exitPolicies } from '../../machines/orders.js';
import { type LogLevel, logLevelOf } from '../inspection/logLevels.js';
import type { SshTarget } from '../profiles/sshConfig.js';
import { jumpsFrom } from './jumps.js';
import type { PageOptions } from './pageOptions.js';
import type { Sieve } from './sieve.js';
import type { ApplyOptions } from './wantedOptions.js';

export type HostKeyMode = 'strict' | 'ask' | 'accept-new';

/** What every command takes. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly identity: readonly string[];
  readonly knownHosts?: string;
  readonly hostKey?: HostKeyMode;
  readonly passwordStdin?: boolean;
  /** In ms. */
  readonly timeout?: number;
  /** In ms. */
  readonly interval?: number;
  readonly config?: string;
  /** A file in place of ssh's own, or none. */
  readonly sshConfig?: string;
  /** The hops on the way, nearest first, in place of those that a profile or ssh's configuration has. */
  readonly jump?: readonly SshTarget[];
  /** Lets the session's programs use the key agent. */
  readonly forwardAgent?: boolean;
  readonly logLevel?: string;
  readonly quiet?: boolean;
  readonly nonInteractive?: boolean;
  readonly onExit?: ExitPolicy;
  /** pyhoca-cli's way to name a target. */
  readonly server?: string;
  readonly username?: string;
  readonly remoteSshPort?: number;
}
export interface ListingOptions extends CommonOptions, Sieve {
  /** Over all profiles there are. */
  readonly all?: boolean;
}
export interface RecordOptions extends CommonOptions {
  /** A file for everything that happens, to be replayed. */
  readonly record?: string;
}
export interface WatchOptions extends RecordOptions, PageOptions, ApplyOptions {
  readonly stateWatch: boolean;
  /** In ms. */
  readonly reconcile?: number;
  /** A port of ours (0: one that is free), or the address of a server of @statelyai/inspect. */
  readonly xstateInspector?: number | string;
}
export interface DemoOptions extends RecordOptions, PageOptions {
  /** In ms. */
  readonly duration?: number;
}

export interface ReplayOptions extends CommonOptions {
  /** Only tell whether the charts go the same way again. */
  readonly check?: boolean;
  /** In the live page. */
  readonly page?: boolean | number;
}
export interface WhyOptions extends CommonOptions {
  readonly recording?: string;
  /** The watch to ask, where several run. */
  readonly pid?: number;
}

const longestTimer = 2 ** 31 - 1;

export function milliseconds(text: string): number {
  const ms = Number(text);
  if (/^\d+$/.test(text) && ms >= 1 && ms <= longestTimer) return ms;
  throw new InvalidArgumentError('It must be a whole number of milliseconds above 0.');
}

/** Without a value: any free port. */
export const inspectorPlace = (text: string): number | string =>
  /^ws:\/\/(localhost|127\.0\.0\.1|\[::1\]):\d+\/?$/.test(text) ? text : port(text);

function port(text: string): number {
  const number = Number(text);
  if (/^\d{1,5}$/.test(text) && number >= 1 && number <= 65_535) return number;
  throw new InvalidArgumentError('A port is a number from 1 to 65535.');
}

export const addRecordOption = (command: Command): Command =>
  command.option('--record <file>', 'write down everything that happens, for replay and why');

function logLevel(text: string): LogLevel {
  try {
    return logLevelOf(text);
  } catch (cause) {
    throw new InvalidArgumentError(`${(cause as Error).message}.`);
  }
}

const collect = (one: string, before: readonly string[]) => [...before, one];

export const addCommonOptions = (command: Command): Command =>
  command
    .option('--json', 'print one JSON object a line, and nothing else, on stdout')
    .addOption(
      new Option('-i, --identity <file>', 'log in with this private key first; may be repeated')
        .argParser(collect)
        .default([], 'the usual keys and the key agent'),
    )
    .option('--known-hosts <file>', 'host keys are looked up, and written down, here')
    .addOption(
      new Option('--host-key <mode>', 'hosts nobody knows (default: ask on a terminal, else strict)').choices(
        ['strict', 'ask', 'accept-new'],
      ),
    )
    .option('--password-stdin', 'read the password from the first line of stdin')
    .option('--timeout <ms>', 'how long the answers to one command may take (default: 30000)', milliseconds)
    .option('--interval <ms>', 'how often to look (default: 5000)', milliseconds)
    .option('--config <file>', 'profiles and refresh options, as JSON')
    .option(
      '-F, --ssh-config <file>',
      'hosts are looked up here as ssh does, or nowhere: none (default: ~/.ssh/config)',
    )
    .option(
      '-J, --jump <hops>',
      'reach the target over these: [user@]host[:port], more after a comma, or none',
      jumpsFrom,
    )
    .option(
      '--forward-agent',
      "let the session's programs use your key agent; whoever is root on the server can, too",
    )
    .option(
      '--log-level <level>',
      'logs on stderr: trace, debug, info, warn, error, fatal, silent, or 56 as python-x2go has it (default: warn with --json, else silent)',
      logLevel,
    )
    .option('--quiet', 'only what was asked for, and errors')
    .option('--non-interactive', 'never ask, even on a terminal')
    .addOption(
      new Option('--on-exit <what>', 'what becomes of the sessions run here (default: suspend)').choices([
        ...exitPolicies,
      ]),
    )
    .addOption(new Option('--server <host>').hideHelp())
    .addOption(new Option('--username <user>').hideHelp())
    .addOption(new Option('--remote-ssh-port <port>').argParser(port).hideHelp());
