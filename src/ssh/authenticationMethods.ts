import type { AnyAuthMethod } from 'ssh2';
import { type Ask, type AuthMethodName, answersOf, type Credentials } from './credentials.js';
import type { Identity } from './identities.js';
import type { KeyAgent } from './keyAgent.js';
import { type DeadEnd, keyboardInteractive } from './keyboardInteractive.js';
import { isRsa, rsaHashes, withSha2 } from './sha2Key.js';

/** One thing to try. */
export interface Method {
  /** The name servers offer it by. */
  readonly wire: 'publickey' | 'password' | 'keyboard-interactive';
  readonly viaAgent?: true;
  /** What messages call it; undefined when there turned out to be nothing to try. */
  label(): string | undefined;
  /** False when what was tried before has made it pointless. */
  usable(): boolean;
  /** The attempt, as ssh2 wants it; undefined when a person cancelled it. */
  begin(): AnyAuthMethod | Promise<AnyAuthMethod | undefined>;
}

export interface Means {
  readonly username: string;
  readonly credentials: Credentials;
  readonly identities: readonly Identity[];
  readonly agent: KeyAgent | undefined;
  /** Called when a server's questions cannot be answered. */
  giveUp(end: DeadEnd): void;
}

const defaultOrder: readonly AuthMethodName[] = ['publickey', 'agent', 'password', 'keyboard-interactive'];

/** Everything that can be tried, in order. */
export function planMethods(means: Means): Method[] {
  const { credentials } = means;
  const password = storedPassword(credentials.password);
  const plans: Record<AuthMethodName, () => Method[]> = {
    publickey: () => means.identities.flatMap((identity) => keyMethods(means.username, identity)),
    agent: () => (means.agent === undefined ? [] : [agentMethod(means.username, means.agent)]),
    password: () => passwordMethods(means, password),
    'keyboard-interactive': () => keyboardMethods(means, password),
  };
  return [...new Set(credentials.order ?? defaultOrder)].flatMap((name) => plans[name]());
}

/** An RSA key is two things to try: which signatures a server takes is not told, and Dropbear takes only the first. */
function keyMethods(username: string, { label, key }: Identity): Method[] {
  const variants = isRsa(key) ? rsaHashes.map((hash) => withSha2(key, hash)) : [key];
  return variants.map((variant) => ({
    wire: 'publickey',
    label: () => `key ${label}`,
    usable: always,
    begin: () => ({ type: 'publickey', username, key: variant }),
  }));
}

function agentMethod(username: string, agent: KeyAgent): Method {
  return {
    wire: 'publickey',
    viaAgent: true,
    label: () => (agent.offered === 0 ? undefined : `key agent (${agent.offered} keys)`),
    usable: always,
    begin: () => ({ type: 'agent', username, agent }),
  };
}

/** The password somebody gave us. It is sent once, by whatever method comes first. */
interface StoredPassword {
  unsent(): boolean;
  take(): string | undefined;
}

function storedPassword(password: string | undefined): StoredPassword {
  let rest = password;
  return {
    unsent: () => rest !== undefined,
    take() {
      const taken = rest;
      rest = undefined;
      return taken;
    },
  };
}

function passwordMethods({ username, credentials: { ask } }: Means, stored: StoredPassword): Method[] {
  const method = { wire: 'password', label: () => 'password' } as const;
  const attempt = (password: string | undefined): AnyAuthMethod | undefined =>
    password === undefined ? undefined : { type: 'password', username, password };
  if (stored.unsent()) {
    return [{ ...method, usable: stored.unsent, begin: async () => attempt(stored.take()) }];
  }
  if (ask === undefined) return [];
  const request = {
    kind: 'password',
    title: `Password for ${username}`,
    instruction: '',
    prompts: [{ text: 'Password: ', echo: false }],
  } as const;
  return [{ ...method, usable: always, begin: async () => attempt((await answersOf(ask, request))?.[0]) }];
}

/** First with the stored password; then, unless a person has answered already, with a person alone. */
function keyboardMethods(means: Means, stored: StoredPassword): Method[] {
  const { username, giveUp, credentials } = means;
  let personAsked = false;
  const ask: Ask | undefined =
    credentials.ask &&
    ((request) => {
      personAsked = true;
      return credentials.ask?.(request) ?? Promise.resolve([]);
    });
  const method = { wire: 'keyboard-interactive', label: () => 'keyboard-interactive' } as const;
  const begin = (takePassword: () => string | undefined) => () =>
    keyboardInteractive({ username, takePassword, ask, giveUp });
  return [
    { ...method, usable: stored.unsent, begin: begin(stored.take) },
    { ...method, usable: () => ask !== undefined && !personAsked, begin: begin(() => undefined) },
  ];
}

const always = () => true;
