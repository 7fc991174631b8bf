import { X2GoError } from '../errors.js';
import { Past } from '../inspection/past.js';
import { why } from '../inspection/why.js';
import type { Invocation } from './arguments.js';
import { type Context, done, type Outcome } from './command.js';
import { usable } from './replay.js';

type WhyInvocation = Extract<Invocation, { command: 'why' }>;

/** How a session came to be as it is, by a recording. */
export async function whySession(
  { session, options }: WhyInvocation,
  { printer }: Context,
): Promise<Outcome> {
  if (options.recording === undefined)
    throw new X2GoError(
      'usage.invalid',
      'A recording is wanted: --recording FILE, which watch --record FILE writes',
    );
  const past = new Past();
  for (const { line } of (await usable(options.recording, printer)).lines) past.add(line);
  printer.print(why(past, { session }));
  return done;
}
