import { randomBytes } from 'node:crypto';
import type { AgentPorts, SessionKind } from '../../machines/vocabulary.js';
import { formatSessionName, type ShadowTarget } from '../protocol/sessionName.js';

export interface NewSession {
  /** @default 'application' */
  readonly kind?: SessionKind;
  /** As it will stand in the session's name: what is not `[A-Za-z0-9._-]` is dropped. @default by kind */
  readonly command?: string;
  /** Address of the client that starts it. @default '127.0.0.1' */
  readonly client?: string;
  /** Colour depth. @default 24 */
  readonly depth?: number;
  /** What a shadow session shows. @default the user's own display 50, view only */
  readonly shadow?: ShadowTarget;
  /** false: no other client shows it, the agent stays STARTING until a viewer comes through a tunnel. @default true */
  readonly attach?: boolean;
  /** The host of an XDMCP session. */
  readonly xdmcpHost?: string;
}

const commands: Readonly<Record<SessionKind, string>> = {
  application: 'xterm',
  desktop: 'openbox-session',
  published: 'PUBLISHED',
  shadow: '',
  kdrive: 'KDRIVE',
};

/** What is handed out to new agents: display, name, pid, cookie, ports. Nothing is handed out twice. */
export function createAgentSupply(user: string, bytes: (count: number) => Buffer = randomBytes) {
  let display = 49;
  let pid = 2_000 + bytes(1).readUInt8();
  let port = 30_000;
  const nextDisplay = (taken: (display: number) => boolean) => {
    // Displays of finished sessions are not given out again before the numbers run out, as on a real server.
    for (let tries = 0; tries < 9_950; tries++) {
      display = display >= 9_999 ? 50 : display + 1;
      if (!taken(display)) return display;
    }
    throw new Error('The emulator has no free display left: 9,950 sessions are open');
  };
  return {
    name: (order: NewSession, startedAtMs: number, taken: (display: number) => boolean) => {
      const kind = order.kind ?? 'application';
      const free = nextDisplay(taken);
      return {
        kind,
        display: free,
        session: formatSessionName({
          user,
          display: free,
          startedAt: Math.floor(startedAtMs / 1000),
          kind,
          command: (order.command ?? commands[kind]).replace(/[^A-Za-z0-9._-]/g, ''),
          depth: order.depth ?? 24,
          ...(order.xdmcpHost === undefined ? {} : { xdmcpHost: order.xdmcpHost }),
          ...(kind === 'shadow' ? { shadow: order.shadow ?? { mode: 'view', user, display: 50 } } : {}),
        }),
      };
    },
    pid: () => {
      pid += 1 + (bytes(1).readUInt8() % 40);
      return pid;
    },
    cookie: () => bytes(16).toString('hex'),
    ports: (): AgentPorts => {
      port = port > 62_000 ? 30_000 : port + 3;
      return { graphics: port, sound: port + 1, files: port + 2 };
    },
  };
}
