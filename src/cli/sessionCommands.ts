import type { Command } from 'commander';
import type { SessionOrder } from '../../machines/orders.js';
import { addBrokerOptions } from './brokerOptions.js';
import { addCommonOptions } from './options.js';
import { orderFrom, presentationFrom, saysWork } from './order.js';
import {
  addModeOptions,
  addPickOptions,
  addReapOptions,
  addShowOptions,
  addStateOption,
  addWorkOptions,
  type EndOptions,
  type ReapOptions,
  type ResumeOptions,
  type ShareOptions,
  type StartOptions,
  type WaitOptions,
} from './sessionOptions.js';
import { addSweepOptions } from './sieveOptions.js';

/** `words` are `[target] SESSION...`: which is which is told by what they look like, and by the configuration. */
export type SessionInvocation =
  | {
      readonly command: 'start';
      readonly targets: readonly string[];
      readonly options: StartOptions;
      /** Nothing where a profile says it. */
      readonly order: SessionOrder | undefined;
    }
  | { readonly command: 'resume'; readonly words: readonly string[]; readonly options: ResumeOptions }
  | { readonly command: 'share'; readonly words: readonly string[]; readonly options: ShareOptions }
  | {
      readonly command: 'suspend' | 'terminate';
      readonly words: readonly string[];
      readonly options: EndOptions;
    }
  | { readonly command: 'wait'; readonly words: readonly string[]; readonly options: WaitOptions }
  | { readonly command: 'reap'; readonly options: ReapOptions };

const target = 'default: the profile of the file given with --config';
const session = 'its name, or as much of it as fits no other';
const stays = 'It stays until the session has ended, was suspended or taken over; Ctrl-C suspends it.';

/** The commands of one session's life. */
export function addSessionCommands(program: Command, take: (invocation: SessionInvocation) => void): void {
  const add = (name: string, summary: string, example: string) =>
    program.command(name).description(summary).addHelpText('after', `\nExample:\n  ${example}`);

  const start = add(
    'start',
    `start a session and show it here. ${stays}`,
    'x2go-guardian start alice@x2go.example.org --command xterm',
  ).argument('[target]', target);
  addCommonOptions(addBrokerOptions(addShowOptions(addWorkOptions(start)))).action(
    (one: string | undefined, options: StartOptions) => {
      const targets = one === undefined ? [] : [one];
      const isNamed = targets.length > 0 || options.server !== undefined;
      const isSaidThere = (options.broker !== undefined || isNamed) && !saysWork(options);
      if (isSaidThere) presentationFrom(options);
      take({ command: 'start', targets, options, order: isSaidThere ? undefined : orderFrom(options) });
    },
  );

  const resume = add(
    'resume',
    `bring a session to the screen here, from another client too. ${stays}`,
    'x2go-guardian resume alice@x2go.example.org --newest --geometry fullscreen',
  ).argument('[words...]', `[target] and the session: ${session}`);
  addCommonOptions(addBrokerOptions(addShowOptions(addPickOptions(resume)))).action(
    (words: string[], options: ResumeOptions) => {
      presentationFrom(options);
      take({ command: 'resume', words, options });
    },
  );

  const share = add(
    'share',
    `look at a desktop that runs there, or take part in it. ${stays}`,
    'x2go-guardian share alice@x2go.example.org bob@:51 --full',
  ).argument('[words...]', '[target] and USER@:N or :N; the only one there is, if none is named');
  addCommonOptions(addShowOptions(addModeOptions(share))).action((words: string[], options: ShareOptions) => {
    presentationFrom(options);
    take({ command: 'share', words, options });
  });

  for (const verb of ['suspend', 'terminate'] as const) {
    const what = {
      suspend: 'take sessions off the screen; they go on there',
      terminate: 'end sessions, named or chosen',
    };
    const example = `x2go-guardian ${verb} alice@x2go.example.org alice-50-1795371806_stDmate_dp24`;
    const command = addPickOptions(add(verb, what[verb], example));
    addCommonOptions(verb === 'terminate' ? addSweepOptions(command) : command)
      .argument('[words...]', `[target] and the sessions: each by ${session}`)
      .action((words: string[], options: EndOptions) => take({ command: verb, words, options }));
  }

  const wait = add(
    'wait',
    'wait until a session has a state; 66 when it can never have it any more',
    'x2go-guardian wait alice@x2go.example.org --newest --state suspended --timeout 60000',
  );
  addCommonOptions(addPickOptions(addStateOption(wait)))
    .argument('[words...]', `[target] and the session: ${session}`)
    .action((words: string[], options: WaitOptions) => take({ command: 'wait', words, options }));

  const reap = add(
    'reap',
    'end what a killed run of ours left on this machine, and tell of the sessions it ran',
    'x2go-guardian reap --terminate alice-50',
  );
  addCommonOptions(addReapOptions(reap)).action((options: ReapOptions) => take({ command: 'reap', options }));
}
