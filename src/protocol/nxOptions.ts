import type { ClipboardMode } from '../../machines/orders.js';
import { X2GoError } from '../errors.js';
import { isCookie, isDisplay } from './values.js';

export interface NxOptions {
  /** Of the session on the server: it only names nxproxy's own folder. */
  readonly display: number;
  readonly cookie: string;
  /** Where the graphics tunnel listens, on 127.0.0.1. */
  readonly port: number;
  /** nxproxy's own folder, one a session: two servers may both have a display 50 (PROTOCOL T23). */
  readonly root: string;
  readonly errors: string;
  readonly stats: string;
  readonly clipboard: ClipboardMode;
}

/** The format knows no escaping, so a path that nxproxy is told of holds nothing that separates. */
export const isNxPath = (path: string): boolean => /^\/[^\x00-\x20\x7f,:=]*$/.test(path);

/**
 * The one line of nxproxy's options file (PROTOCOL 1.4). It holds the session's secret. `session=` is left out on purpose:
 * given one, nxproxy writes there what it has to say, and not to stderr any more (tried).
 */
export function nxOptionsLine(options: NxOptions): string {
  const { display, cookie, port, root, errors, stats, clipboard } = options;
  if (!isCookie(cookie))
    throw new X2GoError('proxy.failed', "The session's cookie is not 32 hexadecimal digits");
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new X2GoError('proxy.failed', `There is no port ${port}`);
  if (!isDisplay(display)) throw new X2GoError('proxy.failed', `There is no display ${display}`);
  for (const path of [root, errors, stats])
    if (!isNxPath(path))
      throw new X2GoError('file.unwritable', `A comma, colon, blank or = in a path: ${JSON.stringify(path)}`);
  const keys = {
    retry: 5,
    composite: 1,
    root,
    connect: '127.0.0.1',
    clipboard,
    cookie,
    port,
    errors,
    stats,
  };
  const words = Object.entries(keys).map(([key, value]) => `${key}=${value}`);
  return `nx/nx,${words.join(',')}:${display}`;
}

/** What nxproxy is called with: where its options are, and nothing of what they say. */
export function nxArguments(optionsFile: string, display: number): readonly string[] {
  return ['-S', `nx/nx,options=${optionsFile}:${display}`];
}
