import { exitCodeOf, toFailure } from '../errors.js';
import { clean } from '../protocol/text.js';
import { adviceFor } from './advice.js';
import { type Invocation, parseArguments } from './arguments.js';
import { type Context, failed, type Outcome } from './command.js';
import { Ending } from './ending.js';
import type { Io } from './io.js';
import { Printer } from './printer.js';
import { commandFailed, type ProfileFailure, worst } from './records.js';
import { versionOfThis } from './version.js';

/** The command: argv in, exit code out. It resolves when everything is closed and written out. */
export async function run(
  argv: readonly string[],
  io: Io,
  ending: Ending = new Ending(io.events),
): Promise<number> {
  const printer = new Printer(io, ending);
  const json = argv.includes('--json');
  try {
    const outcome = await attempt(argv, { io, ending, printer });
    return report(outcome, ending, printer, json);
  } finally {
    await printer.flush();
    ending.dispose();
  }
}

async function attempt(argv: readonly string[], context: Context): Promise<Outcome> {
  const { printer } = context;
  try {
    const invocation = parseArguments(argv, versionOfThis(), {
      out: (text) => printer.print(text.trimEnd()),
      err: (text) => printer.say(text.trimEnd()),
    });
    return invocation === undefined ? { failures: [] } : await perform(invocation, context);
  } catch (cause) {
    return failed(toFailure(cause));
  }
}

/** Each command is loaded when it is wanted: a listing needs no emulator, and nobody likes to wait. */
async function perform(invocation: Invocation, context: Context): Promise<Outcome> {
  switch (invocation.command) {
    case 'watch':
      return (await import('./watch.js')).watch(invocation, context);
    case 'demo':
      return (await import('./demo.js')).demo(invocation.options, context);
    case 'start':
    case 'resume':
    case 'share':
      return (await import('./show.js')).show(invocation, context);
    case 'suspend':
    case 'terminate':
      return (await import('./endSessions.js')).endSessions(invocation, context);
    case 'wait':
      return (await import('./waitForState.js')).waitForState(invocation, context);
    case 'brokerProfiles':
    case 'brokerTest':
    case 'brokerPassword':
      return (await import('./brokerCommands.js')).askBroker(invocation, context);
    case 'reap':
      return (await import('./reapLeft.js')).reapLeft(invocation, context);
    case 'plan':
    case 'apply':
      return (await import('./wanted.js')).wanted(invocation, context);
    case 'profiles':
      return (await import('./profiles.js')).profiles(invocation, context);
    case 'replay':
      return (await import('./replay.js')).replayRun(invocation, context);
    case 'inspect':
      return (await import('./inspect.js')).inspect(invocation, context);
    case 'why':
      return (await import('./why.js')).whySession(invocation, context);
    case 'doctor':
      return (await import('./doctor.js')).doctor(invocation, context);
    default:
      return (await import('./listing.js')).list(invocation.command, invocation, context);
  }
}

/** Says what went wrong, and gives the exit code for it. */
function report(outcome: Outcome, ending: Ending, printer: Printer, json: boolean): number {
  // What happened to the command itself comes first.
  const own: ProfileFailure[] = ending.failure === undefined ? [] : [{ failure: ending.failure }];
  const [first, ...rest] = [...own, ...outcome.failures, ...(outcome.forced === true ? [byForce] : [])];
  if (first === undefined) return 0;
  const failures = [first, ...rest] as const;
  for (const { profile, failure } of outcome.isTold === true ? own : failures) {
    printer.say(complaint(failure.message, profile, adviceFor(failure)));
  }
  if (ending.trace !== undefined) printer.say(ending.trace);
  const code = exitCodeOf(worst(failures).failure);
  if (json) printer.printJson(commandFailed(failures, code));
  return code;
}

const byForce: ProfileFailure = {
  failure: {
    code: 'release.forced',
    message: 'Something had to be ended by force, or was left; the report says what',
    retryable: false,
  },
};

const complaint = (message: string, profile: string | undefined, advice: string): string => {
  const who = profile === undefined ? '' : `${clean(profile)}: `;
  return `x2go-guardian: ${who}${clean(message).replace(/\.$/, '')}.${advice === '' ? '' : ` ${advice}`}`;
};
