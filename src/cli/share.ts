/** What fits into a window of so many lines. */
export interface Share {
  readonly title: boolean;
  /** A blank line below the title, and between profiles. */
  readonly airy: boolean;
  readonly head: boolean;
  /** How many profiles have a line. */
  readonly profiles: number;
  /** How many sessions of each of them have one. */
  readonly sessions: readonly number[];
}

/** Profiles go first, each one line; then their sessions, in turns; what decorates goes where there is room. */
export function share(sessions: readonly number[], height: number): Share {
  const title = height >= 8;
  const head = height >= 5;
  const room = height - Number(title) - Number(head);
  const wanted = sessions.length + sessions.reduce((sum, n) => sum + n, 0);
  const airy = title && room >= wanted + sessions.length;
  if (sessions.length > room) {
    const profiles = Math.max(0, room - 1);
    return { title, head, airy: false, profiles, sessions: sessions.slice(0, profiles).map(() => 0) };
  }
  let left = room - sessions.length - (airy ? sessions.length : 0);
  const shown = sessions.map(() => 0);
  while (left > 0 && shown.some((n, index) => n < (sessions[index] ?? 0))) {
    for (const [index, n] of shown.entries()) {
      if (left === 0 || n >= (sessions[index] ?? 0)) continue;
      shown[index] = n + 1;
      left--;
    }
  }
  return { title, head, airy, profiles: sessions.length, sessions: shown };
}
