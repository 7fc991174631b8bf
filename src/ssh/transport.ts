import { fromCallback } from 'xstate';
import type { TransportFact, TransportInput, TransportPort, TransportRequest } from '../../machines/ports.js';
import type { Profile } from '../../machines/vocabulary.js';
import { toFailure, X2GoError } from '../errors.js';
import type { World } from '../world.js';
import { Answers, type LoginAnswers } from './answers.js';
import { type Authentication, prepareAuthentication } from './authentication.js';
import { Connection } from './connection.js';
import type { Ask, Credentials } from './credentials.js';
import { type HostKeys, openHostKeys } from './hostKeys.js';
import { watchSilence } from './silence.js';

/** One attempt at a login, and the line it gives, for as long as the actor lives. */
export const transport = (world: World): TransportPort =>
  fromCallback<TransportRequest, TransportInput>(({ input, sendBack, receive }) => {
    const { profile } = input;
    const send = (fact: TransportFact) => sendBack(fact);
    const attempt = new AbortController();
    const answers = world.answers.get(profile.id) ?? new Answers();
    world.answers.set(profile.id, answers);
    let connection: Connection | undefined;
    let unwatch = () => {};

    world.scope.of(profile.id).own('transport', profile.id, async (hurry) => {
      attempt.abort();
      unwatch();
      if (world.connections.get(profile.id) === connection) world.connections.delete(profile.id);
      return connection === undefined ? 'closed' : connection.close(hurry);
    });
    const lose = (cause: unknown) => {
      if (!attempt.signal.aborted)
        send({ type: 'ssh.lost', failure: toFailure(cause), chance: world.chance() });
    };

    const open = async (): Promise<void> => {
      const rules = world.hostKeysOf(profile.id);
      const hostKeys = await openHostKeys({ host: profile.host, port: profile.port ?? 22, ...rules });
      const credentials = await world.credentialsOf(profile.id);
      const login = answers.begin(credentials, () => !attempt.signal.aborted);
      let authentication: Authentication;
      try {
        authentication = await prepareAuthentication(profile.user, patiently(credentials, login.ask));
      } catch (cause) {
        const isRefused = cause instanceof X2GoError && cause.code === 'auth.identity';
        if (!isRefused || !login.refused('key') || attempt.signal.aborted) throw cause;
        return open();
      }
      await login.askAhead();
      if (attempt.signal.aborted) return authentication.close();
      connection = openLine(profile, hostKeys, authentication, login);
    };

    const openLine = (
      profile: Profile,
      hostKeys: HostKeys,
      authentication: Authentication,
      login: LoginAnswers,
    ): Connection => {
      const onEnd = (error: X2GoError) => {
        const unknown = error.code === 'hostKey.unknown' ? line.refusedHostKey : undefined;
        if (unknown !== undefined) return void askAboutHost(hostKeys, unknown, error).catch(lose);
        const isStale = error.code.startsWith('auth.') && login.refused('login');
        // What was right the last time is not any more: a person knows. Not more than once, accounts get locked.
        if (isStale && error.code === 'auth.refused') return void open().catch(lose);
        lose(error);
      };
      const line = new Connection({ profile, hostKeys, authentication, clock: world.clock, onEnd });
      line.onReady(() => {
        login.accepted();
        world.connections.set(profile.id, line);
        unwatch = watchSilence(line.socket, world.clock, input.degradedAfterMs, {
          silent: (silentMs) => send({ type: 'ssh.silent', silentMs }),
          heard: () => send({ type: 'ssh.heard' }),
        });
        send({ type: 'ssh.ready' });
      });
      return line;
    };

    /** A host nobody knows: with a yes from a person its key is remembered and the connection made anew. */
    const askAboutHost = async (hostKeys: HostKeys, key: Buffer, refusal: X2GoError): Promise<void> => {
      const { mode, ask } = world.hostKeysOf(profile.id);
      if (mode !== 'ask' || ask === undefined) return lose(refusal);
      const yes = await ask({ host: profile.host, message: refusal.message });
      if (attempt.signal.aborted) return;
      if (yes !== true) return lose(refusal);
      const written = hostKeys.remember(key);
      if (written !== true) return lose(written);
      await open();
    };

    /** The connect deadline stands still while a person is asked. */
    const patiently = (credentials: Credentials, ask: Ask | undefined): Credentials => {
      if (ask === undefined) return credentials;
      return {
        ...credentials,
        ask: async (request) => {
          connection?.pauseDeadline();
          try {
            return await ask(request);
          } finally {
            if (connection?.isReady === false && !attempt.signal.aborted) connection.resumeDeadline();
          }
        },
      };
    };

    receive((request) => {
      if (request.type === 'ssh.probe') connection?.probe();
    });
    open().catch(lose);
    // What was opened over the line goes first.
    return () => void world.scope.settle(profile.id);
  });
