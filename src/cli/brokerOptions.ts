import type { Command } from 'commander';
import { addCommonOptions, type CommonOptions } from './options.js';

/** How a session broker is asked. */
export interface BrokerOptions {
  /** Its address. */
  readonly broker?: string;
  readonly brokerUser?: string;
  /** A file of certificates to trust for it. */
  readonly brokerCa?: string;
  /** A file that holds the authentication id to begin with. */
  readonly brokerAuthId?: string;
}

export type BrokerInvocation =
  | { readonly command: 'brokerProfiles'; readonly options: BrokerCommandOptions }
  | {
      readonly command: 'brokerTest' | 'brokerPassword';
      readonly url: string;
      readonly options: BrokerCommandOptions;
    };
export interface BrokerCommandOptions extends CommonOptions, BrokerOptions {}

/** Where a broker may be asked for a profile. */
export const addBrokerOptions = (command: Command): Command =>
  addBrokerLogin(
    command.option(
      '--broker <url>',
      'take the profile from this session broker: http://, https:// or ssh://',
    ),
  );

const addBrokerLogin = (command: Command): Command =>
  command
    .option('--broker-user <user>', "who asks the broker (default: the address's user, else yours)")
    .option('--broker-ca <file>', 'trust only these certificates (PEM) for the broker')
    .option('--broker-auth-id <file>', 'a file with the authentication id the broker wants first');

/** The commands that are a broker's own. */
export function addBrokerCommands(program: Command, take: (invocation: BrokerInvocation) => void): void {
  const broker = program.command('broker').description('what a session broker can be asked besides');
  const add = (name: string, summary: string, command: 'brokerTest' | 'brokerPassword') =>
    addCommonOptions(addBrokerLogin(broker.command(name).description(summary)))
      .argument('<url>', 'its address: http://, https:// or ssh://')
      .action((url: string, options: BrokerCommandOptions) => take({ command, url, options }));
  add('test', 'whether the broker is there and lets us in', 'brokerTest');
  add(
    'password',
    'change the password at the broker; --password-stdin reads the old one and the new one, a line each',
    'brokerPassword',
  );
}
