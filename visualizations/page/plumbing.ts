import type { FeedLine } from '../../src/inspection/feed.js';

/** What XState says to itself, and the chatter of the leaves: nobody needs it to follow what happens. */
export const isInternal = (type: string): boolean => /^xstate\./.test(type);

const routine =
  /^(fact\.reported|operation\.settled|clock\.|guardian\.tick|profile\.tick|tick|refresh\.|caches?\.|watch\.|survey\.|tunnel\.traffic|line\.heard|ssh\.heard)/;

export function isPlumbing(line: FeedLine): boolean {
  if (line.t === 'event') return isInternal(line.type) || routine.test(line.type);
  if (line.t === 'actor') return line.kind === 'leaf';
  if (line.t === 'gone')
    return line.status !== 'error' && !/\/(session|profile|tunnel|proxy)[^/]*$/.test(line.id);
  if (line.t === 'state') return line.edge === undefined && line.error === undefined;
  if (line.t === 'fact') return line.fact.event === 'cache.refreshed';
  return false;
}
