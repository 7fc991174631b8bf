import type { Socket } from 'node:net';
import type { ProxyInput } from '../../machines/sessionPorts.js';
import { parseSessionName } from '../protocol/sessionName.js';
import { clean, truncate } from '../protocol/text.js';
import { openScreen } from './localScreen.js';
import type { Looking } from './x11Connection.js';
import {
  parseAtom,
  parseMessage,
  parseText,
  parseTree,
  splitMessages,
  type X11Message,
} from './x11Messages.js';
import { atoms, changeProperty, getProperty, internAtom, queryTree, telling, tellOf } from './x11Requests.js';

/** How long the window may take to come, and its agent to name it once more. */
const patience = 15_000;
/** A crowded screen has some hundred windows. */
const mostWindows = 4_000;
/** Below the root: a frame, the window manager's own, the window. */
const deepest = 3;
/** More than an agent ever names its window; another program that insists has its way. */
const mostTimes = 10;
const longestTitle = 200;
/** A session's name has 200 characters at most. */
const longestName = 256;

/** The title that a session's own window is to bear; applications have windows, and titles, of their own. */
export function titleFor({ session, presentation }: ProxyInput): string | undefined {
  const parsed = parseSessionName(session);
  const hasWindow = parsed.ok && (parsed.name.kind === 'desktop' || parsed.name.kind === 'shadow');
  if (!hasWindow || typeof presentation.title !== 'string') return undefined;
  return truncate(clean(presentation.title), longestTitle).trim() || undefined;
}

/**
 * Names the window of a session as soon as it is there. An agent calls it `X2GO-` and the session's name, at every
 * resume anew, and cannot be told otherwise. Never throws: a session without its title is a session.
 */
export async function nameWindow(
  input: ProxyInput,
  looking: Looking & { readonly signal: AbortSignal },
): Promise<void> {
  const agentsName = `X2GO-${input.session}`;
  const title = titleFor(input);
  if (title === undefined || title === agentsName) return;
  const display = input.presentation.screen ?? looking.env.DISPLAY ?? '';
  const opened = await openScreen(display, looking).catch(() => undefined);
  if (opened === undefined) return;
  const { socket, screen, rest } = opened;
  const { clock, signal } = looking;
  const end = () => socket.destroy();
  const late = clock.setTimeout(end, patience);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  await new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    seek(socket, screen.root, agentsName, title, rest);
  });
  clock.clearTimeout(late);
  signal.removeEventListener('abort', end);
}

function seek(socket: Socket, root: number, agentsName: string, title: string, said: Buffer): void {
  const awaited = new Map<number, (reply: Buffer) => void>();
  const seen = new Set<number>();
  let sequence = 0;
  let times = 0;
  const ask = (request: Buffer, then?: (reply: Buffer) => void) => {
    sequence = (sequence + 1) & 0xffff;
    if (then) awaited.set(sequence, then);
    if (socket.writable) socket.write(request);
  };
  const atom = (name: string) => {
    const found = { value: 0 };
    ask(internAtom(name), (reply) => {
      found.value = parseAtom(reply);
    });
    return found;
  };

  const rename = (window: number) => {
    times += 1;
    if (times > mostTimes) return;
    const text = Buffer.from(title);
    const isLatin = /^[\x20-\xff]*$/.test(title);
    const old = isLatin
      ? ([atoms.string, Buffer.from(title, 'latin1')] as const)
      : ([utf8.value, text] as const);
    for (const property of [atoms.name, atoms.iconName]) ask(changeProperty(window, property, ...old));
    for (const { value } of [name, iconName]) ask(changeProperty(window, value, utf8.value, text));
  };
  const read = (window: number) =>
    ask(getProperty(window, atoms.name, longestName), (reply) => {
      if (parseText(reply) === agentsName) rename(window);
    });
  const look = (window: number, depth: number) => {
    if (seen.has(window) || seen.size >= mostWindows) return;
    seen.add(window);
    ask(tellOf(window, telling.property));
    read(window);
    if (depth < deepest) lookInto(window, depth);
  };
  const lookInto = (window: number, depth: number) =>
    ask(queryTree(window), (reply) => {
      for (const child of parseTree(reply)) look(child, depth + 1);
    });
  const hear = (message: X11Message) => {
    if (message.kind === 'created') look(message.window, deepest);
    else if (message.kind === 'destroyed') seen.delete(message.window);
    else if (message.kind === 'changed' && message.property === atoms.name) read(message.window);
    else if (message.kind === 'reply' || message.kind === 'error') {
      const then = awaited.get(message.sequence);
      awaited.delete(message.sequence);
      if (message.kind === 'reply') then?.(message.bytes);
    }
  };
  let rest = said;
  const listen = (chunk: Buffer) => {
    const split = splitMessages(Buffer.concat([rest, chunk]));
    if (split === undefined) return void socket.destroy();
    rest = split.rest;
    for (const message of split.messages) hear(parseMessage(message));
  };

  const [utf8, name, iconName] = [atom('UTF8_STRING'), atom('_NET_WM_NAME'), atom('_NET_WM_ICON_NAME')];
  // Told of new windows first: none can slip through between the list and the news.
  ask(tellOf(root, telling.substructure));
  lookInto(root, 0);
  socket.on('data', listen);
}
