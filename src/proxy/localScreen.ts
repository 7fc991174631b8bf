import type { Socket } from 'node:net';
import { X2GoError } from '../errors.js';
import { clean, truncate } from '../protocol/text.js';
import { type DisplayName, parseDisplayName } from './displayName.js';
import { localFailure } from './localFailure.js';
import { type Greeting, greet, type Looking, ways } from './x11Connection.js';
import type { Setup, SetupAnswer } from './x11Setup.js';

export interface LocalScreen {
  readonly width: number;
  readonly height: number;
  /** Bits a pixel. */
  readonly depth: number;
}

/** A screen that lets us in, and the line to it, which is the caller's to close. */
export interface OpenScreen {
  readonly screen: Setup['screens'][number];
  readonly socket: Socket;
  /** What the server has said behind its set-up. */
  readonly rest: Buffer;
}

/** The screen of an X server, and whether we may paint on it. Throws screen.missing; local.exhausted. */
export async function localScreen(display: string, looking: Looking): Promise<LocalScreen> {
  const { screen, socket } = await openScreen(display, looking);
  socket.destroy();
  const { width, height, depth } = screen;
  return { width, height, depth };
}

/** Throws screen.missing; local.exhausted. */
export async function openScreen(display: string, looking: Looking): Promise<OpenScreen> {
  const name = parseDisplayName(display);
  const { answer, socket, said } = await ask(name, display, looking);
  const screen = answer.kind === 'granted' ? answer.setup.screens[name.screen] : undefined;
  if (answer.kind === 'granted' && screen) return { screen, socket, rest: said.subarray(answer.length) };
  socket.destroy();
  throw new X2GoError('screen.missing', `The X display ${display} ${faultOf(answer, name)}`);
}

function faultOf(answer: SetupAnswer, { screen }: DisplayName): string {
  if (answer.kind === 'granted') return `has no screen ${screen}`;
  if (answer.kind !== 'refused') return 'does not answer as an X server does';
  const reason = truncate(clean(answer.reason), 200).trim();
  return `does not let us in (${reason}): check XAUTHORITY, or run xauth`;
}

async function ask(name: DisplayName, display: string, looking: Looking): Promise<Greeting> {
  let failed: unknown;
  for (const way of ways(name)) {
    try {
      return await greet(way, name, display, looking);
    } catch (cause) {
      if (cause instanceof X2GoError) throw cause;
      looking.signal?.throwIfAborted();
      failed ??= cause;
    }
  }
  const { code, message } = failed as NodeJS.ErrnoException;
  const local = localFailure(failed, `The X display ${display} cannot be looked at`);
  if (local.code === 'local.exhausted') throw local;
  const why = `The X display ${display} cannot be opened (${code ?? message})`;
  throw new X2GoError('screen.missing', `${why}: is an X server running, and is DISPLAY right?`, {
    cause: failed,
  });
}
