import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { toFailure } from '../errors.js';
import type { FeedLine } from './feed.js';
import type { HistoryEntry } from './history.js';
import { listenHere, newToken } from './loopback.js';
import { PageAccess } from './pageAccess.js';
import { type ControlRequest, parseControl, readBody } from './pageControl.js';
import { type FeedSource, sendFeed, sendLines } from './pageFeed.js';
import { type PageFile, readPageFiles } from './pageFiles.js';

/** What a page shows, and what can be done from it. */
export interface PageSource extends FeedSource {
  /** How a session got to its state, in plain words. Throws session.unknown. */
  why?(session: string): string;
  /** The last steps of an actor, by its address. */
  history?(actor: string): readonly HistoryEntry[];
  /** The same as data. */
  explain?(session: string): object;
  /** Absent: the page can only look. */
  control?(request: ControlRequest): Promise<void>;
  /** Where this comes from, when it is a recording; then all lines are there already. */
  readonly recording?: string;
  readonly lines?: readonly FeedLine[];
}

export interface PageOptions {
  readonly source: PageSource;
  /** Where the built page is. */
  readonly folder: string;
  /** @default a free one */
  readonly port?: number;
  /** @default a new one */
  readonly token?: string;
}

export interface PageServer {
  readonly port: number;
  /** Without the token. */
  readonly address: string;
  readonly token: string;
  /** What to open. It carries the token. */
  readonly url: string;
  close(): Promise<void>;
}

const headers = {
  'Content-Security-Policy':
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Serves the live page on 127.0.0.1. Throws file.unreadable, or config.invalid for a port that is taken. */
export async function servePage({
  source,
  folder,
  port = 0,
  token = newToken(),
}: PageOptions): Promise<PageServer> {
  const files = readPageFiles(folder);
  const server = createServer();
  const bound = await listenHere(
    server,
    port,
    (why) => `The live page cannot have port ${port}: ${why}. Name another`,
  );
  const access = new PageAccess(bound, token);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer({ source, files, access }, request, response).catch((cause) => {
      if (!response.headersSent) fail(response, 500, toFailure(cause).message);
      else response.destroy();
    });
  });
  const address = `http://127.0.0.1:${bound}/`;
  return {
    port: bound,
    address,
    token,
    url: `${address}?token=${token}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Parts {
  readonly source: PageSource;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly access: PageAccess;
}

async function answer(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const { source, files, access } = parts;
  const url = addressOf(request);
  if (url === undefined) return fail(response, 400, 'That is no address');
  const { pathname, searchParams } = url;
  const offered = pathname === '/' && request.method === 'GET' ? searchParams.get('token') : null;
  const refused = access.refusal(request, offered);
  if (refused) return fail(response, refused.status, refused.reason);
  if (request.method === 'POST' && pathname === '/control') return await control(parts, request, response);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return fail(response, 405, 'Nothing but looking is possible here');
  if (offered !== null) response.setHeader('Set-Cookie', access.setCookie);
  const session = searchParams.get('session') ?? '';
  switch (pathname) {
    case '/feed':
      return source.lines ? sendLines(source.lines, response) : sendFeed(source, response);
    case '/tree':
      return json(response, source.tree());
    case '/about': {
      const { recording = null } = source;
      return json(response, { v: 1, recording, controlKey: source.control ? access.controlKey : null });
    }
    case '/explanation':
      return past(response, () => source.explain?.(session), json);
    case '/why':
      return past(response, () => source.why?.(session), words);
    case '/history':
      return json(response, { v: 1, steps: source.history?.(searchParams.get('id') ?? '') ?? [] });
    default: {
      const file = files.get(pathname === '/' ? '/index.html' : pathname);
      if (file === undefined) return fail(response, 404, 'There is nothing here');
      response.setHeader('Content-Type', file.type);
      response.end(file.body);
    }
  }
}

/** Undefined for what is none, such as `//`. */
function addressOf({ url = '/' }: IncomingMessage): URL | undefined {
  const base = 'http://127.0.0.1';
  return URL.canParse(url, base) ? new URL(url, base) : undefined;
}

/** Of a session; 404 with the reason where nothing is known of it. */
function past<T>(
  response: ServerResponse,
  ask: () => T | undefined,
  show: (response: ServerResponse, told: T) => void,
): void {
  try {
    const told = ask();
    if (told === undefined) fail(response, 404, 'Nothing is known of the past here');
    else show(response, told);
  } catch (cause) {
    fail(response, 404, toFailure(cause).message);
  }
}

const words = (response: ServerResponse, told: string): void => text(response, 200, told);

async function control(
  { source, access }: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (source.control === undefined)
    return fail(response, 403, 'Only looking is allowed here; --allow-control allows more');
  if (!access.mayControl(request)) return fail(response, 403, 'Only the page itself may ask for that');
  const wanted = parseControl((await readBody(request)) ?? '');
  if (wanted === undefined) return fail(response, 400, 'That is not understood');
  try {
    await source.control(wanted);
    json(response, { done: true });
  } catch (cause) {
    fail(response, 409, toFailure(cause).message);
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(value));
}

function text(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(words);
}

function fail(response: ServerResponse, status: number, reason: string): void {
  // What is still being sent is not waited for.
  response.setHeader('Connection', 'close');
  text(response, status, `${reason}.\n`);
}
