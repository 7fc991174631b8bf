/** What a file says, with the place of every value, so that what is wrong with it can be pointed at. */
export type Placed =
  | { readonly is: 'object'; readonly at: number; readonly members: readonly Member[] }
  | { readonly is: 'list'; readonly at: number; readonly items: readonly Placed[] }
  | { readonly is: 'value'; readonly at: number; readonly value: string | number | boolean | null };

export interface Member {
  readonly name: string;
  readonly at: number;
  readonly value: Placed;
}

/** What is wrong, and at which offset. */
export class Fault {
  readonly at: number;
  readonly reason: string;

  constructor(at: number, reason: string) {
    this.at = at;
    this.reason = reason;
  }
}

/** Line and column, from 1, as editors count them. */
export function placeIn(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: [...(before.at(-1) ?? '')].length + 1 };
}
