/** The few requests of the X11 protocol that it takes to find a window and to name it, little-endian as the set-up said. */

/** Predefined atoms (X11/Xatom.h). */
export const atoms = { string: 31, iconName: 37, name: 39 } as const;
/** X11/X.h: what a client may want to be told of. */
export const telling = { substructure: 1 << 19, property: 1 << 22 } as const;

const padded = (length: number) => (length + 3) & ~3;

function request(opcode: number, detail: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(padded(bytes));
  buffer.set([opcode, detail]);
  buffer.writeUInt16LE(buffer.length / 4, 2);
  return buffer;
}

/** ChangeWindowAttributes of the event mask, which every client has its own of. */
export function tellOf(window: number, what: number): Buffer {
  const eventMask = 1 << 11;
  const buffer = request(2, 0, 16);
  buffer.writeUInt32LE(window, 4);
  buffer.writeUInt32LE(eventMask, 8);
  buffer.writeUInt32LE(what, 12);
  return buffer;
}

export function queryTree(window: number): Buffer {
  const buffer = request(15, 0, 8);
  buffer.writeUInt32LE(window, 4);
  return buffer;
}

export function internAtom(name: string): Buffer {
  const buffer = request(16, 0, 8 + name.length);
  buffer.writeUInt16LE(name.length, 4);
  buffer.write(name, 8, 'latin1');
  return buffer;
}

/** GetProperty of any type: at most its first `bytes` bytes. */
export function getProperty(window: number, property: number, bytes: number): Buffer {
  const buffer = request(20, 0, 24);
  buffer.writeUInt32LE(window, 4);
  buffer.writeUInt32LE(property, 8);
  buffer.writeUInt32LE(padded(bytes) / 4, 20);
  return buffer;
}

/** ChangeProperty to these bytes, whatever it was. */
export function changeProperty(window: number, property: number, type: number, text: Buffer): Buffer {
  const buffer = request(18, 0, 24 + text.length);
  buffer.writeUInt32LE(window, 4);
  buffer.writeUInt32LE(property, 8);
  buffer.writeUInt32LE(type, 12);
  buffer[16] = 8; // bits a unit
  buffer.writeUInt32LE(text.length, 20);
  text.copy(buffer, 24);
  return buffer;
}
