import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { X2GoError } from '../errors.js';
import { type Broker, openBroker } from '../profiles/broker.js';
import { type BrokerAddress, parseBrokerAddress } from '../profiles/brokerAddress.js';
import { httpWire, sshWire } from '../profiles/brokerWire.js';
import type { BrokerCommandOptions } from './brokerOptions.js';
import { brokerExec } from './brokerSsh.js';
import type { Context } from './command.js';
import type { Input } from './io.js';
import { readPassword } from './passwordStdin.js';
import { openQuestions, type Questions, type Stage } from './questions.js';

/** A broker that can be asked, and what its servers may be told of us. The secrets stay in here. */
export interface BrokerAccess {
  readonly broker: Broker;
  readonly user: string;
  readonly questions: Questions | undefined;
  /** Of the broker; some profiles say that it opens the server, too. */
  readonly password: () => string | undefined;
  /** A new one, from a person or from stdin. */
  readonly newPassword: () => Promise<string>;
}

/** Throws usage.invalid, file.unreadable or config.invalid for what is wrong with the options. */
export async function openBrokerAccess(
  url: string,
  options: BrokerCommandOptions,
  context: Context,
  stage: Stage,
  /** For a command that wants a new password besides. */
  read: (stdin: Input, signal: AbortSignal) => Promise<readonly (string | undefined)[]> = async (...from) => [
    await readPassword(...from),
  ],
): Promise<BrokerAccess> {
  const { io, ending, printer } = context;
  const address = addressFrom(url);
  const user = options.brokerUser ?? address.user ?? userInfo().username;
  if (!/^[^\x00-\x20\x7f:]{1,200}$/.test(user)) throw wrong(`${JSON.stringify(user)} is no user of a broker`);
  const [authId, ca] = await Promise.all([
    options.brokerAuthId === undefined ? undefined : contents(options.brokerAuthId, 'authentication id'),
    options.brokerCa === undefined ? undefined : certificates(options.brokerCa),
  ]);
  const stdin = await (options.passwordStdin ? read(io.stdin, ending.asked) : []);
  const questions = openQuestions(io, ending, options, stage);
  const asked = async (title: string) => {
    const request = {
      kind: 'password',
      title,
      instruction: '',
      prompts: [{ text: 'Password: ', echo: false }],
    } as const;
    const [answer] = (await questions?.secret(address.shown)(request)) ?? [];
    return answer;
  };
  // Over SSH it is the SSH login that proves who we are.
  const isSsh = address.way === 'ssh';
  const password = stdin[0] ?? (isSsh ? undefined : await asked(`Password for ${user}`));
  if (address.way === 'http' && !isLoopback(address.host))
    printer.say(
      `x2go-guardian: ${address.shown}: without TLS, the password and the key can be read on their way.`,
    );
  const login = {
    user,
    ...(password === undefined ? {} : { password }),
    ...(authId === undefined ? {} : { authId: authId.trim() }),
  };
  const secrets = {
    ...(password === undefined ? {} : { password }),
    ...(questions === undefined ? {} : { questions }),
  };
  const wire =
    address.way === 'ssh'
      ? sshWire(address, brokerExec(address, user, options, secrets))
      : httpWire(address, { ca, deadlineMs: options.timeout });
  return {
    broker: openBroker(address, login, wire),
    user,
    questions,
    password: () => password,
    newPassword: async () => stdin[1] ?? (await twice(asked, user)),
  };
}

function addressFrom(url: string): BrokerAddress {
  const parsed = parseBrokerAddress(url);
  // The text is not repeated: there may be a password in it.
  if (!parsed.ok) throw wrong(`That is no address of a broker: ${parsed.reason}`);
  return parsed.address;
}

async function twice(asked: (title: string) => Promise<string | undefined>, user: string): Promise<string> {
  const first = await asked(`New password for ${user}`);
  if (first === undefined || first === '')
    throw wrong('No new password was given: --password-stdin reads the old one and the new one, a line each');
  if (first !== (await asked(`New password for ${user}, again`))) throw wrong('The two new passwords differ');
  return first;
}

async function contents(file: string, what: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new X2GoError('file.unreadable', `Cannot read the ${what} for the broker: ${why}. Check the path`, {
      cause,
    });
  });
}

async function certificates(file: string): Promise<string> {
  const pem = await contents(file, 'certificates');
  try {
    new X509Certificate(pem);
    return pem;
  } catch (cause) {
    throw new X2GoError('config.invalid', `${file} holds no certificate in PEM`, { cause });
  }
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host);
const wrong = (message: string) => new X2GoError('usage.invalid', message);
