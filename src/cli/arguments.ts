import { Command, CommanderError, Option } from 'commander';
import { X2GoError } from '../errors.js';
import { addBrokerCommands, type BrokerInvocation } from './brokerOptions.js';
import {
  addCommonOptions,
  addRecordOption,
  type CommonOptions,
  type DemoOptions,
  inspectorPlace,
  type ListingOptions,
  milliseconds,
  type ReplayOptions,
  type WatchOptions,
  type WhyOptions,
} from './options.js';
import { addPageOptions, type InspectOptions, pagePort, processId } from './pageOptions.js';
import { addProfileCommands, type ProfilesInvocation } from './profileCommands.js';
import { fromPyhoca } from './pyhoca.js';
import { addSessionCommands, type SessionInvocation } from './sessionCommands.js';
import { addSieveOptions } from './sieveOptions.js';
import { addApplyOptions, addWantedCommands, type WantedInvocation } from './wantedOptions.js';

export const listings = ['sessions', 'desktops', 'mounts', 'features'] as const;
export type ListingName = (typeof listings)[number];

/** What was asked for. */
export type Invocation =
  | { readonly command: 'watch'; readonly targets: readonly string[]; readonly options: WatchOptions }
  | { readonly command: ListingName; readonly targets: readonly string[]; readonly options: ListingOptions }
  | { readonly command: 'doctor'; readonly targets: readonly string[]; readonly options: CommonOptions }
  | { readonly command: 'demo'; readonly targets: readonly []; readonly options: DemoOptions }
  | { readonly command: 'replay'; readonly file: string; readonly options: ReplayOptions }
  | { readonly command: 'inspect'; readonly options: InspectOptions }
  | { readonly command: 'why'; readonly session: string; readonly options: WhyOptions }
  | ProfilesInvocation
  | BrokerInvocation
  | WantedInvocation
  | SessionInvocation;

/** Where commander writes help to. */
export interface Pages {
  out(text: string): void;
  err(text: string): void;
}

const summaries: Readonly<Record<ListingName, string>> = {
  sessions: 'list the sessions of each target, once',
  desktops: 'list the desktops that can be shared, once',
  mounts: 'list the folders mounted in sessions, once',
  features: 'list what each server can do, once',
};

const afterword = `
A target is [user@]host[:port], a Host of ~/.ssh/config, or a profile: of the file
given with --config, or of x2goclient (see: profiles).

Exit codes: 0 done, 1 unexpected, 2 usage, 65 no answer of use, 66 no such profile,
session or desktop, 69 no connection, 70 ended by force or left, 72 nxproxy or DISPLAY
missing, 74 file, 75 timed out, 76 host key, 77 login, 78 configuration, 79 refused by
the server.

pyhoca-cli's options are understood where they mean the same: -N, -R, -S, -T, -D, -L
for the commands, --server, -u, -p, -k and those of a session.`;

/** argv, or undefined when help or the version was asked for and printed. Throws usage.invalid. */
export function parseArguments(
  argv: readonly string[],
  version: string,
  pages: Pages,
): Invocation | undefined {
  let invocation: Invocation | undefined;
  const program = new Command('x2go-guardian')
    .description('Guards X2Go remote desktop sessions, and leaves nothing behind.')
    .usage('<command> [target...] [options]')
    .version(version)
    .helpCommand('help [command]', 'how a command is used')
    .addHelpText('after', afterword)
    .showSuggestionAfterError()
    .configureOutput({ writeOut: (text) => pages.out(text), writeErr: () => undefined })
    .exitOverride();

  const add = (name: string, summary: string, example: string) =>
    addCommonOptions(program.command(name).description(summary)).addHelpText(
      'after',
      `\nExample:\n  x2go-guardian ${example}`,
    );
  addPageOptions(
    addApplyOptions(
      addRecordOption(
        add('watch', 'guard these profiles until told to stop', 'watch alice@x2go.example.org --json'),
      ),
    ),
  )
    .argument(
      '[target...]',
      "default: every profile of the file given with --config; without one, of x2goclient's",
    )
    .option(
      '--no-state-watch',
      'no loop on the server that tells changes within a second: list at every interval',
    )
    .option('--reconcile <ms>', 'a full listing although nothing changed (default: 60000)', milliseconds)
    .addOption(
      new Option(
        '--xstate-inspector [place]',
        'for the XState inspector: serve it on this port, or send to ws://localhost:PORT',
      ).argParser(inspectorPlace),
    )
    .action((targets: string[], options: WatchOptions) => {
      invocation = { command: 'watch', targets, options };
    });
  for (const name of listings) {
    const command = add(name, summaries[name], `${name} alice@x2go.example.org`);
    (name === 'sessions' ? addSieveOptions(command) : command)
      .argument('[target...]', 'default: every profile of the file given with --config')
      .option('--all', "every profile, x2goclient's too")
      .action((targets: string[], options: ListingOptions) => {
        invocation = { command: name, targets, options };
      });
  }
  addSessionCommands(program, (asked) => {
    invocation = asked;
  });
  addProfileCommands(program, (asked) => {
    invocation = asked;
  });
  addBrokerCommands(program, (asked) => {
    invocation = asked;
  });
  addWantedCommands(program, (asked) => {
    invocation = asked;
  });
  addPageOptions(
    addRecordOption(
      add('demo', 'a guarded world of its own, with sessions that come and go; needs no server', 'demo'),
    ),
  )
    .option('--no-inspect', 'without the live page')
    .option('--duration <ms>', 'end by itself after this time', milliseconds)
    .action((options: DemoOptions) => {
      invocation = { command: 'demo', targets: [], options };
    });
  add('replay', 'tell a recorded run again', 'replay run.ndjson --check')
    .argument('<file>', 'what --record wrote')
    .option('--check', 'only tell whether the charts come to the same states by the same events')
    .option('--page [port]', 'show it in the live page, until told to stop', pagePort)
    .action((file: string, options: ReplayOptions) => {
      invocation = { command: 'replay', file, options };
    });
  add(
    'why',
    'how a session came to be as it is, and what it waits for',
    'why alice-50 --recording run.ndjson',
  )
    .argument('<session>', 'its name, or as much of it as fits no other')
    .option(
      '--recording <file>',
      'as it was at the end of this recording; default: as it is in a running watch',
    )
    .option('--pid <pid>', 'the watch to ask, where several run with --inspect', processId)
    .action((session: string, options: WhyOptions) => {
      invocation = { command: 'why', session, options };
    });
  program
    .command('inspect')
    .description('the live page of a running watch')
    .option('--json', 'print the tree of all actors')
    .option('--pid <pid>', 'which one, where several run', processId)
    .addHelpText('after', '\nExample:\n  x2go-guardian inspect')
    .action((options: InspectOptions) => {
      invocation = { command: 'inspect', options };
    });
  add('doctor', 'what is missing here or there, and what to do about it', 'doctor alice@x2go.example.org')
    .argument('[target...]', 'servers to try as well')
    .action((targets: string[], options: CommonOptions) => {
      invocation = { command: 'doctor', targets, options };
    });

  const isCommand = (word: string) =>
    word === 'help' || program.commands.some((command) => command.name() === word);
  try {
    program.parse([...fromPyhoca(argv, isCommand)], { from: 'user' });
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    if (cause.exitCode === 0) return undefined;
    if (cause.code === 'commander.help') pages.err(program.helpInformation());
    throw usage(cause, argv);
  }
  return invocation;
}

function usage({ code, message }: CommanderError, argv: readonly string[]): X2GoError {
  if (code === 'commander.help') return new X2GoError('usage.invalid', 'A command is wanted');
  const said = message.replace(/^error: /, '').replace(/\n/g, ' ');
  const command = argv.find((word) => !word.startsWith('-'));
  const help = command !== undefined && code !== 'commander.unknownCommand' ? `${command} --help` : '--help';
  return new X2GoError('usage.invalid', `${said}. See: x2go-guardian ${help}`);
}
