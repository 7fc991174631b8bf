import type { ProxyEnd } from '../../machines/sessionPorts.js';
import { toFailure, X2GoError } from '../errors.js';
import { proxyEnd } from '../protocol/nxproxyLog.js';
import { localFailure } from './localFailure.js';

/** What kept a proxy from being started. */
export function endFor(cause: unknown, path: string): ProxyEnd {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOEXEC')
    return proxyEnd('missing', `${path} cannot be run (${code})`);
  const failure = toFailure(
    cause instanceof X2GoError ? cause : localFailure(cause, `${path} cannot be run`),
  );
  if (failure.code === 'proxy.missing') return { how: 'missing', failure };
  if (failure.code === 'screen.missing') return { how: 'screen', failure };
  return { how: 'failed', failure };
}
