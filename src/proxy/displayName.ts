import { X2GoError } from '../errors.js';

/** Where an X server listens, and which of its screens is meant. */
export interface DisplayName {
  /** Absent: this machine, over a socket in the file system or (Linux) the abstract one of that name. */
  readonly host: string | undefined;
  /** A socket of its own, as XQuartz has it. */
  readonly path: string | undefined;
  readonly number: number;
  readonly screen: number;
}

const advice = 'set DISPLAY, or name a screen that is there';

/** `:0`, `:0.1`, `unix:0`, `localhost:10.0`, `[::1]:0`, `/path/of/a/socket:0`. Throws screen.missing. */
export function parseDisplayName(text: string): DisplayName {
  if (text === '')
    throw new X2GoError('screen.missing', `There is no local screen: DISPLAY is not set; ${advice}`);
  const [, where = '', number = '', screen = '0'] =
    /^(.*):([0-9]{1,5})(?:\.([0-9]{1,3}))?$/s.exec(text) ?? [];
  const isSane = number !== '' && Number(number) <= 59_535 && !/[\x00-\x20\x7f]/.test(text);
  if (!isSane) throw new X2GoError('screen.missing', `${JSON.stringify(text)} names no X display: ${advice}`);
  const at = { number: Number(number), screen: Number(screen) };
  if (where.startsWith('/')) return { ...at, host: undefined, path: `${where}:${number}` };
  const host = where.replace(/^(?:tcp|inet6?)\//, '').replace(/^\[(.*)\]$/, '$1');
  return { ...at, path: undefined, host: host === '' || host === 'unix' ? undefined : host };
}
