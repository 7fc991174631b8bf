import type { SessionOrder } from '../../machines/orders.js';
import {
  defaultGeometry,
  type PresentationWords,
  presentationWords,
  type Translated,
} from './presentation.js';
import { isDisplay, isHostName } from './values.js';

/** An order in the server's words. */
export interface OrderWords {
  /** Position 8 of x2gostartagent. */
  readonly type: 'R' | 'D' | 'P' | 'S';
  /** Position 9 as it comes out in the session's name. */
  readonly name: string;
  /** What follows `x2gostartagent`. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** What x2goruncommand is to run; nothing for desktops that are somebody else's. */
  readonly run?: string;
}

/** The kind of a session in the server's words. */
interface Work {
  readonly type: OrderWords['type'];
  readonly cmd: string;
  readonly run?: string;
  readonly xdmcp?: string;
}

const depths = [8, 16, 24, 32];
const longestCommand = 4_096;
/** What of a command's name may be part of a session's name; that has to stay a folder's name. */
const longestName = 80;
/** Stands for a blank on the way to x2goruncommand. */
const spaceWord = 'X2GO_SPACE_CHAR';

const refuse = (reason: string) => ({ ok: false, reason }) as const;

/** As translateOrder(), while the local screen has not been looked at: `maximize` still stands for its size. */
export const translateUnsized = (order: SessionOrder): Translated<OrderWords> =>
  translateOrder(order.geometry === 'maximize' ? { ...order, geometry: 'fullscreen' } : order);

/** Checks an order and says it in the server's words. What is refused here never reaches a server. */
export function translateOrder(order: SessionOrder): Translated<OrderWords> {
  const work = translateWork(order);
  if (!work.ok) return work;
  const { type, cmd, run, xdmcp } = work.value;
  const shown = presentationWords(order, type === 'D' || type === 'S' ? defaultGeometry : '');
  if (!shown.ok) return shown;
  const { dpi, depth = 24 } = order;
  if (dpi !== undefined && !(Number.isInteger(dpi) && dpi >= 10 && dpi <= 1_000))
    return refuse('dpi must be a whole number from 10 to 1000');
  if (!depths.includes(depth)) return refuse(`depth must be one of ${depths.join(', ')}`);
  const value: OrderWords = {
    type,
    name: cmd.replaceAll(':', 'PP'),
    words: startWords(shown.value, depth, type, cmd),
    environment: {
      ...(dpi === undefined ? {} : { X2GODPI: String(dpi) }),
      ...(xdmcp === undefined ? {} : { X2GOXDMCP: xdmcp }),
      X2GO_XINERAMA: shown.value.xinerama,
    },
    ...(run === undefined ? {} : { run }),
  };
  return { ok: true, value };
}

function startWords(shown: PresentationWords, depth: number, type: Work['type'], cmd: string) {
  const { geometry, link, pack, layout, kbtype, setkbd, clipboard } = shown;
  const words = [geometry, link, pack, `unix-kde-depth_${depth}`, layout, kbtype, setkbd, type, cmd];
  // For a shadow session the tenth word is the user who asks.
  return type === 'S' ? words : [...words, clipboard];
}

function translateWork(order: SessionOrder): Translated<Work> {
  switch (order.kind) {
    case 'application':
      return commanded('R', order.command);
    case 'desktop':
      return commanded('D', order.command);
    case 'published':
      return { ok: true, value: { type: 'P', cmd: 'PUBLISHED', run: 'PUBLISHED' } };
    case 'shadow':
      return shadow(order);
    case 'xdmcp':
      if (!isHost(order.host)) return refuse('host is no host name or IPv4 address');
      return { ok: true, value: { type: 'D', cmd: 'XDMCP', xdmcp: order.host } };
    case 'rdp':
      return windows(order);
    default:
      return refuse('kind is none that can be started');
  }
}

function commanded(type: Work['type'], command: string): Translated<Work> {
  const reason = wrongCommand(command);
  if (reason !== undefined) return refuse(`command ${reason}`);
  const run = command.trim();
  return { ok: true, value: { type, cmd: programName(run), run } };
}

function shadow({ desktop, mode }: Extract<SessionOrder, { kind: 'shadow' }>): Translated<Work> {
  const { user, display } = desktop ?? {};
  if (typeof user !== 'string' || !/^[A-Za-z0-9._-]{1,64}$/.test(user) || user.includes('XSHAD'))
    return refuse("desktop.user is no user's name");
  if (!isDisplay(display)) return refuse('desktop.display is out of range');
  if (mode !== 'view' && mode !== 'full') return refuse('mode must be view or full');
  return {
    ok: true,
    value: { type: 'S', cmd: `${mode === 'full' ? 1 : 0}XSHAD${user}XSHAD:${display}` },
  };
}

function windows(order: Extract<SessionOrder, { kind: 'rdp' }>): Translated<Work> {
  const { host, port, options = '', geometry = defaultGeometry } = order;
  if (!isHost(host)) return refuse('host is no host name or IPv4 address');
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    return refuse('port must be a whole number from 1 to 65535');
  const reason = options === '' ? undefined : wrongCommand(options);
  if (reason !== undefined) return refuse(`options ${reason}`);
  // Everybody on the server sees the command lines of its processes.
  if (options.split(' ').some((word) => word.startsWith('-p')) || options.includes('X2GO_PASSWORD'))
    return refuse('options may not hold a password');
  const isFull = geometry === 'fullscreen';
  // Where its window stands is the local window manager's affair.
  const size = isFull ? ['-f'] : ['-g', String(geometry).replace(/\+.*/, '')];
  const target = port === undefined ? host : `${host}:${port}`;
  const run = ['rdesktop', ...size, ...options.split(' '), target].filter((word) => word !== '').join(' ');
  return { ok: true, value: { type: isFull ? 'D' : 'R', cmd: 'rdesktop', run } };
}

const isHost = (host: unknown): host is string => typeof host === 'string' && isHostName(host);

function wrongCommand(command: unknown): string | undefined {
  if (typeof command !== 'string' || command.trim() === '') return 'must not be empty';
  if (/[\x00-\x1f\x7f]/.test(command)) return 'may not hold line ends or other control characters';
  if (command.includes(spaceWord)) return `may not hold ${spaceWord}`;
  if (command.length > longestCommand) return `is longer than ${longestCommand} characters`;
  return undefined;
}

/** The server drops most other letters, and takes ten seconds to refuse an `@` (PROTOCOL T15). */
function programName(command: string): string {
  const [program = ''] = command.split(' ');
  const name = program.replace(/.*\//, '').replace(/[^A-Za-z0-9._-]/g, '');
  return name.slice(0, longestName) || 'command';
}

/** As the one word in which x2goruncommand takes its command. */
export const runWord = (run: string): string => run.replaceAll(' ', spaceWord);
