import { fromFailure } from '../errors.js';
import type { GuardianOptions } from '../options.js';
import { clean } from '../protocol/text.js';
import { accessTo } from './access.js';
import { type Chosen, chooseProfiles, thisUser } from './chosen.js';
import type { Context } from './command.js';
import { readConfig } from './config.js';
import type { Config } from './configSchema.js';
import { warnOfForwarding } from './forwarding.js';
import { overJumps } from './jumps.js';
import type { CommonOptions } from './options.js';
import { readPassword } from './passwordStdin.js';
import { openQuestions, type Questions, type Stage } from './questions.js';
import type { ProfileFailure } from './records.js';
import { completed } from './server.js';
import { type SessionProfiles, sessionProfiles } from './sessionProfiles.js';
import { type SplitWords, splitWords } from './sessionWords.js';
import { sshConfigOf, tellNotices } from './sshConfig.js';

export interface SetUp {
  readonly chosen: readonly Chosen[];
  readonly config: Config | undefined;
  /** Profiles that were meant by "all" and cannot be used. */
  readonly left: readonly ProfileFailure[];
  /** What every guardian of this command is made with. */
  readonly options: GuardianOptions;
  /** Undefined where there is nobody to ask. */
  readonly questions?: Questions;
}

/** The files that say what a word on the command line means. */
export interface Sources {
  readonly config: Config | undefined;
  readonly sessions: SessionProfiles;
}

interface Wanted {
  readonly targets: readonly string[];
  readonly options: CommonOptions;
  /** Without a target: x2goclient's profiles, if the configuration has none, or as well. */
  readonly every?: 'ifNone' | 'asWell';
  /** What splitTargets() has read already. @default they are read */
  readonly sources?: Sources;
}

const noStage: Stage = { pause: () => undefined, resume: () => undefined };

/** From words to profiles and to how they are logged in to. Throws what is wrong with them. */
export async function setUp(wanted: Wanted, context: Context, stage: Stage = noStage): Promise<SetUp> {
  const { options } = wanted;
  const { config, sessions } = wanted.sources ?? (await readSources(options));
  const words = options.server === undefined ? wanted.targets : [options.server, ...wanted.targets];
  const isProfile = (text: string) =>
    sessions.has(text) || (config?.profiles.some(({ id }) => id === text) ?? false);
  const targets = words.map((text) => (isProfile(text) ? text : completed(text, options)));
  const hasOwn = (config?.profiles.length ?? 0) > 0;
  const isEvery =
    targets.length === 0 && (wanted.every === 'asWell' || (wanted.every === 'ifNone' && !hasOwn));
  const { chosen: every, left } = isEvery ? sessions.all(thisUser) : { chosen: [], left: [] };
  const [first] = left;
  if (first !== undefined && every.length === 0 && !hasOwn) throw fromFailure(first.failure);
  const isLookedUp = options.jump !== undefined || !words.every(isProfile);
  const sshConfig = isLookedUp ? await sshConfigOf(options, context.io.env) : undefined;
  const isNone = every.length > 0 && !hasOwn;
  const named = isNone ? [] : chooseProfiles(targets, config, thisUser, sshConfig, sessions);
  const ids = new Set(named.map(({ profile }) => profile.id));
  const direct = [...named, ...every.filter(({ profile }) => !ids.has(profile.id))];
  const isLed = options.jump !== undefined && sshConfig !== undefined;
  const chosen = isLed ? direct.map((one) => overJumps(one, sshConfig)) : direct;
  if (!options.quiet) {
    tellNotices(chosen, context.printer);
    warnOfForwarding(chosen, options, context.printer);
  }
  const questions = openQuestions(context.io, context.ending, options, stage);
  return {
    ...{ chosen, config, left, ...(questions === undefined ? {} : { questions }) },
    options: await openAccess(chosen, options, context, questions),
  };
}

async function readSources(options: Pick<CommonOptions, 'config'>): Promise<Sources> {
  const [config, sessions] = await Promise.all([configOf(options), sessionProfiles()]);
  return { config, sessions };
}

/** The target and the names in `[target] NAME...`, and what was read to tell them apart, for setUp(). */
export async function splitTargets(
  words: readonly string[],
  options: CommonOptions,
): Promise<SplitWords & { readonly sources: Sources }> {
  const sources = await readSources(options);
  return { ...splitWords(words, options, sources.config, sources.sessions.has), sources };
}

export const configOf = async ({ config }: Pick<CommonOptions, 'config'>): Promise<Config | undefined> =>
  config === undefined ? undefined : readConfig(config);

/** How the chosen profiles are logged in to, and whom to ask. Throws what readPassword() throws. */
export async function openAccess(
  chosen: readonly Chosen[],
  options: CommonOptions,
  { io, ending, printer }: Context,
  questions: Questions | undefined,
): Promise<GuardianOptions> {
  const password = options.passwordStdin ? await readPassword(io.stdin, ending.asked) : undefined;
  return {
    profiles: chosen.map(({ profile }) => profile),
    ...accessTo(chosen, options, {
      ...(password === undefined ? {} : { password }),
      ...(questions === undefined ? {} : { questions }),
      tell: (text) => printer.say(`x2go-guardian: ${clean(text)}`),
    }),
    ...(options.interval === undefined ? {} : { refreshInterval: options.interval }),
    ...(options.onExit === undefined ? {} : { onExit: options.onExit }),
    logLevel: options.logLevel ?? 'silent',
  };
}
