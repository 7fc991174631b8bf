import type { ParsedKey } from 'ssh2';

/** The two signatures an RSA key gives since RFC 8332. Dropbear knows only the first. */
export const rsaHashes = ['sha256', 'sha512'] as const;
export type RsaHash = (typeof rsaHashes)[number];

/**
 * The same RSA key under the name of a SHA-2 signature. ssh2 falls back to ssh-rsa with SHA-1 when a server sends no
 * list of signature algorithms, or one with nothing better; it does so by the key's type, and sends whatever type it
 * finds there as the algorithm. Keys of other types are returned as they are.
 */
export function withSha2(key: ParsedKey, hash: RsaHash): ParsedKey {
  if (key.type !== 'ssh-rsa') return key;
  return Object.create(key, {
    type: { value: `rsa-sha2-${hash.slice(3)}` },
    sign: { value: (data: Buffer) => key.sign(data, hash) },
  });
}

export const isRsa = (key: ParsedKey) => key.type === 'ssh-rsa';

/** One text a key: the same key in a file and in an agent is offered once. */
export const idOf = (key: ParsedKey) => key.getPublicSSH().toString('base64');
