import type { GuardianOptions } from '../options.js';
import { accessTo } from './access.js';
import { type Chosen, chooseProfiles } from './chosen.js';
import type { Context } from './command.js';
import { readConfig } from './config.js';
import type { Config } from './configSchema.js';
import type { CommonOptions } from './options.js';
import { readPassword } from './passwordStdin.js';
import { openQuestions, type Stage } from './questions.js';

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
  const { io, ending } = context;
  const { options } = wanted;
  const config = options.config === undefined ? undefined : await readConfig(options.config);
  const chosen = chooseProfiles(wanted.targets, config);
  const password = options.passwordStdin ? await readPassword(io.stdin, ending.asked) : undefined;
  const questions = openQuestions(io, ending, options, stage);
  return {
    chosen,
    config,
    options: {
      profiles: chosen.map(({ profile }) => profile),
      ...accessTo(chosen, options, {
        ...(password === undefined ? {} : { password }),
        ...(questions === undefined ? {} : { questions }),
      }),
      ...(options.interval === undefined ? {} : { refreshInterval: options.interval }),
      logLevel: options.logLevel ?? 'silent',
    },
  };
}
