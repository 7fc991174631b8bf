import { createHash, ECDH } from 'node:crypto';

/** What can be said of a public host key from its bytes alone (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4). */

/** OpenSSH's notation: SHA-256 in base64 without padding. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The key type a blob names itself, or undefined when it is no well-formed key of a type OpenSSH knows. */
export function keyType(key: Buffer): string | undefined {
  const [name, ...parts] = readStrings(key) ?? [];
  const type = name?.toString('latin1');
  if (type === undefined || !Object.hasOwn(shapes, type)) return undefined;
  return shapes[type]?.(parts) ? type : undefined;
}

type Parts = readonly (Buffer | undefined)[];

const shapes: Readonly<Record<string, (parts: Parts) => boolean>> = {
  'ssh-ed25519': (parts) => parts.length === 1 && parts[0]?.length === 32,
  'sk-ssh-ed25519@openssh.com': (parts) => parts.length === 2 && parts[0]?.length === 32,
  'ecdsa-sha2-nistp256': (parts) => parts.length === 2 && isPoint(parts, 'nistp256', 'prime256v1'),
  'ecdsa-sha2-nistp384': (parts) => parts.length === 2 && isPoint(parts, 'nistp384', 'secp384r1'),
  'ecdsa-sha2-nistp521': (parts) => parts.length === 2 && isPoint(parts, 'nistp521', 'secp521r1'),
  'sk-ecdsa-sha2-nistp256@openssh.com': (parts) =>
    parts.length === 3 && isPoint(parts, 'nistp256', 'prime256v1'),
  'ssh-rsa': (parts) => parts.length === 2 && parts.every(isPositive) && bitLength(parts[1]) >= 1024,
  'ssh-dss': (parts) => parts.length === 4 && parts.every(isPositive),
};

function isPoint([curve, point]: Parts, sshName: string, opensslName: string): boolean {
  if (curve?.toString('latin1') !== sshName || point?.[0] !== 4) return false;
  try {
    ECDH.convertKey(point, opensslName);
    return true;
  } catch {
    return false;
  }
}

const isPositive = (number: Buffer | undefined) => number !== undefined && ((number[0] ?? 0) & 0x80) === 0;

function bitLength(number: Buffer | undefined): number {
  if (number === undefined) return 0;
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (number.length - first) * 8 - (Math.clz32(number[first] ?? 0) - 24);
}

/** All length-prefixed strings of a blob; undefined when they do not fill it exactly. */
export function readStrings(blob: Buffer): Buffer[] | undefined {
  const strings: Buffer[] = [];
  for (let at = 0; at < blob.length; ) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    strings.push(blob.subarray(at + 4, end));
    at = end;
  }
  return strings;
}
