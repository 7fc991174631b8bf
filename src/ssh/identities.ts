import { createPrivateKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import { X2GoError } from '../errors.js';
import { listAgentKeys } from './agentListing.js';
import { answersOf, type Credentials, type InlineIdentity } from './credentials.js';
import { idOf } from './sha2Key.js';

/** Private keys, read and opened before a connection is made. */

export interface Identity {
  readonly label: string;
  readonly key: ParsedKey;
}

/** All file keys in the order to offer them, each once: those somebody named, then those at the default paths. */
export async function readIdentities(credentials: Credentials): Promise<Identity[]> {
  const { identities = [], privateKey, defaultIdentities = [] } = credentials;
  const found = new Map<string, Identity>();
  const add = (identity: Identity) => {
    if (!found.has(idOf(identity.key))) found.set(idOf(identity.key), identity);
  };
  const named = privateKey === undefined ? identities : [...identities, { privateKey }];
  for (const one of named) {
    const identity = await readNamed(one, credentials);
    if (identity !== 'held') add(identity);
  }
  for (const label of defaultIdentities) {
    const contents = await readFile(label).catch(() => undefined);
    const opened = contents && open(contents, credentials.passphrase);
    if (opened?.key !== undefined) add({ label, key: opened.key });
  }
  return [...found.values()];
}

/** What there is to say of a certificate that lies beside a key's file, where ssh looks for it: ssh2 cannot show it. */
export const certificateBeside = (label: string): readonly string[] =>
  existsSync(`${label}-cert.pub`)
    ? [`the certificate ${label}-cert.pub is not used: certificates are not supported`]
    : [];

/** The keys at these paths, as idOf() names them, as far as their public halves lie there. */
export async function readPublicKeys(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const path of paths.flatMap((one) => [one, `${one}.pub`])) {
    const contents = await readFile(path).catch(() => undefined);
    const key = contents && parse(contents, undefined);
    if (key !== undefined && !(key instanceof Error)) found.add(idOf(key));
  }
  return found;
}

/** A key somebody named, or that the agent holds it. One that cannot be read, opened or used throws auth.identity. */
async function readNamed(
  identity: string | InlineIdentity,
  credentials: Credentials,
): Promise<Identity | 'held'> {
  const inline = typeof identity === 'string' ? undefined : identity;
  const label = typeof identity === 'string' ? identity : (identity.label ?? 'the given private key');
  const contents =
    inline?.privateKey ?? (await readFile(label).catch((cause: unknown) => fail(label, cause)));

  const opened = open(contents, inline?.passphrase ?? credentials.passphrase);
  if (opened.key !== undefined) return { label, key: opened.key };
  if (!opened.locked) throw unusable(label, opened.why);
  if (inline === undefined && (await isHeld(label, credentials))) return 'held';
  if (credentials.ask === undefined) throw unusable(label, opened.why, locked);

  const answers = await answersOf(credentials.ask, {
    kind: 'passphrase',
    title: `Passphrase for ${label}`,
    instruction: '',
    prompts: [{ text: 'Passphrase: ', echo: false }],
  });
  if (answers === undefined) throw unusable(label, 'no passphrase was given', locked);
  const unlocked = open(contents, answers[0]);
  if (unlocked.key === undefined) throw unusable(label, unlocked.why, locked);
  return { label, key: unlocked.key };
}

/** Whether the key agent has the key whose public half lies beside this file: then, as with ssh, nobody is asked for its passphrase. */
async function isHeld(path: string, { agent, agentKeys, order }: Credentials): Promise<boolean> {
  if (agent === undefined || order?.includes('agent') === false) return false;
  if (agentKeys?.includes(path) === false) return false;
  const halves = await readPublicKeys([path]);
  const listed = halves.size === 0 ? [] : await listAgentKeys(agent).catch(() => []);
  return listed.some(({ blob }) => halves.has(blob.toString('base64')));
}

type Opened = { key: ParsedKey } | { key?: never; locked: boolean; why: string };

function open(contents: string | Buffer, passphrase: string | undefined): Opened {
  const bare = parse(contents, undefined);
  const locked = bare instanceof Error && /no passphrase given/.test(bare.message);
  if (locked && !passphrase) return { locked, why: 'it is encrypted' };
  const key = locked ? parse(contents, passphrase) : bare;
  if (key instanceof Error) {
    // What the parsers say of a wrong passphrase differs by format and cipher: padding, lengths, integrity.
    return { locked, why: locked ? 'the passphrase does not open it' : `it is no private key we can read` };
  }
  if (!key.isPrivateKey()) return { locked: false, why: 'it is a public key: name the private one' };
  if (key.type === 'ssh-dss') return { locked: false, why: 'it is a DSA key, which servers no longer take' };
  return { key };
}

function parse(contents: string | Buffer, passphrase: string | undefined): ParsedKey | Error {
  try {
    const text = contents.toString();
    const pem = /^\s*-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.exec(text);
    if (pem === null) return ssh2.utils.parseKey(contents, passphrase);
    // PKCS #8, which ssh-keygen -m PKCS8 and OpenSSL write and ssh2 does not read.
    if (pem[1] !== undefined && !passphrase) return new Error('no passphrase given');
    const key = createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) });
    const type = key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs1';
    return ssh2.utils.parseKey(key.export({ format: 'pem', type }));
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
}

const locked = 'Give its passphrase, or add it to a key agent and use that';

function unusable(label: string, why: string, advice = 'Check the path, or leave it out'): X2GoError {
  return new X2GoError('auth.identity', `Cannot use the key ${label}: ${why}. ${advice}.`);
}

function fail(label: string, cause: unknown): never {
  const why = cause instanceof Error ? cause.message : String(cause);
  throw new X2GoError(
    'auth.identity',
    `Cannot read the key ${label}: ${why}. Check the path, or leave it out.`,
    {
      cause,
    },
  );
}
