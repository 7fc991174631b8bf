import type { ScriptRequest } from '../protocol/request.js';

/** Commands a fault can be planted in; `survey`, `desktops` and `watch` are whole scripts of ours. */
export type CommandName =
  | 'x2golistsessions'
  | 'x2golistshadowsessions'
  | 'x2golistdesktops'
  | 'x2golistmounts'
  | 'x2gofeaturelist'
  | 'x2goversion'
  | 'x2gosessionlimit'
  | 'x2gosuspend-session'
  | 'x2goterminate-session'
  | 'x2gostartagent'
  | 'x2goresume-session'
  | 'x2goruncommand'
  | ScriptRequest['verb'];

/** What a command does instead of its work. `slow` does its work, later. */
export type Misbehaviour =
  | { readonly kind: 'hang' }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'fail'; readonly code: number; readonly stderr: string }
  | { readonly kind: 'garbage'; readonly text: string | Buffer }
  | { readonly kind: 'flood'; readonly bytes: number }
  /** Does its work, and the line breaks when it has printed so many bytes. */
  | { readonly kind: 'cut'; readonly after: number };

/** What a new TCP connection meets instead of an SSH server. */
export type Greeting =
  | { readonly kind: 'throttled' }
  | { readonly kind: 'flood'; readonly bytes: number }
  | { readonly kind: 'garbage'; readonly text: string };

/** Everything that is planted in one emulator. Read where it takes effect, written by faults.ts alone. */
export interface FaultPlan {
  commands: Map<CommandName, Misbehaviour>;
  noise: string;
  noLogin: string | undefined;
  missing: boolean;
  /** Channels a connection may have open at once. */
  channelLimit: number;
  /** Nothing is read and nothing is sent. */
  silent: boolean;
  greeting: Greeting | undefined;
  passwordExpired: string | undefined;
  /** Sessions the user may have, suspended ones too. */
  sessionLimit: number;
  shadowDenied: boolean;
  /** `atOnce`: x2gostartagent sees it. `afterwards`: it has said that all is well. */
  agentDies: 'atOnce' | 'afterwards' | undefined;
  /** An agent that does not end with the first x2goterminate-session, or with none at all, or with signals neither. */
  outlives: 'first' | 'all' | 'signals' | undefined;
  /** Agents read nothing from their viewers. */
  deafAgents: boolean;
  /** AllowTcpForwarding. */
  forwarding: boolean;
  /** Ports somebody else listens on. */
  takenPorts: Set<number>;
}

export const noFaults = (): FaultPlan => ({
  commands: new Map(),
  noise: '',
  noLogin: undefined,
  missing: false,
  channelLimit: Number.POSITIVE_INFINITY,
  silent: false,
  greeting: undefined,
  passwordExpired: undefined,
  sessionLimit: Number.POSITIVE_INFINITY,
  shadowDenied: false,
  agentDies: undefined,
  outlives: undefined,
  deafAgents: false,
  forwarding: true,
  takenPorts: new Set(),
});
