import { type Command, InvalidArgumentError } from 'commander';
import { addBrokerOptions, type BrokerCommandOptions, type BrokerInvocation } from './brokerOptions.js';
import { addCommonOptions } from './options.js';

export type ProfilesOptions = Pick<BrokerCommandOptions, 'json' | 'config' | 'quiet' | 'broker'>;
export interface EditProfileOptions extends ProfilesOptions {
  /** The file that is changed. */
  readonly file?: string;
  readonly name?: string;
  readonly set: readonly Setting[];
  readonly unset: readonly string[];
}
export interface Setting {
  readonly key: string;
  readonly value: string;
}
export type ProfilesInvocation =
  | { readonly command: 'profiles'; readonly what: 'list'; readonly options: ProfilesOptions }
  | {
      readonly command: 'profiles';
      readonly what: 'show';
      readonly word: string;
      readonly options: ProfilesOptions;
    }
  | {
      readonly command: 'profiles';
      readonly what: 'add' | 'edit' | 'remove';
      readonly word: string;
      readonly options: EditProfileOptions;
    };

const setting = (text: string, before: readonly Setting[]): readonly Setting[] => {
  const [, key, value] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('It must be KEY=VALUE.');
  return [...before, { key, value }];
};
const another = (text: string, before: readonly string[]) => [...before, text];

const usual = (command: Command): Command =>
  command
    .option('--json', 'print one JSON object a line, and nothing else, on stdout')
    .option('--quiet', 'only what was asked for, and errors');
const file = '--file <file>';
const whichFile = 'the file to change (default: ~/.x2goclient/sessions)';

/** `profiles` and what can be done to them. */
export function addProfileCommands(
  program: Command,
  take: (invocation: ProfilesInvocation | BrokerInvocation) => void,
): void {
  const profiles = addCommonOptions(
    addBrokerOptions(
      program
        .command('profiles')
        .description("the profiles there are: x2goclient's and those of --config, or a session broker's"),
    ),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  x2go-guardian profiles show office --json\n  x2go-guardian profiles --broker https://broker.example.org/plain/inifile/',
    )
    .action((options: BrokerCommandOptions) =>
      take(
        options.broker === undefined
          ? { command: 'profiles', what: 'list', options }
          : { command: 'brokerProfiles', options },
      ),
    );
  const add = (name: string, summary: string) =>
    usual(profiles.command(`${name} <name>`).description(summary));
  // Of an option that both have, the first one takes the words.
  const all = (command: Command) => command.optsWithGlobals();

  add('show', 'what a profile comes to, and which file each value is from').action(
    (word: string, _: unknown, command: Command) =>
      take({ command: 'profiles', what: 'show', word, options: all(command) }),
  );
  const change = (what: 'add' | 'edit', summary: string) =>
    add(what, summary)
      .option(
        '--set <key=value>',
        "one of x2goclient's keys, e.g. host=x2go.example.org; may be repeated",
        setting,
        [],
      )
      .option('--unset <key>', 'back to the default; may be repeated', another, [])
      .option('--name <name>', 'the name it is to have')
      .option(file, whichFile)
      .action((word: string, _: unknown, command: Command) =>
        take({ command: 'profiles', what, word, options: all(command) as EditProfileOptions }),
      );
  change('add', 'a new profile, which x2goclient has then, too');
  change('edit', 'other values for a profile; everything else in the file stays as it is');
  add('remove', 'a profile goes; the file as it was is kept beside it')
    .option(file, whichFile)
    .action((word: string, _: unknown, command: Command) =>
      take({
        command: 'profiles',
        what: 'remove',
        word,
        options: { set: [], unset: [], ...all(command) } as EditProfileOptions,
      }),
    );
}
