import { randomBytes } from 'node:crypto';
import type { Profile } from '../../machines/vocabulary.js';
import { monotonicClock } from '../clock.js';
import { fromFailure, X2GoError } from '../errors.js';
import { hostKeysOf } from '../options.js';
import type { SshBroker } from '../profiles/brokerAddress.js';
import type { BrokerExec, BrokerRun } from '../profiles/brokerWire.js';
import { beginLine, parseFramed } from '../protocol/framing.js';
import { quoteAll } from '../protocol/quoting.js';
import type { Connection } from '../ssh/connection.js';
import { runScript } from '../ssh/exec.js';
import { RefusedSecrets } from '../ssh/refusedSecrets.js';
import { Way } from '../ssh/way.js';
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
  const refusals = new RefusedSecrets();
  return async (words, signal) => {
    const { way, line } = await connect(profile, access, refusals, signal);
    try {
      return await run(line, shown, words, options.timeout ?? patience, signal);
    } finally {
      await way.close(new AbortController().signal);
    }
  };
}

type Access = ReturnType<typeof accessTo>;

/** In as to any server: the same deadline, and a host nobody knows is asked about. */
function connect(
  profile: Profile,
  access: Access,
  refusals: RefusedSecrets,
  signal: AbortSignal,
): Promise<{ way: Way; line: Connection }> {
  const world = {
    clock: monotonicClock,
    answers: new Map(),
    refusals,
    credentialsOf: async () => access.credentials.of(profile),
    hostKeysOf: () => hostKeysOf(access, profile),
  };
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const settled = (settle: () => void) => {
      signal.removeEventListener('abort', stop);
      settle();
    };
    const way = new Way(world, profile, {
      ready: (line) => settled(() => resolve({ way, line })),
      lost: (cause) => settled(() => reject(cause)),
    });
    const stop = () => {
      void way.close(signal);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    way.open();
  });
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
