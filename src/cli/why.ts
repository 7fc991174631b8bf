import { Past } from '../inspection/past.js';
import { why } from '../inspection/why.js';
import type { Invocation } from './arguments.js';
import { type Context, done, type Outcome } from './command.js';
import { askPage, findPage } from './inspect.js';
import { usable } from './replay.js';

type WhyInvocation = Extract<Invocation, { command: 'why' }>;

/** How a session came to be as it is: in a running watch, or by a recording. */
export async function whySession(
  { session, options }: WhyInvocation,
  { io, printer }: Context,
): Promise<Outcome> {
  if (options.recording === undefined) {
    const page = findPage(io.env, options.pid);
    printer.print(await askPage(page, `/why?session=${encodeURIComponent(session)}`));
    return done;
  }
  const past = new Past();
  for (const { line } of (await usable(options.recording, printer)).lines) past.add(line);
  printer.print(why(past, { session }));
  return done;
}
