import { createHash } from 'node:crypto';
import ssh2 from 'ssh2';

export interface HostKey {
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA...` */
  readonly publicKey: string;
  /** `SHA256:...` as ssh-keygen -l shows it. */
  readonly fingerprint: string;
}

export interface KeyPair {
  readonly private: string;
  readonly public: string;
}

/** ssh2 1.17.0 drops zero bytes at the start of the public key: one pair in 256 cannot be read back. */
export function newKeyPair(): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

/** An OpenSSH private key and what belongs to it; made anew without one. */
export function hostKeyOf(privateKey: string = newKeyPair().private): HostKey {
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error)
    throw new Error(`The emulator cannot use this key: ${parsed.message}`, { cause: parsed });
  const blob = parsed.getPublicSSH();
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return {
    privateKey,
    publicKey: `${parsed.type} ${blob.toString('base64')}`,
    fingerprint: `SHA256:${digest}`,
  };
}
