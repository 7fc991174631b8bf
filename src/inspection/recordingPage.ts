import { basename } from 'node:path';
import { X2GoError } from '../errors.js';
import type { FeedLine } from './feed.js';
import type { PageSource } from './pageServer.js';
import { Past } from './past.js';
import type { Recorded } from './recorded.js';
import { why } from './why.js';

/** What a page shows of a recording: all of it at once, and nothing that could still be done. */
export function recordingPage(file: string, { lines }: Recorded): PageSource {
  const past = new Past();
  const brief = lines.map(({ line }) => {
    past.add(line);
    return withoutDetail(line);
  });
  return {
    recording: basename(file),
    lines: brief,
    tree: () => {
      if (past.tree === undefined) throw new X2GoError('recording.unusable', 'There is no actor in it');
      return past.tree;
    },
    feed: () => () => undefined,
    history: (actor) => past.history(actor),
    why: (session) => why(past, { session }),
  };
}

function withoutDetail(line: FeedLine): FeedLine {
  if (line.t === 'event') {
    const { event: _event, ...rest } = line;
    return rest;
  }
  if (line.t !== 'actor') return line;
  const { input: _input, ...rest } = line;
  return rest;
}
