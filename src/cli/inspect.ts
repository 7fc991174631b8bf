import { toFailure, X2GoError } from '../errors.js';
import { type PageNotice, readNotices } from '../inspection/pageNotice.js';
import type { Invocation } from './arguments.js';
import { type Context, done, type Outcome } from './command.js';

type InspectInvocation = Extract<Invocation, { command: 'inspect' }>;

const patience = 10_000;

/** Where the live page of a running watch is; with --json, what is in it. */
export async function inspect({ options }: InspectInvocation, { io, printer }: Context): Promise<Outcome> {
  const page = findPage(io.env, options.pid);
  if (options.json) printer.print(await askPage(page, '/tree'));
  else printer.print(page.url);
  return done;
}

/** The page that is meant. Throws page.missing, or usage.invalid when it could be several. */
export function findPage(env: Context['io']['env'], pid?: number): PageNotice {
  const pages = readNotices(env).filter((page) => pid === undefined || page.pid === pid);
  const [page, ...more] = pages;
  if (page !== undefined && more.length === 0) return page;
  if (page === undefined) {
    const which =
      pid === undefined ? 'No watch with a live page is running' : `Process ${pid} has no live page`;
    throw new X2GoError('page.missing', `${which}. Start one with: x2go-guardian watch --inspect`);
  }
  const list = pages.map((one) => `${one.pid} (${one.command} since ${one.startedAt})`).join(', ');
  throw new X2GoError('usage.invalid', `Several are running; say which one with --pid: ${list}`);
}

/** Asks the server of a page. Throws page.missing when it does not answer, or what it refused. */
export async function askPage({ url, token, pid }: PageNotice, path: string): Promise<string> {
  const response = await fetch(new URL(path, url), {
    headers: { 'x-guardian-token': token, connection: 'close' },
    signal: AbortSignal.timeout(patience),
  }).catch((cause) => {
    throw new X2GoError('page.missing', `Process ${pid} does not answer: ${toFailure(cause).message}`, {
      cause,
    });
  });
  const body = await response.text();
  if (!response.ok) throw new X2GoError('session.unknown', body.trim().replace(/\.$/, ''));
  return body.trimEnd();
}
