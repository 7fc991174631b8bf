/** Values as they may leave the process: plain data alone, and nothing under a name that secrets have. */

const secret = /password|passphrase|private_?key|cookie|secret|token|credential/i;
const deepest = 12;

/** Functions, sockets and all else that is no data are left out. */
export function plain(value: unknown, depth = 0): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || depth > deepest) return undefined;
  if (Array.isArray(value)) {
    return value.map((one) => plain(one, depth + 1)).filter((one) => one !== undefined);
  }
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (isActor(value)) return { xstate$$type: 1, id: value.sessionId };
  const kind = Object.getPrototypeOf(value);
  if (kind !== null && kind !== Object.prototype) return undefined;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) => {
      const shown = secret.test(name) ? '[secret]' : plain(one, depth + 1);
      return shown === undefined ? [] : [[name, shown]];
    }),
  );
}

const isActor = (value: object): value is { readonly sessionId: string } =>
  'sessionId' in value && typeof value.sessionId === 'string' && 'getSnapshot' in value;
