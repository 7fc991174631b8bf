import type { Duplex } from 'node:stream';
import ssh2, {
  type GetStreamCallback,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import { type AgentKey, isCertificate, listAgentKeys } from './agentListing.js';
import { printable } from './credentials.js';
import { fingerprint } from './hostKeyBlob.js';
import type { Identity } from './identities.js';
import { idOf, isRsa, withSha2 } from './sha2Key.js';

/**
 * The key agent behind a socket, as ssh2 wants it, with three differences. RSA keys sign with SHA-2 only. An agent
 * that does not answer has no keys, and a key that does not sign (locked, confirmation denied) is left behind by
 * `carryOn`: for both, ssh2 emits an 'error' on the client although it goes on.
 */
export class KeyAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly path: string;
  /** What went wrong, for people. */
  readonly troubles: string[] = [];
  readonly #inner: ssh2.BaseAgent;
  readonly #streams = new Set<Duplex>();
  readonly #over = new AbortController();
  readonly #done: Set<string>;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #originals = new Map<ParsedKey, ParsedKey>();
  readonly #carryOn: (agent: KeyAgent) => void;

  /** The identities are those that are offered from files: the agent's copies of them are not. */
  constructor(
    path: string,
    identities: readonly Identity[],
    carryOn: (agent: KeyAgent) => void,
    /** Of its keys only these, by idOf(). */
    only?: ReadonlySet<string>,
  ) {
    super();
    this.path = path;
    this.#inner = ssh2.createAgent(path);
    this.#done = new Set(identities.map(({ key }) => idOf(key)));
    this.#carryOn = carryOn;
    this.#only = only;
    const open = this.#inner.getStream?.bind(this.#inner);
    if (open !== undefined) this.#inner.getStream = (report) => open(this.#tracked(report));
  }

  /** The fingerprints of the keys that the agent gave us to offer. */
  get offered(): readonly string[] {
    return [...new Set([...this.#originals.values()].map((key) => fingerprint(key.getPublicSSH())))];
  }

  /** Hangs up on the agent, whatever it is still busy with. */
  close(): void {
    this.#over.abort();
    for (const stream of this.#streams) stream.destroy();
  }

  override getIdentities(report: IdentityCallback<ParsedKey>): void {
    listAgentKeys(this.path, this.#over.signal).then(
      (listed) => report(null, this.#usable(listed)),
      (cause: Error) => {
        this.troubles.push(`the key agent at ${this.path} is of no use: ${cause.message}`);
        report(null, []);
      },
    );
  }

  override sign(key: ParsedKey, data: Buffer, options: SigningRequestOptions, report?: SignCallback): void;
  override sign(key: ParsedKey, data: Buffer, report: SignCallback): void;
  override sign(key: ParsedKey, data: Buffer, ...rest: unknown[]): void {
    const report = rest.at(-1) as SignCallback;
    const original = this.#originals.get(key) ?? key;
    const options: SigningRequestOptions = isRsa(original) ? { hash: 'sha256' } : {};
    this.#inner.sign(original, data, options, (cause, signature) => {
      if (!cause) return report(null, signature);
      this.troubles.push(
        `the key agent at ${this.path} did not sign with ${printable(original.comment || 'a key')}`,
      );
      this.#leaveBehind(key);
      this.#carryOn(this);
    });
  }

  #usable(listed: readonly AgentKey[]): ParsedKey[] {
    const keys: ParsedKey[] = [];
    for (const one of listed) {
      const original = ssh2.utils.parseKey(one.blob);
      if (original instanceof Error || original.type !== one.type) {
        this.#passOver(one);
        continue;
      }
      if (this.#done.has(idOf(original)) || this.#only?.has(idOf(original)) === false) continue;
      original.comment = one.comment;
      const key = withSha2(original, 'sha256');
      this.#originals.set(key, original);
      keys.push(key);
    }
    return keys;
  }

  /** ssh2 signs with a certificate under the certificate's name, which no server takes, and reads no hardware key. */
  #passOver(one: AgentKey): void {
    const what = isCertificate(one) ? 'certificate' : 'key';
    const name = `${printable(one.comment)} ${fingerprint(one.blob)}`.trim();
    const type = printable(one.type);
    this.troubles.push(`the ${what} ${name} of the key agent is not used: ${type} is not supported`);
  }

  /** Keys are tried in their order: those up to this one are done with. */
  #leaveBehind(last: ParsedKey): void {
    for (const key of this.#originals.keys()) {
      this.#done.add(idOf(key));
      if (key === last) return;
    }
  }

  #tracked(report: GetStreamCallback): GetStreamCallback {
    return (cause, stream) => {
      if (stream !== undefined) this.#streams.add(stream.once('close', () => this.#streams.delete(stream)));
      report(cause, stream);
    };
  }
}
