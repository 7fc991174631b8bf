/** What `why` says, in this order, of a session that was started, cut off, brought back and suspended. */
export const story: readonly RegExp[] = [
  /starting, when we first knew of it/,
  /running, since/,
  /the line: lost, since the line broke: .+/,
  /recovering, since the line was lost/,
  /the line: connected, since/,
  /running, since/,
  /suspended, since/,
];

/** How far the lines tell it: all of it when that is its length. */
export function toldOf(lines: readonly string[]): number {
  let place = 0;
  for (const line of lines) if (story[place]?.test(line)) place += 1;
  return place;
}
