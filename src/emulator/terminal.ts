import type { ServerChannel } from 'ssh2';
import type { Ran } from './ran.js';

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
  /** Ended by SIGTERM. */
  die(): void;
  /** Breaks the connection it belongs to. */
  cut(): void;
}

const floodLine = `${'0123456789abcdef'.repeat(6)}|\n`;
const floodChunk = Buffer.from(floodLine.repeat(300));

export function openTerminal(channel: ServerChannel, cut: () => void): Terminal {
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
  const leave = (say: () => void) => {
    if (closed) return;
    closed = true;
    say();
    channel.end();
  };
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
    exit: (code) => leave(() => channel.exit(code)),
    die: () => leave(() => channel.exit('TERM')),
    cut: () => {
      closed = true;
      cut();
    },
  };
}

export async function show({ stdout, stderr, flood, cutAfter }: Ran, terminal: Terminal): Promise<void> {
  terminal.complain(stderr);
  if (flood !== undefined) await terminal.flood(flood);
  else if (cutAfter === undefined) await terminal.print(stdout);
  else await cutting(terminal, cutAfter).print(stdout);
}

/** The line breaks when so many bytes have been printed; nothing printed later reaches anybody. */
export function cutting(terminal: Terminal, after: number): Terminal {
  let left = after;
  const print = async (text: string | Buffer) => {
    const bytes = Buffer.from(text);
    if (left < 0) return;
    await terminal.print(bytes.subarray(0, left));
    left -= bytes.length;
    // All that was asked for has come: with nothing to print the line breaks too.
    if (left > 0) return;
    left = -1;
    terminal.cut();
  };
  return { ...terminal, print };
}
