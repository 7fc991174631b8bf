import { Past } from '../inspection/past.js';
import { type Explanation, explain, why } from '../inspection/why.js';
import type { Invocation } from './arguments.js';
import { type Context, done, type Outcome } from './command.js';
import { askPage, findPage } from './inspect.js';
import { sessionExplained } from './records.js';
import { usable } from './replay.js';

type WhyInvocation = Extract<Invocation, { command: 'why' }>;

/** How a session came to be as it is: in a running watch, or by a recording. */
export async function whySession(
  { session, options }: WhyInvocation,
  { io, printer }: Context,
): Promise<Outcome> {
  const { recording, pid, json = false } = options;
  if (recording === undefined) {
    const page = findPage(io.env, pid);
    const asked = `session=${encodeURIComponent(session)}`;
    if (json)
      printer.printJson(
        sessionExplained(JSON.parse(await askPage(page, `/explanation?${asked}`)) as Explanation),
      );
    else printer.print(await askPage(page, `/why?${asked}`));
    return done;
  }
  const past = new Past();
  for (const { line } of (await usable(recording, printer)).lines) past.add(line);
  if (json) printer.printJson(sessionExplained(explain(past, { session })));
  else printer.print(why(past, { session }));
  return done;
}
