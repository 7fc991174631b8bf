const two = (n: number) => String(n).padStart(2, '0');

/** Local time, as people in front of this machine read it. */
export const timeText = (at: Date): string =>
  `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;

export const clockText = (at: Date): string =>
  `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${timeText(at)}`;
