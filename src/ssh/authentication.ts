import type { AnyAuthMethod, AuthHandlerMiddleware } from 'ssh2';
import type { X2GoError } from '../errors.js';
import { type Method, planMethods } from './authenticationMethods.js';
import { refusalError } from './authenticationRefusal.js';
import { type Credentials, printable } from './credentials.js';
import { certificateBeside, readIdentities, readPublicKeys } from './identities.js';
import { KeyAgent } from './keyAgent.js';
import type { DeadEnd } from './keyboardInteractive.js';
import { type Gate, openGate } from './refusedSecrets.js';

export type { Credentials } from './credentials.js';

/** One connection's authentication. */
export interface Authentication {
  /** ssh2's `authHandler`. */
  readonly handler: AuthHandlerMiddleware;
  /** What was tried and refused. No secrets. */
  attempts(): readonly string[];
  /** What is being tried, and the server has not said yet. */
  underWay(): string | undefined;
  /** The error of an authentication that failed: auth.refused, auth.noMethod or auth.passwordExpired. */
  explain(cause?: unknown): X2GoError;
  /** For ssh2's 'change password' event, after which nothing else comes: end the connection with this error. */
  passwordExpired(prompt: string): X2GoError;
  /** Hangs up on the key agent, which the handler alone asks. To be called when the connection is up, or has failed: then an attempt may have been cut. */
  close(verdict?: 'accepted' | 'cut'): void;
}

/** Reads the keys, before a connection is made: a named key that cannot be used throws auth.identity. */
export async function prepareAuthentication(
  username: string,
  credentials: Credentials,
  gate: Gate = openGate,
): Promise<Authentication> {
  const identities = await readIdentities(credentials);
  const only = credentials.agentKeys && (await readPublicKeys(credentials.agentKeys));
  const refused = new Set<string>();
  const withheld = new Set<string>();
  const accepted = new Set<string>();
  let offered: readonly string[] | undefined;
  let current: Method | undefined;
  let end: DeadEnd | undefined;
  let proceed: (method: AnyAuthMethod | false) => void = () => undefined;

  const giveUp = (reason: DeadEnd) => {
    end ??= reason;
    proceed(false);
  };
  const usesFiles = credentials.order?.includes('publickey') ?? true;
  const agent =
    credentials.agent === undefined
      ? undefined
      : new KeyAgent(
          credentials.agent,
          usesFiles ? identities : [],
          (again) => proceed({ type: 'agent', username, agent: again }),
          only,
        );
  const rest = planMethods({
    ...{ username, credentials, identities, agent, gate, giveUp },
    withheld: (label) => withheld.add(label),
  });

  /** The first method left that the server takes. Others stay: it may take them later. */
  const takeNext = (): Method | undefined => {
    const usable = rest.filter((method) => method.usable());
    // Until the server has said what it takes, only keys are shown to it; a password waits.
    const next =
      offered === undefined
        ? usable.slice(0, 1).find(({ wire }) => wire === 'publickey')
        : usable.find(({ wire }) => offered?.includes(wire));
    if (next !== undefined) rest.splice(rest.indexOf(next), 1);
    return next;
  };

  const settle = (partial: boolean) => {
    const label = current?.label();
    if (label !== undefined) (partial ? accepted : refused).add(label);
    current?.settle?.(partial ? 'accepted' : 'refused');
  };

  const handler: AuthHandlerMiddleware = (methodsLeft: readonly string[] | null, partial, next) => {
    proceed = next as (method: AnyAuthMethod | false) => void;
    // After an agent ssh2 passes the list and the flag of the time before: what the server said last is lost.
    const isOld = current?.viaAgent === true;
    settle(partial === true && !isOld);
    offered = methodsLeft ?? undefined;
    goOn(isOld);
  };

  const goOn = (isOld: boolean) => {
    current = takeNext();
    if (current === undefined) {
      // 'none' is how a server is asked for its list. It is the only answer to 'none', so this ends.
      const isWorthAsking = (offered === undefined || isOld) && rest.some((method) => method.usable());
      return proceed(isWorthAsking ? { type: 'none', username } : false);
    }
    const attempt = current.begin();
    if (!(attempt instanceof Promise)) return proceed(attempt);
    attempt
      .then((method) => {
        if (method === undefined) return giveUp({ kind: 'cancelled', text: 'Password' });
        if (method !== 'withheld') return proceed(method);
        withheld.add(current?.label() ?? '');
        goOn(isOld);
      })
      // The connection ended while a person was typing; whoever owns it knows.
      .catch(() => undefined);
  };

  const explain = (cause?: unknown): X2GoError => {
    // A server that hangs up in the middle of an attempt has refused it.
    const last = end === undefined ? current?.label() : undefined;
    current?.settle?.(end === undefined ? 'refused' : 'unknown');
    const all = new Set(last === undefined ? refused : [...refused, last]);
    const unused = [...new Set(rest.filter((method) => method.usable()).map((method) => method.wire))];
    const certificates = identities.flatMap(({ label }) => certificateBeside(label));
    const troubles = [...(agent?.troubles ?? []), ...certificates];
    return refusalError(
      {
        ...{ username, unused, offered, end, troubles },
        ...{ refused: [...all], withheld: [...withheld], accepted: [...accepted] },
      },
      cause,
    );
  };
  return {
    handler,
    explain,
    attempts: () => [...refused],
    underWay: () => (end === undefined ? current?.label() : undefined),
    passwordExpired(prompt) {
      end = { kind: 'expired', text: printable(prompt) };
      return explain();
    },
    close(verdict) {
      current?.settle?.(verdict ?? 'unknown');
      agent?.close();
    },
  };
}
