import { X2GoError } from '../errors.js';
import { clean, truncate } from '../protocol/text.js';
import type { BrokerAddress } from './brokerAddress.js';
import { type Answered, type BrokerProfiles, isAuthId } from './brokerAnswer.js';
import { readJsonHeader, readJsonProfiles, readJsonSelection } from './brokerJson.js';
import { readHeader, readPlainProfiles, readPlainSelection } from './brokerPlain.js';
import type { BrokerRequest } from './brokerRequest.js';
import type { NoServer, Selection } from './brokerSelection.js';

/** How a broker's answer is had: throws X2GoError where there is none. */
export type BrokerWire = (request: BrokerRequest, signal: AbortSignal) => Promise<string>;

/** Who asks. Secrets: they stay in the broker's closure. */
export interface BrokerLogin {
  readonly user: string;
  readonly password?: string;
  /** The one to begin a chain with, where the broker wants any. */
  readonly authId?: string;
}

/** A session broker, as one user sees it. One question at a time: each may need what the answer before it brought. */
export interface Broker {
  readonly shown: string;
  list(signal: AbortSignal): Promise<BrokerProfiles>;
  /** Throws broker.noServer where there is none for the profile at the moment. */
  select(profile: string, signal: AbortSignal): Promise<Selection>;
  /** Throws broker.refused when the broker says yes, and does not know the new password afterwards. */
  changePassword(next: string, signal: AbortSignal): Promise<void>;
  test(signal: AbortSignal): Promise<void>;
}

/** Throws config.invalid for an authentication id that cannot be one. */
export function openBroker(address: BrokerAddress, login: BrokerLogin, wire: BrokerWire): Broker {
  const { user, authId: firstId } = login;
  const { shown } = address;
  if (firstId !== undefined && !isAuthId(firstId))
    throw new X2GoError('config.invalid', 'The authentication id for the broker is malformed');
  const isJson = address.way !== 'ssh' && address.dialect === 'json';
  let password = login.password;
  let authId = firstId;
  let last: Promise<unknown> = Promise.resolve();

  const accept = <Value>(answered: Answered<Value>): Value => {
    if (!answered.ok) {
      const code = answered.isRefusal ? 'broker.refused' : 'broker.garbled';
      const what = answered.isRefusal ? `refused ${clean(user)}` : 'gave an answer that cannot be used';
      throw new X2GoError(code, `The broker ${shown} ${what}: ${clean(truncate(answered.reason, 200))}`);
    }
    // Each id is good for one question.
    authId = answered.nextAuthId ?? authId;
    return answered.value;
  };

  type Asked = Pick<BrokerRequest, 'task' | 'profile' | 'newPassword'>;
  const put = (asked: Asked, signal: AbortSignal) =>
    wire(
      {
        ...asked,
        user,
        ...(password === undefined ? {} : { password }),
        ...(authId === undefined ? {} : { authId }),
      },
      signal,
    );
  const ask = <Value>(asked: Asked, signal: AbortSignal, read: (text: string) => Answered<Value>) => {
    const turn = last.then(async () => {
      signal.throwIfAborted();
      const first = await put(asked, signal).catch((cause: unknown) => {
        const isStale = authId !== firstId && cause instanceof X2GoError && cause.code === 'broker.refused';
        if (!isStale) throw cause;
        // A broker forgets its chains: after hours, or at a restart. The login itself may be as good as before.
        authId = firstId;
        return put(asked, signal);
      });
      return accept(read(first));
    });
    last = turn.catch(() => undefined);
    return turn;
  };

  const test = (signal: AbortSignal): Promise<void> =>
    ask({ task: 'test' }, signal, (text) => (isJson ? readJsonHeader(text) : readTest(text))).then(
      () => undefined,
    );

  return {
    shown,
    list: (signal) => ask({ task: 'list' }, signal, isJson ? readJsonProfiles : readPlainProfiles),
    async select(profile, signal) {
      const selected = await ask<Selection | NoServer>(
        { task: 'select', profile },
        signal,
        isJson ? readJsonSelection : readPlainSelection,
      );
      if (selected.host !== undefined) return selected;
      const why = `The broker ${shown} has no server for ${clean(profile)} at the moment`;
      throw new X2GoError('broker.noServer', why);
    },
    async changePassword(next, signal) {
      await ask<unknown>(
        { task: 'setPassword', newPassword: next },
        signal,
        isJson ? readJsonHeader : readHeader,
      );
      password = next;
      // A chain vouches for us whatever the password is: only its beginning tells.
      authId = firstId;
      await test(signal).catch((cause: unknown) => {
        if (!(cause instanceof X2GoError) || cause.code !== 'broker.refused') throw cause;
        const why = `The broker ${shown} took the new password and does not know it: nothing was changed`;
        throw new X2GoError('broker.refused', why, { cause });
      });
    },
    test,
  };
}

/** x2gobroker says `OK` alone; others answer as to any task. */
const readTest = (text: string): Answered<unknown> =>
  text.trim() === 'OK' ? { ok: true, value: undefined } : readHeader(text);
