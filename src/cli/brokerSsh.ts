import { randomBytes } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import type { Profile } from '../../machines/vocabulary.js';
import { monotonicClock } from '../clock.js';
import { fromFailure, X2GoError } from '../errors.js';
import { hostKeysOf } from '../options.js';
import type { SshBroker } from '../profiles/brokerAddress.js';
import type { BrokerExec, BrokerRun } from '../profiles/brokerWire.js';
import { beginLine, parseFramed } from '../protocol/framing.js';
import { quoteAll } from '../protocol/quoting.js';
import { prepareAuthentication } from '../ssh/authentication.js';
import { Connection } from '../ssh/connection.js';
import { runScript } from '../ssh/exec.js';
import { openHostKeys } from '../ssh/hostKeys.js';
import { accessTo } from './access.js';
import type { CommonOptions } from './options.js';
import type { Questions } from './questions.js';

const patience = 30_000;

/** Commands on a broker's host: a connection for each, with the same keys and known hosts as any server's. */
export function brokerExec(
  { host, port, shown, user }: SshBroker,
  brokerUser: string,
  options: CommonOptions,
  secrets: { readonly password?: string; readonly questions?: Questions },
): BrokerExec {
  const profile: Profile = { id: shown, host, port, user: user ?? brokerUser };
  const access = accessTo([{ profile }], options, secrets);
  return async (words, signal) => {
    const line = await connect(profile, access, signal);
    try {
      return await run(line, shown, words, options.timeout ?? patience, signal);
    } finally {
      await line.close(new AbortController().signal);
    }
  };
}

type Access = ReturnType<typeof accessTo>;

/** A host nobody knows is asked about, where somebody can be asked, and then met again. */
async function connect(profile: Profile, access: Access, signal: AbortSignal): Promise<Connection> {
  const rules = hostKeysOf(access, profile);
  const hostKeys = await openHostKeys({ host: profile.host, port: profile.port ?? 22, ...rules });
  const credentials = await access.credentials.of(profile);
  const authentication = await prepareAuthentication(profile.user, credentials);
  let line: Connection | undefined;
  const stop = () => void line?.close(AbortSignal.abort());
  try {
    return await new Promise<Connection>((resolve, reject) => {
      signal.throwIfAborted();
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      signal.addEventListener('abort', stop, { once: true });
      const { host, port = 22, user } = profile;
      const opening = new Connection({
        socket: connectTcp({ host, port, noDelay: true }),
        where: `${host}:${port}`,
        user,
        hostKeys,
        authentication,
        clock: monotonicClock,
        onEnd: reject,
      });
      line = opening;
      opening.onReady(() => resolve(opening));
    });
  } catch (cause) {
    const unknown =
      cause instanceof X2GoError && cause.code === 'hostKey.unknown' ? line?.refusedHostKey : undefined;
    if (unknown === undefined || rules.mode !== 'ask' || rules.ask === undefined) throw cause;
    const message = cause instanceof X2GoError ? cause.message : '';
    if ((await rules.ask({ host: profile.host, message })) !== true) throw cause;
    const written = hostKeys.remember(unknown);
    if (written !== true) throw written;
    return connect(profile, access, signal);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function run(
  line: Connection,
  shown: string,
  words: readonly string[],
  deadlineMs: number,
  signal: AbortSignal,
): Promise<BrokerRun> {
  const quoted = quoteAll(words);
  if (!quoted.ok) throw new X2GoError('usage.invalid', `The broker cannot be asked that: ${quoted.reason}`);
  const marker = randomBytes(16).toString('hex');
  const mark = (name: string) => `printf '\\n%s ${name} %s\\n' ${marker} "$code"`;
  const text = `{ printf '%s' '${beginLine(marker)}'
${quoted.text} </dev/null 2>/dev/null; code=$?
${mark('answer')}
code=0
${mark('end')}
exit
}
`;
  const script = { name: `The broker ${shown}`, marker, text, deadlineMs };
  const framed = parseFramed(marker, (await runScript(line, monotonicClock, script, signal)).text);
  const [answer] = framed.ok ? framed.sections : [];
  if (answer !== undefined) return { code: answer.code, text: answer.body };
  const message = `The broker ${shown} gave an answer that cannot be used: ${framed.ok ? 'it is empty' : framed.reason}`;
  throw fromFailure({ code: 'broker.garbled', message, retryable: true });
}
