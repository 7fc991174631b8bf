import { clean } from '../protocol/text.js';
import type { Credentials } from '../ssh/credentials.js';
import type { Chosen } from './chosen.js';
import type { CommonOptions } from './options.js';
import type { Printer } from './printer.js';
import { agentOf, type SshAccess } from './sshConfig.js';

type Env = Readonly<Record<string, string | undefined>>;

/** The agent to forward, where the command or ssh's configuration says so: the one named there, else that of our keys. */
export function forwarded(
  access: SshAccess | undefined,
  options: CommonOptions,
  usual: string | undefined,
  refused: (message: string) => void,
  env: Env = process.env,
): Pick<Credentials, 'forwardAgent' | 'agentRefused'> {
  if (!isForwarded(access, options)) return {};
  const named = access?.forwardAgentSocket;
  const path = named === undefined ? usual : agentOf(named, env);
  return path === undefined ? {} : { forwardAgent: path, agentRefused: refused };
}

/** A forwarded agent is a risk that a line in a file is easily forgotten for. */
export function warnOfForwarding(chosen: readonly Chosen[], options: CommonOptions, printer: Printer): void {
  for (const { profile, ssh } of chosen)
    if (isForwarded(ssh, options))
      printer.say(
        `x2go-guardian: ${clean(profile.id)}: your key agent is forwarded: whoever is root on ${clean(profile.host)} can log in with its keys while the line lasts`,
      );
}

const isForwarded = (access: SshAccess | undefined, { forwardAgent }: CommonOptions): boolean =>
  forwardAgent === true || access?.forwardAgent === true;
