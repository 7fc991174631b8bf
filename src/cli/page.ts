import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { toFailure, X2GoError } from '../errors.js';
import type { Guardian } from '../guardian.js';
import type { ControlRequest } from '../inspection/pageControl.js';
import { writeNotice } from '../inspection/pageNotice.js';
import { type PageServer, type PageSource, servePage } from '../inspection/pageServer.js';
import { clean } from '../protocol/text.js';
import type { Context } from './command.js';
import type { PageOptions } from './pageOptions.js';

/** Where the build puts it. */
export const pageFolder = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('x2go-guardian/package.json')), 'dist', 'page');

/** What the page shows of a guardian, and with --allow-control what can be done from it. */
export function pageOf(
  guardian: Guardian,
  { allowControl = false }: Pick<PageOptions, 'allowControl'>,
): PageSource {
  return {
    tree: () => guardian.inspect(),
    feed: (listener) => guardian.feed(listener),
    history: (actor) => guardian.history(actor),
    why: (session) => whyOf(guardian, session, (profile) => guardian.why(profile, session)),
    explain: (session) => whyOf(guardian, session, (profile) => guardian.explain(profile, session)),
    ...(allowControl ? { control: (request) => control(guardian, request) } : {}),
  };
}

/** Nobody has to know on which profile it is. */
function whyOf<T>(guardian: Guardian, session: string, ask: (profile: string) => T): T {
  const found = guardian.profiles().flatMap(({ profile }) => {
    try {
      return [ask(profile.id)];
    } catch (cause) {
      if (toFailure(cause).code === 'session.unknown') return [];
      throw cause;
    }
  });
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return only;
  const many = more.length > 0 ? `${found.length} sessions fit` : 'No session is called';
  throw new X2GoError('session.unknown', `${many} ${JSON.stringify(session)}`);
}

const control = async (guardian: Guardian, { verb, profile, session }: ControlRequest): Promise<void> => {
  if (verb === 'suspend') await guardian.suspendSession(profile, session);
  else if (verb === 'terminate') await guardian.terminateSession(profile, session);
  else await guardian.resumeSession(profile, session);
};

/** Runs with the live page beside it, if that is wanted, and closes the page after the run. */
export async function withPage<T>(
  source: PageSource,
  { inspect = false, json = false, quiet = false }: PageOptions,
  command: string,
  { io, printer }: Context,
  run: () => Promise<T>,
): Promise<T> {
  if (inspect === false) return run();
  const page = await servePage({
    source,
    folder: pageFolder(),
    ...(typeof inspect === 'number' ? { port: inspect } : {}),
  });
  let takeAway: () => void = () => undefined;
  try {
    takeAway = note(page, command, io.env);
    const words = `The live page: ${page.url}`;
    if (json || quiet) printer.say(words);
    else printer.print(words);
    return await run();
  } finally {
    takeAway();
    await page.close();
  }
}

function note({ url, token }: PageServer, command: string, env: Context['io']['env']): () => void {
  return writeNotice(env, {
    v: 1,
    pid: process.pid,
    url,
    token,
    startedAt: new Date().toISOString(),
    command,
  });
}

/** The same for whom the page is not what they came for: where it cannot be, they are told and go without. */
export async function withPageIfPossible<T>(
  ...[source, options, command, context, run]: Parameters<typeof withPage<T>>
): Promise<T> {
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
    return run();
  };
  try {
    return await withPage(source, options, command, context, begin);
  } catch (cause) {
    if (hasBegun) throw cause;
    context.printer.say(`x2go-guardian: ${clean(toFailure(cause).message)}; it goes on without.`);
    return run();
  }
}
