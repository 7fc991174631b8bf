import type { Authorization } from './xauthority.js';

/** What can be asked of an X server before anything else: the X11 protocol's connection set-up, little-endian. */
export interface Setup {
  readonly screens: readonly {
    readonly width: number;
    readonly height: number;
    readonly depth: number;
    /** The root window. */
    readonly root: number;
  }[];
}
export type SetupAnswer =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'granted'; readonly setup: Setup; readonly length: number }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'garbled' };

const padded = (length: number) => (length + 3) & ~3;

export function setupRequest(authorization: Authorization | undefined): Buffer {
  const name = Buffer.from(authorization?.name ?? '', 'latin1');
  const data = authorization?.data ?? Buffer.alloc(0);
  const request = Buffer.alloc(12 + padded(name.length) + padded(data.length));
  request[0] = 0x6c; // 'l': little-endian from here on
  request.writeUInt16LE(11, 2);
  request.writeUInt16LE(name.length, 6);
  request.writeUInt16LE(data.length, 8);
  name.copy(request, 12);
  data.copy(request, 12 + padded(name.length));
  return request;
}

/** What an X server has answered so far. Any bytes will do. */
export function parseSetup(answer: Buffer): SetupAnswer {
  if (answer.length < 8) return { kind: 'incomplete' };
  const end = 8 + 4 * answer.readUInt16LE(6);
  if (answer.length < end) return { kind: 'incomplete' };
  const status = answer[0];
  if (status === 0) {
    const length = answer[1] ?? 0;
    return { kind: 'refused', reason: answer.subarray(8, Math.min(8 + length, end)).toString('latin1') };
  }
  if (status === 2)
    return { kind: 'refused', reason: 'it wants a way of authentication that is not known here' };
  if (status !== 1 || end < 40) return { kind: 'garbled' };
  const screens = readScreens(answer.subarray(0, end));
  return screens === undefined ? { kind: 'garbled' } : { kind: 'granted', setup: { screens }, length: end };
}

/** Behind the vendor's name and the pixmap formats: each screen with the list of its depths and their visuals. */
function readScreens(answer: Buffer): Setup['screens'] | undefined {
  let at = 40 + padded(answer.readUInt16LE(24)) + 8 * (answer[29] ?? 0);
  const screens: { width: number; height: number; depth: number; root: number }[] = [];
  for (let count = answer[28] ?? 0; count > 0; count -= 1) {
    if (at + 40 > answer.length) return undefined;
    const [width, height] = [answer.readUInt16LE(at + 20), answer.readUInt16LE(at + 22)];
    screens.push({ width, height, depth: answer[at + 38] ?? 0, root: answer.readUInt32LE(at) });
    let depths = answer[at + 39] ?? 0;
    for (at += 40; depths > 0; depths -= 1) {
      if (at + 8 > answer.length) return undefined;
      at += 8 + 24 * answer.readUInt16LE(at + 2);
    }
  }
  return screens;
}
