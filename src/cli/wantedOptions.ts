import { type Command, Option } from 'commander';
import { addCommonOptions, type CommonOptions } from './options.js';

/** How far the file of declared sessions reaches. */
export interface ReachOptions {
  /** Sessions like them that others started will do. */
  readonly adopt?: boolean;
  /** End sessions of ours that the file does not name any more. */
  readonly prune?: boolean;
}
/** Of `watch`. */
export interface ApplyOptions extends ReachOptions {
  /** A file of declared sessions. */
  readonly apply?: string;
}

export interface WantedInvocation {
  readonly command: 'plan' | 'apply';
  readonly file: string;
  readonly options: CommonOptions & ReachOptions;
}

const addReachOptions = (command: Command): Command =>
  command
    .option('--adopt', 'a session like the declared one that somebody else started will do')
    .option('--prune', 'end the sessions that were started for this file and that it does not name any more');

export const addApplyOptions = (command: Command): Command =>
  addReachOptions(
    command.addOption(
      new Option('--apply <file>', 'keep the sessions as this file declares them (see: plan)'),
    ),
  );

/** The commands of declared sessions. */
export function addWantedCommands(program: Command, take: (invocation: WantedInvocation) => void): void {
  const summaries = {
    plan: 'what differs from the sessions that a file declares, and what would be done about it',
    apply: 'do it, once; what it starts is suspended when it ends, ready for watch --apply',
  } as const;
  for (const command of ['plan', 'apply'] as const) {
    const added = program
      .command(command)
      .description(summaries[command])
      .argument('<file>', 'YAML or JSON: its schema is x2go-guardian/schema/wanted.json')
      .addHelpText('after', `\nExample:\n  x2go-guardian ${command} sessions.yaml`);
    addCommonOptions(addReachOptions(added)).action((file: string, options: WantedInvocation['options']) =>
      take({ command, file, options }),
    );
  }
}
