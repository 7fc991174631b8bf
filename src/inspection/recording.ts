import { createWriteStream, openSync } from 'node:fs';
import { toFailure, X2GoError } from '../errors.js';
import type { FeedLine, FeedListener } from './feed.js';

/** The first line of a recording. */
export interface RecordingHeader {
  readonly v: 1;
  readonly t: 'recording';
  readonly time: string;
  /** Of the package that wrote it: only its charts are sure to replay it. */
  readonly version: string;
}

export interface RecordingOptions {
  readonly version: string;
  /** Called once, when nothing can be recorded any more. */
  readonly trouble: (failure: X2GoError) => void;
}

export interface Recording {
  /** Writes out what is left. Never rejects. */
  close(): Promise<void>;
}

/** What may wait for a slow disk, in bytes; a recording with holes is worth nothing. */
const longestQueue = 64 * 1024 * 1024;

/**
 * Writes a whole feed as NDJSON, for its owner alone. Throws file.unwritable when it cannot begin; what goes wrong
 * later ends the recording and nothing else.
 */
export function record(
  file: string,
  feed: (listener: FeedListener, options: { readonly whole: true }) => () => void,
  { version, trouble }: RecordingOptions,
): Recording {
  const fd = open(file);
  const stream = createWriteStream(file, { fd });
  let leave = (): void => undefined;
  let isOver = false;
  const give = (why: string, cause?: unknown) => {
    if (isOver) return;
    isOver = true;
    leave();
    stream.destroy();
    trouble(new X2GoError('file.unwritable', `The recording ${file} ends here: ${why}`, { cause }));
  };
  stream.on('error', (cause) => give(toFailure(cause).message, cause));
  const write = (line: RecordingHeader | FeedLine) => {
    if (isOver) return;
    stream.write(`${JSON.stringify(line)}\n`);
    if (stream.writableLength > longestQueue) give('the disk does not keep up');
  };
  write({ v: 1, t: 'recording', time: new Date().toISOString(), version });
  leave = feed(write, { whole: true });
  return {
    close: () =>
      new Promise((resolve) => {
        leave();
        if (isOver) return resolve();
        stream.once('close', () => resolve());
        stream.end(() => {
          isOver = true;
        });
      }),
  };
}

function open(file: string): number {
  try {
    return openSync(file, 'w', 0o600);
  } catch (cause) {
    throw new X2GoError('file.unwritable', `Cannot record to ${file}: ${toFailure(cause).message}`, {
      cause,
    });
  }
}
