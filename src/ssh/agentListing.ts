import { createConnection } from 'node:net';
import { readStrings } from './hostKeyBlob.js';

/** A key that an agent says it has. */
export interface AgentKey {
  /** `ssh-ed25519`, `ssh-ed25519-cert-v01@openssh.com`; whatever the agent says. */
  readonly type: string;
  readonly blob: Buffer;
  readonly comment: string;
}

/** A key that somebody's authority has signed. */
export const isCertificate = ({ type }: Pick<AgentKey, 'type'>): boolean =>
  type.endsWith('-cert-v01@openssh.com');

/** Signing may wait for a person, listing does not. */
const listingMs = 5_000;
/** What OpenSSH's agent says at most. */
const longestAnswer = 256 * 1024;
// draft-miller-ssh-agent: SSH_AGENTC_REQUEST_IDENTITIES, and its answer with the number of keys.
const request = Buffer.from([0, 0, 0, 1, 11]);
const answerType = 12;

/** All keys of the agent behind a socket, also of types that ssh2 cannot read. Rejects with what went wrong in words. */
export function listAgentKeys(path: string, signal?: AbortSignal): Promise<readonly AgentKey[]> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let answer = Buffer.alloc(0);
    const settle = (result: readonly AgentKey[] | string) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      socket.destroy();
      if (typeof result === 'string') reject(new Error(result));
      else resolve(result);
    };
    const stop = () => settle('it is not waited for');
    const timer = setTimeout(() => settle('it does not answer'), listingMs);
    signal?.addEventListener('abort', stop, { once: true });
    socket.on('error', () => settle('it cannot be reached'));
    socket.on('close', () => settle('it closed the connection'));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      const length = answer.length < 4 ? 1 : answer.readUInt32BE(0);
      if (length > longestAnswer) settle('its answer has no end');
      else if (answer.length >= 4 + length) settle(keysIn(answer.subarray(4, 4 + length)));
    });
    socket.write(request);
    if (signal?.aborted) stop();
  });
}

function keysIn(answer: Buffer): readonly AgentKey[] | string {
  if (answer[0] !== answerType || answer.length < 5) return 'it refused to list its keys';
  const fields = readStrings(answer.subarray(5));
  if (fields === undefined || fields.length !== answer.readUInt32BE(1) * 2) return 'its answer is no list';
  return fields.flatMap((blob, at) => {
    const comment = fields[at + 1]?.toString('utf8') ?? '';
    return at % 2 === 0 ? [{ type: typeOf(blob), blob, comment }] : [];
  });
}

/** The name in front of a key. Certificates and hardware keys have more behind it than a plain one. */
function typeOf(blob: Buffer): string {
  const length = blob.length < 4 ? 0 : blob.readUInt32BE(0);
  return blob.subarray(4, 4 + Math.min(length, 64)).toString('latin1');
}
