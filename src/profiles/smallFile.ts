import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** All of a regular file of at most `longest` bytes. A named pipe does not hold it up. Throws what the system says, or why it is none. */
export async function readSmallFile(path: string, longest: number): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const kind = await handle.stat();
    if (!kind.isFile()) throw new Error('it is no regular file');
    if (kind.size > longest) throw new Error(`it is longer than ${longest / 1024} KiB`);
    const buffer = Buffer.alloc(kind.size);
    const { bytesRead } = await handle.read(buffer, 0, kind.size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
