/** What an X server says after its set-up. Any bytes will do. */
export type X11Message =
  | { readonly kind: 'reply'; readonly sequence: number; readonly bytes: Buffer }
  | { readonly kind: 'error'; readonly sequence: number }
  | { readonly kind: 'created' | 'destroyed'; readonly window: number }
  | { readonly kind: 'changed'; readonly window: number; readonly property: number }
  | { readonly kind: 'other' };

/** A tree of 250,000 windows. Nothing that is asked here has a longer answer. */
const longest = 1024 * 1024;

/** Cuts what has come into messages; undefined when there is one too long to be true. */
export function splitMessages(bytes: Buffer): { messages: readonly Buffer[]; rest: Buffer } | undefined {
  const messages: Buffer[] = [];
  let at = 0;
  while (at + 32 <= bytes.length) {
    const code = (bytes[at] ?? 0) & 0x7f;
    // Replies and GenericEvent say how much follows their 32 bytes.
    const length = code === 1 || code === 35 ? 32 + 4 * bytes.readUInt32LE(at + 4) : 32;
    if (length > longest) return undefined;
    if (at + length > bytes.length) break;
    messages.push(bytes.subarray(at, at + length));
    at += length;
  }
  return { messages, rest: bytes.subarray(at) };
}

/** One message of 32 bytes or more. */
export function parseMessage(bytes: Buffer): X11Message {
  // The highest bit: another client sent it.
  const code = (bytes[0] ?? 0) & 0x7f;
  const sequence = bytes.readUInt16LE(2);
  switch (code) {
    case 0:
      return { kind: 'error', sequence };
    case 1:
      return { kind: 'reply', sequence, bytes };
    case 16:
      return { kind: 'created', window: bytes.readUInt32LE(8) };
    case 17:
      return { kind: 'destroyed', window: bytes.readUInt32LE(8) };
    case 28:
      return { kind: 'changed', window: bytes.readUInt32LE(4), property: bytes.readUInt32LE(8) };
    default:
      return { kind: 'other' };
  }
}

/** The reply to InternAtom. */
export const parseAtom = (reply: Buffer): number => reply.readUInt32LE(8);

/** The reply to QueryTree: the windows in it. */
export function parseTree(reply: Buffer): readonly number[] {
  const count = Math.min(reply.readUInt16LE(16), (reply.length - 32) >> 2);
  return Array.from({ length: count }, (_, index) => reply.readUInt32LE(32 + 4 * index));
}

/** The reply to GetProperty, where it is a text. */
export function parseText(reply: Buffer): string {
  return reply[1] === 8 ? reply.subarray(32, 32 + reply.readUInt32LE(16)).toString('latin1') : '';
}
