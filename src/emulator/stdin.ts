import type { ServerChannel } from 'ssh2';

export interface Stdin {
  /** The script, up to the line `}` that ends it; undefined when stdin ended before. */
  script(): Promise<string | undefined>;
  /** The next line behind the script; undefined at the end of stdin or when the channel closed. */
  line(): Promise<string | undefined>;
}

const scriptEnd = '\n}\n';

/** No shell reads a script of ours that is longer. */
const longestScript = 1024 * 1024;

/** Stdin as /bin/sh reads it: in blocks, whatever pieces they came in. */
export function openStdin(channel: ServerChannel): Stdin {
  let text = '';
  let ended = false;
  let wake = () => {};
  channel.setEncoding('utf8');
  channel.on('data', (chunk: string) => {
    text += chunk;
    wake();
  });
  const end = () => {
    ended = true;
    wake();
  };
  channel.on('end', end);
  channel.on('close', end);

  const wait = () => new Promise<void>((resolve) => (wake = resolve));
  return {
    script: async () => {
      for (;;) {
        const at = text.indexOf(scriptEnd);
        if (at >= 0) {
          const script = text.slice(0, at + scriptEnd.length);
          // dash reads in blocks: what came along with the end of the script is swallowed with it.
          text = '';
          return script;
        }
        if (ended || text.length > longestScript) return undefined;
        await wait();
      }
    },
    line: async () => {
      for (;;) {
        const at = text.indexOf('\n');
        if (at >= 0) {
          const line = text.slice(0, at);
          text = text.slice(at + 1);
          return line;
        }
        if (ended) return undefined;
        await wait();
      }
    },
  };
}
