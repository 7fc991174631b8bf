import type { AnyAuthMethod } from 'ssh2';
import { type Ask, type AuthMethodName, answersOf, type Credentials } from './credentials.js';
import { fingerprint } from './hostKeyBlob.js';
import type { Identity } from './identities.js';
import type { KeyAgent } from './keyAgent.js';
import { type DeadEnd, keyboardInteractive } from './keyboardInteractive.js';
import { Passage } from './passage.js';
import type { Gate, Verdict } from './refusedSecrets.js';
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
  begin(): AnyAuthMethod | Promise<AnyAuthMethod | 'withheld' | undefined>;
  /** What came of the attempt. */
  settle?(verdict: Verdict): void;
}

export interface Means {
  readonly username: string;
  readonly credentials: Credentials;
  readonly identities: readonly Identity[];
  readonly agent: KeyAgent | undefined;
  /** Asked before a secret is sent. */
  readonly gate: Gate;
  /** Called when a server's questions cannot be answered. */
  giveUp(end: DeadEnd): void;
  /** Called when a stored password is not sent as an answer, because it was refused before. */
  withheld(label: string): void;
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
    label: () => `key ${label} (${fingerprint(key.getPublicSSH())})`,
    usable: always,
    begin: () => ({ type: 'publickey', username, key: variant }),
  }));
}

function agentMethod(username: string, agent: KeyAgent): Method {
  return {
    wire: 'publickey',
    viaAgent: true,
    label: () => (agent.offered.length === 0 ? undefined : `key agent (${agent.offered.join(', ')})`),
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

function passwordMethods(means: Means, stored: StoredPassword): Method[] {
  const { username, gate } = means;
  const { ask } = means.credentials;
  const passage = new Passage(gate);
  const method = { wire: 'password', label: () => 'password', settle: passage.settle } as const;
  const attempt = async (password: string | undefined): Promise<AnyAuthMethod | 'withheld' | undefined> => {
    if (password === undefined) return undefined;
    return (await passage.isFree(password)) ? { type: 'password', username, password } : 'withheld';
  };
  if (stored.unsent()) return [{ ...method, usable: stored.unsent, begin: () => attempt(stored.take()) }];
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
  const { username, giveUp, credentials, gate } = means;
  let personAsked = false;
  const passage = new Passage(gate);
  const ask: Ask | undefined =
    credentials.ask &&
    ((request) => {
      personAsked = true;
      passage.letGo();
      return credentials.ask?.(request) ?? Promise.resolve([]);
    });
  const label = 'keyboard-interactive';
  const takePassword = async () => {
    const password = stored.take();
    if (password === undefined || (await passage.isFree(password))) return password;
    means.withheld(label);
    return undefined;
  };
  const method = { wire: label, label: () => label } as const;
  const begin = (take: () => Promise<string | undefined>) => () =>
    keyboardInteractive({ username, takePassword: take, ask, giveUp });
  return [
    { ...method, usable: stored.unsent, begin: begin(takePassword), settle: passage.settle },
    { ...method, usable: () => ask !== undefined && !personAsked, begin: begin(async () => undefined) },
  ];
}

const always = () => true;
