import type { Algorithms } from 'ssh2';

/**
 * What we offer a server, in our order; nothing is left to ssh2's defaults, which include ssh-rsa with
 * SHA-1, hmac-sha1, compression and chacha20-poly1305 (the Terrapin target where kex is not strict).
 * ssh2 itself appends ext-info-c and kex-strict-c-v00@openssh.com to the key exchanges.
 */

const keyExchanges = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
] as const;

/** AES-128-GCM is the fastest here, with and without ssh2's native addon. */
const ciphers = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
] as const;

const macs = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
] as const;

/** The host keys we take, best first. An RSA host key is taken with a SHA-2 signature only. */
export const hostKeyAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;
export type HostKeyAlgorithm = (typeof hostKeyAlgorithms)[number];

/** Our host key algorithms, those of the key types known for a host first, so that it shows a key we can compare. */
export function orderHostKeyAlgorithms(knownTypes: readonly string[]): HostKeyAlgorithm[] {
  const isKnown = (name: HostKeyAlgorithm) => knownTypes.includes(name.startsWith('rsa-') ? 'ssh-rsa' : name);
  return [...hostKeyAlgorithms.filter(isKnown), ...hostKeyAlgorithms.filter((name) => !isKnown(name))];
}

/** ssh2's `algorithms` option. */
export function sshAlgorithms(serverHostKey: readonly HostKeyAlgorithm[] = hostKeyAlgorithms) {
  return {
    kex: [...keyExchanges],
    cipher: [...ciphers],
    serverHostKey: [...serverHostKey],
    hmac: [...macs],
    compress: ['none'],
  } satisfies Algorithms;
}
