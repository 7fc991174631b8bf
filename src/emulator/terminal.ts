import type { ServerChannel } from 'ssh2';

/** One exec channel from the side of the process that runs in it. */
export interface Terminal {
  /** Whether anybody still listens. */
  readonly closed: boolean;
  /** Resolves when there is room for more; what is printed after the close goes nowhere. */
  print(text: string | Buffer): Promise<void>;
  complain(text: string): void;
  /** `bytes` of lines, no faster than they are taken. */
  flood(bytes: number): Promise<void>;
  exit(code: number): void;
}

const floodLine = `${'0123456789abcdef'.repeat(6)}|\n`;
const floodChunk = Buffer.from(floodLine.repeat(300));

export function openTerminal(channel: ServerChannel): Terminal {
  let closed = false;
  let release = () => {};
  channel.on('drain', () => release());
  channel.on('close', () => {
    closed = true;
    release();
  });
  channel.on('error', () => {});
  channel.stderr.on('error', () => {});

  const print = (text: string | Buffer) =>
    new Promise<void>((resolve) => {
      if (closed || text.length === 0 || channel.write(text)) resolve();
      else release = resolve;
    });
  return {
    get closed() {
      return closed;
    },
    print,
    complain: (text) => {
      if (!closed && text !== '') channel.stderr.write(text);
    },
    flood: async (bytes) => {
      for (let left = bytes; left > 0 && !closed; left -= floodChunk.length) {
        await print(left < floodChunk.length ? floodChunk.subarray(0, left) : floodChunk);
      }
    },
    exit: (code) => {
      if (closed) return;
      closed = true;
      channel.exit(code);
      channel.end();
    },
  };
}
