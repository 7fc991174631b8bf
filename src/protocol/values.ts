/** The single values of PROTOCOL 7.2: what may come in, and what may go out into a script. */

/** 6000 + display is a TCP port. */
const highestDisplay = 59_535;

const isWhole = (value: number, low: number, high: number) =>
  Number.isInteger(value) && value >= low && value <= high;

export function isDisplay(value: number): boolean {
  return isWhole(value, 0, highestDisplay);
}

export function isPort(value: number): boolean {
  return isWhole(value, 1024, 65_535);
}

/** Ten digits at most, and never 0 or negative: `kill` would take those for process groups. */
export function isPid(value: number): boolean {
  return isWhole(value, 1, 9_999_999_999);
}

export const isDisplayText = (text: string) => /^[0-9]{1,5}$/.test(text) && isDisplay(Number(text));

export const isPortText = (text: string) => /^[0-9]{1,5}$/.test(text) && isPort(Number(text));

export const isPidText = (text: string) => /^[1-9][0-9]{0,9}$/.test(text);

/** -1 and 0: no telekinesis. Empty while the agent is being started. */
export const isTelekinesisText = (text: string) => /^(?:-1|0|)$/.test(text) || isPortText(text);

/** Negative after the server's clock was set back. */
export const isAgeText = (text: string) => /^-?[0-9]{1,10}$/.test(text);

export const isCookie = (text: string) => /^[0-9a-fA-F]{32}$/.test(text);

export const isServerTime = (text: string) =>
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$/.test(text);

export const isHostName = (text: string) => /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/.test(text);

/** A home folder that may be put in a remote path, inside double quotes too. */
export const isHome = (text: string) => /^\/[^\x00-\x1f'"$`\\]*$/.test(text);
