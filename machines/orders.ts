/** What may be asked for: which session to start, and how it is to be shown here. */
import type { Desktop } from './vocabulary.js';

export const linkSpeeds = ['modem', 'isdn', 'adsl', 'wan', 'lan'] as const;
export type LinkSpeed = (typeof linkSpeeds)[number];

export const clipboardModes = ['both', 'server', 'client', 'none'] as const;
/** Which way the clipboard goes: `server` only from the server to here, `client` only from here. */
export type ClipboardMode = (typeof clipboardModes)[number];

export interface Keyboard {
  /** xkb layout, e.g. `de`. @default left as it is */
  readonly layout?: string;
  /** xkb variant, e.g. `nodeadkeys`. */
  readonly variant?: string;
  /** `pc105/us`, `auto` (the local one is read and applied there), `query` or `null/null`. @default 'auto' */
  readonly type?: string;
}

/** How a session is shown here: may be said anew at every resume. */
export interface Presentation {
  /** `WxH`, `WxH+X+Y`, `fullscreen`, or `maximize`: the size of the local screen. @default '1024x768' for what has a desktop */
  readonly geometry?: string;
  /** @default 'adsl' */
  readonly link?: LinkSpeed;
  /** A pack method of PROTOCOL 3.12, without its quality. @default '16m-jpeg' */
  readonly pack?: string;
  /** 0 to 9, for the methods that have one. @default 9 */
  readonly quality?: number;
  readonly keyboard?: Keyboard;
  /** @default 'both' */
  readonly clipboard?: ClipboardMode;
  /** @default false */
  readonly xinerama?: boolean;
  /** The title of a desktop's window. @default the session's name */
  readonly title?: string;
  /** Sound from the session is played here. @default true; without a local sound server the session starts without */
  readonly sound?: boolean;
  /** The X display to paint on. @default $DISPLAY */
  readonly screen?: string;
}

/** What is to run. */
export type Work =
  | { readonly kind: 'application'; readonly command: string }
  | { readonly kind: 'desktop'; readonly command: string }
  | { readonly kind: 'published' }
  /** A desktop that runs already, to look at or to take part in. */
  | { readonly kind: 'shadow'; readonly desktop: Desktop; readonly mode: 'view' | 'full' }
  | { readonly kind: 'xdmcp'; readonly host: string }
  /** A Windows desktop, by a program on the server (rdesktop). */
  | { readonly kind: 'rdp'; readonly host: string; readonly port?: number; readonly options?: string };

export type SessionOrder = Work &
  Presentation & {
    /** At the start only. @default the server's */
    readonly dpi?: number;
    /** Colour depth in bits: 8, 16, 24 or 32. @default 24 */
    readonly depth?: number;
  };

/** What becomes of the sessions we run when we end. Sessions that others started are never touched. */
export const exitPolicies = ['suspend', 'terminate', 'leave'] as const;
export type ExitPolicy = (typeof exitPolicies)[number];

/** A call of the library that waits for its outcome. */
export type OperationId = string;
