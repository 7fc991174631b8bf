import { type Command, InvalidArgumentError, Option } from 'commander';

/** What a session of anybody's may be seen in. */
export const visibleStates = [
  'starting',
  'running',
  'suspending',
  'suspended',
  'terminating',
  'terminated',
  'faulty',
];
const kinds = ['application', 'desktop', 'published', 'shadow', 'kdrive'];

const unitSeconds = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 } as const;
const shape = /^(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?$/;

/** `7d`, `1d12h`, `90s`: in seconds. */
export function spanSeconds(text: string): number {
  const found = shape.exec(text);
  if (found === null || text === '')
    throw new InvalidArgumentError('It must be a time like 90s, 45m, 12h, 7d, 2w or 1d12h.');
  return Object.values(unitSeconds).reduce(
    (sum, seconds, index) => sum + seconds * Number(found[index + 1] ?? 0),
    0,
  );
}

function owner(text: string): string {
  if (/^[^\s\p{C}-][^\s\p{C}]*$/u.test(text)) return text;
  throw new InvalidArgumentError("It must be ours, others or a user's name.");
}

/** Which sessions are meant. A change of state is a start, a suspension, a resume. */
export const addSieveOptions = (command: Command, state = 'only those in this state'): Command =>
  command
    .option('--older-than <time>', 'only those in their state for at least this long, e.g. 7d', spanSeconds)
    .option('--newer-than <time>', 'only those in their state for less than this, e.g. 1h', spanSeconds)
    .addOption(new Option('--state <state>', state).choices(visibleStates))
    .addOption(new Option('--kind <kind>', 'only those of this kind').choices(kinds))
    .option('--owner <who>', 'ours: of the user who logs in; others; or the name of a user', owner);

export const addSweepOptions = (command: Command): Command =>
  addSieveOptions(command, 'only those in this state (default of such a choice: suspended)')
    .option('--all', "choose among the sessions of every profile, x2goclient's too")
    .addOption(new Option('--yes', 'do not ask before chosen sessions are ended').conflicts('dryRun'))
    .option('--dry-run', 'only tell which sessions would be ended');
