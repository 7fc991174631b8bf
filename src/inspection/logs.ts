import { createRequire } from 'node:module';
import type { Logger } from 'pino';
import type { FactType } from '../../machines/vocabulary.js';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** What is worth a line: at `info` a quiet day is a page. */
const levels: Partial<Record<FactType, Level>> = {
  'cache.refreshed': 'debug',
  'cache.failed': 'warn',
  'profile.connecting': 'debug',
  'profile.degraded': 'warn',
  'profile.lost': 'warn',
  'profile.failed': 'error',
  'session.failed': 'error',
};

/** Names under which a secret might ever arrive in a record. */
export const secrets = ['password', 'passphrase', 'privateKey', 'cookie'];

export interface Log {
  event(record: { readonly event: FactType }): void;
  error(cause: unknown): void;
  debug(message: unknown): void;
}

/** How much may wait for room on a full disk before records are dropped. */
const longestQueue = 1024 * 1024;

/** Loaded where something is logged: a command that logs nothing starts sooner without it. */
const loadPino = () => createRequire(import.meta.url)('pino') as typeof import('pino');

/** pino's levels, the least important first. */
const ranks = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** stderr as far as it goes. A closed pipe or a full disk costs records, never the guardian. */
function openLogger(level: string): Logger {
  const pino = loadPino();
  const destination = pino.destination({ dest: 2, sync: true, maxLength: longestQueue });
  destination.on('error', () => undefined);
  const paths = secrets.flatMap((name) => [name, `*.${name}`]);
  return pino.pino({ level, redact: { paths, censor: '[secret]' } }, destination);
}

/** pino records from the guardian's events, with `event` as their stable name. Without a logger or a level: none. */
export function createLog(options: { readonly logger?: Logger; readonly logLevel?: string }): Log {
  const { logLevel = 'silent' } = options;
  const rank = ranks.indexOf(logLevel);
  let logger = options.logger ?? (rank < 0 ? openLogger(logLevel) : undefined);
  const write = (level: Level, fields: object) => {
    if (logger === undefined && ranks.indexOf(level) < rank) return;
    logger ??= openLogger(logLevel);
    logger[level](fields);
  };
  return {
    event(record) {
      const { v: _v, time: _time, ...fields } = record as Record<string, unknown>;
      write(levels[record.event] ?? 'info', fields);
    },
    error: (cause) => write('error', { event: 'guardian.error', err: cause }),
    debug: (message) => write('debug', { event: 'guardian.debug', message }),
  };
}
