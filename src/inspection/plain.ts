/** Names under which a secret might ever arrive in a record. */
export const secrets = ['password', 'passphrase', 'privateKey', 'cookie'];
/** Whole names: the ids of profiles and sessions are keys, too. */
const isSecret = /^(.*_)?(pass(word|phrase|wd)|private_?key|cookie|secret|token)s?$/i;
/** Deeper than anything that a chart is told. */
const deepest = 12;

/**
 * Events and inputs as plain data, for a recording. There is no secret in them by design; should one ever get in under
 * a telling name, it stops here.
 */
export function plain(value: unknown, depth = 0): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || depth > deepest) return undefined;
  if (value instanceof Error) return plain({ ...value, name: value.name, message: value.message }, depth);
  if (Array.isArray(value)) return value.map((each) => plain(each, depth + 1) ?? null);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && depth > 0) return undefined;
  const entries = Object.entries(value).map(([key, each]) => [
    key,
    isSecret.test(key) ? '[secret]' : plain(each, depth + 1),
  ]);
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
}
