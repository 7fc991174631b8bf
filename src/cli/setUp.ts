import type { GuardianOptions } from '../options.js';
import { accessTo } from './access.js';
import { type Chosen, chooseProfiles } from './chosen.js';
import type { Context } from './command.js';
import { readConfig } from './config.js';
import type { Config } from './configSchema.js';
import type { CommonOptions } from './options.js';
import { readPassword } from './passwordStdin.js';
import { openQuestions, type Stage } from './questions.js';
import { completed } from './server.js';
import { sshConfigOf, tellNotices } from './sshConfig.js';

export interface SetUp {
  readonly chosen: readonly Chosen[];
  readonly config: Config | undefined;
  /** What every guardian of this command is made with. */
  readonly options: GuardianOptions;
}

interface Wanted {
  readonly targets: readonly string[];
  readonly options: CommonOptions;
}

const noStage: Stage = { pause: () => undefined, resume: () => undefined };

/** From words to profiles and to how they are logged in to. Throws what is wrong with them. */
export async function setUp(wanted: Wanted, context: Context, stage: Stage = noStage): Promise<SetUp> {
  const { options } = wanted;
  const config = await configOf(options);
  const named = options.server === undefined ? wanted.targets : [options.server, ...wanted.targets];
  const isProfile = (text: string) => config?.profiles.some(({ id }) => id === text) ?? false;
  const targets = named.map((text) => (isProfile(text) ? text : completed(text, options)));
  const isPlace = named.some((text) => !isProfile(text));
  const sshConfig = isPlace ? await sshConfigOf(options, context.io.env) : undefined;
  const chosen = chooseProfiles(targets, config, undefined, sshConfig);
  if (!options.quiet) tellNotices(chosen, context.printer);
  return { chosen, config, options: await openAccess(chosen, options, context, stage) };
}

export const configOf = async ({ config }: CommonOptions): Promise<Config | undefined> =>
  config === undefined ? undefined : readConfig(config);

/** How the chosen profiles are logged in to, and whom to ask. Throws what readPassword() throws. */
export async function openAccess(
  chosen: readonly Chosen[],
  options: CommonOptions,
  { io, ending }: Context,
  stage: Stage = noStage,
): Promise<GuardianOptions> {
  const password = options.passwordStdin ? await readPassword(io.stdin, ending.asked) : undefined;
  const questions = openQuestions(io, ending, options, stage);
  return {
    profiles: chosen.map(({ profile }) => profile),
    ...accessTo(chosen, options, {
      ...(password === undefined ? {} : { password }),
      ...(questions === undefined ? {} : { questions }),
    }),
    ...(options.interval === undefined ? {} : { refreshInterval: options.interval }),
    ...(options.onExit === undefined ? {} : { onExit: options.onExit }),
    logLevel: options.logLevel ?? 'silent',
  };
}
