import type { TunnelInput } from '../../machines/sessionPorts.js';
import { X2GoError } from '../errors.js';
import type { Outcome } from '../scope.js';
import type { World } from '../world.js';
import type { Connection } from './connection.js';
import type { Joints } from './joints.js';

/** What a tunnel of any kind is made of. */
export interface TunnelSite {
  readonly world: World;
  readonly input: TunnelInput;
  readonly line: Connection;
  readonly joints: Joints;
  /** When the tunnel is over. */
  readonly signal: AbortSignal;
  /** It stands no longer. */
  readonly fail: (cause: unknown) => void;
  /** What it was for has ended. */
  readonly finish: () => void;
}
export interface TunnelWay {
  /** Gives the port to connect to. Throws why it does not stand. */
  open(): Promise<number>;
  /** Everything it has opened is closed, whatever moment it is; the joints end by themselves. */
  close(hurry: AbortSignal): Promise<Outcome>;
}

const exhaustion = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS']);

/** An error of a local socket, in our words. */
export function explainLocal(cause: unknown): X2GoError {
  if (cause instanceof X2GoError) return cause;
  const { code = '', message = String(cause) } = (cause ?? {}) as { code?: string; message?: string };
  if (exhaustion.has(code))
    return new X2GoError('local.exhausted', `This machine gives us no further connection (${code})`, {
      cause,
    });
  return new X2GoError('tunnel.failed', `A connection on this machine failed: ${message}`, { cause });
}
