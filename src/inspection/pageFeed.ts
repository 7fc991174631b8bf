import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FeedLine, FeedListener } from './feed.js';
import type { GuardianTree } from './tree.js';

/** What may wait for a page that does not read. */
const longestQueue = 1024 * 1024;

export interface FeedSource {
  tree(): GuardianTree;
  feed(listener: FeedListener): () => void;
}

/**
 * Sends the feed as server-sent events until the page goes away. A page that reads too slowly misses lines and gets a
 * fresh tree when it has caught up.
 */
export function sendFeed(source: FeedSource, response: ServerResponse): void {
  begin(response);
  let isLate = false;
  let seq = 0;
  const write = (line: FeedLine) => {
    seq = line.seq;
    if (isLate) return;
    isLate = response.writableLength > longestQueue;
    if (!isLate) response.write(wordsOf(line));
  };
  const caughtUp = () => {
    if (!isLate) return;
    isLate = false;
    const tree = source.tree();
    write({ t: 'tree', seq, time: tree.time, tree });
  };
  const stop = source.feed(write);
  response.on('drain', caughtUp);
  response.on('error', () => undefined);
  response.on('close', stop);
}

/** Sends what was recorded, as fast as it is read, and then nothing more. */
export function sendLines(lines: readonly FeedLine[], response: ServerResponse): void {
  begin(response);
  response.on('error', () => undefined);
  Readable.from(words(lines)).pipe(response, { end: false });
}

function begin(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
  response.flushHeaders();
}

function* words(lines: readonly FeedLine[]) {
  for (const line of lines) yield wordsOf(line);
}

const wordsOf = (line: FeedLine) => `data: ${JSON.stringify(line)}\n\n`;
