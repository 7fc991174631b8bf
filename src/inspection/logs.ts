import pino, { type Logger } from 'pino';
import type { OperationSettled } from '../../machines/sessionModel.js';
import type { FactType } from '../../machines/vocabulary.js';
import type { FeedLine } from './feed.js';
import { type LogLevel, logLevelOf } from './logLevels.js';
import { OperationIds } from './operationIds.js';
import { secrets } from './plain.js';

type Level = Exclude<LogLevel, 'silent' | 'fatal'>;

/** What is worth a line: at `info` a quiet day is a page. */
const levels: Partial<Record<FactType, Level>> = {
  'cache.refreshed': 'debug',
  'cache.failed': 'warn',
  'profile.connecting': 'debug',
  'profile.degraded': 'warn',
  'profile.lost': 'warn',
  'profile.failed': 'error',
  'session.progress': 'debug',
  'session.recovering': 'warn',
  'session.failed': 'error',
  'tunnel.opened': 'debug',
  'tunnel.closed': 'debug',
  'tunnel.stalled': 'warn',
  'tunnel.failed': 'warn',
  'proxy.started': 'debug',
  'proxy.stalled': 'warn',
};

const levelOf = (event: FactType, fields: Readonly<Record<string, unknown>>): Level => {
  if (event === 'proxy.exited') return fields.failure === undefined ? 'debug' : 'warn';
  return levels[event] ?? 'info';
};

export interface Log {
  event(record: { readonly event: FactType }): void;
  /** Somebody asked for something of a session. */
  asked(operation: string, profile: string, session?: string): void;
  settled(settled: OperationSettled): void;
  error(cause: unknown): void;
  debug(message: unknown): void;
  /** For the feed: every step of every chart. Undefined where nobody wants to read that. */
  readonly trace: ((line: FeedLine) => void) | undefined;
}

export interface LogOptions {
  readonly logger?: Logger;
  readonly logLevel?: string | number;
}

/** How much may wait for room on a full disk before records are dropped. */
const longestQueue = 1024 * 1024;

/** stderr as far as it goes. A closed pipe or a full disk costs records, never the guardian. */
function stderr() {
  const destination = pino.destination({ dest: 2, sync: true, maxLength: longestQueue });
  destination.on('error', () => undefined);
  return destination;
}

const own = (level: string | number) => {
  const paths = secrets.flatMap((name) => [name, `*.${name}`]);
  return pino({ level: logLevelOf(level), redact: { paths, censor: '[secret]' } }, stderr());
};

/**
 * pino records, one for each transition that matters: `event` is its stable name, with `profile`, `session` and
 * `operation` where there is one. Without a logger or a level: none. Throws config.invalid for a level that is none.
 */
export function createLog(options: LogOptions): Log {
  const logger = options.logger ?? own(options.logLevel ?? 'silent');
  const operations = new OperationIds();
  return {
    event(record) {
      const { v: _v, time: _time, ...fields } = record as Record<string, unknown>;
      const operation = operations.of(fields);
      logger[levelOf(record.event, fields)]({ ...fields, ...(operation === undefined ? {} : { operation }) });
    },
    asked(operation, profile, session) {
      operations.asked(operation, profile, session);
      logger.debug({ event: 'operation.asked', profile, session, operation });
    },
    settled(settled) {
      const { operation, outcome } = settled;
      const asked = operations.settled(settled);
      const session = outcome.ok ? outcome.value : asked?.session;
      const failure = outcome.ok ? {} : { failure: outcome.failure };
      logger.debug({ event: 'operation.settled', profile: asked?.profile, session, operation, ...failure });
    },
    error: (cause) => logger.error({ event: 'guardian.error', err: cause }),
    debug: (message) => logger.debug({ event: 'guardian.debug', message }),
    trace: logger.isLevelEnabled?.('trace') ? traced(logger) : undefined,
  };
}

/** A chart's facts come with its first state, and say whose it is. */
function traced(logger: Logger): (line: FeedLine) => void {
  const whose = new Map<string, { profile: unknown; session: unknown }>();
  return (line) => {
    if (line.t === 'gone') whose.delete(line.id);
    if (line.t !== 'state') return;
    const { id: actor, tags, value, about, edge } = line;
    if (about) whose.set(actor, { profile: about.profile, session: about.session ?? undefined });
    if (edge) logger.trace({ event: 'actor.changed', ...whose.get(actor), actor, tags, value, edge });
  };
}
