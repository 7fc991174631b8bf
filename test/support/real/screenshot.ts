import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

export interface Picture {
  readonly width: number;
  readonly height: number;
  colours(): number;
  toPng(): Buffer;
}

/**
 * The frame buffer file of `Xvfb -fbdir` is an XWD dump of 32-bit pixels, so a picture of the screen needs neither
 * xwd nor ImageMagick. The header is big-endian 32-bit words, as in X11/XWDFile.h.
 */
export function readXwd(path: string): Picture {
  const file = readFileSync(path);
  const word = (index: number) => file.readUInt32BE(index * 4);
  const [headerSize, width, height] = [word(0), word(4), word(5)];
  const [bitsPerPixel, stride, colourCount] = [word(11), word(12), word(19)];
  if (bitsPerPixel !== 32) throw new Error(`${path}: wanted 32 bits a pixel, got ${bitsPerPixel}`);
  const start = headerSize + colourCount * 12;
  const littleEndian = word(7) === 0;

  /** PNG rows: a filter byte 0, then RGB. */
  const rows = () => {
    const rgb = Buffer.alloc(height * (1 + width * 3));
    let to = 0;
    for (let y = 0; y < height; y += 1) {
      to += 1;
      for (let x = 0; x < width; x += 1) {
        const at = start + y * stride + x * 4;
        const pixel = littleEndian ? file.readUInt32LE(at) : file.readUInt32BE(at);
        rgb.writeUIntBE(pixel & 0xffffff, to, 3);
        to += 3;
      }
    }
    return rgb;
  };

  return {
    width,
    height,
    colours: () => {
      const seen = new Set<number>();
      for (let y = 0; y < height; y += 1)
        for (let x = 0; x < width; x += 1) seen.add(file.readUInt32LE(start + y * stride + x * 4));
      return seen.size;
    },
    toPng: () => {
      const size = Buffer.alloc(13);
      size.writeUInt32BE(width, 0);
      size.writeUInt32BE(height, 4);
      size.set([8, 2, 0, 0, 0], 8); // 8 bits a channel, RGB
      const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
      const body = deflateSync(rows(), { level: 1 });
      return Buffer.concat([
        signature,
        chunk('IHDR', size),
        chunk('IDAT', body),
        chunk('IEND', Buffer.alloc(0)),
      ]);
    },
  };
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8 + typed.length);
  frame.writeUInt32BE(data.length, 0);
  frame.set(typed, 4);
  frame.writeUInt32BE(crc32(typed) >>> 0, 4 + typed.length);
  return frame;
}
