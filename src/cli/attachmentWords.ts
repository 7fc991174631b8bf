import { type SessionPhase, sessionPhases } from '../../machines/vocabulary.js';
import { clean } from '../protocol/text.js';
import type { GuardianEventOf, GuardianEventRecord } from '../records.js';
import { spanText } from './ages.js';

/** What is told of how a session is shown here, and of what a killed run left, in words for people. */

/** What has been done when a phase is over. */
const donePhases: Readonly<Record<SessionPhase, string>> = {
  agent: 'the agent runs',
  tunnel: 'the tunnel is open',
  proxy: 'the viewer is launched',
  picture: 'the picture is there',
  command: 'the command is executed',
};

export const progressText = ({ phase, percent, session }: GuardianEventOf<'session.progress'>): string =>
  `${clean(session ?? 'a new session')}: ${percent} %, ${donePhases[phase]}`;

const steps: Readonly<Record<SessionPhase, string>> = {
  agent: 'agent',
  tunnel: 'tunnel',
  proxy: 'viewer',
  picture: 'picture',
  command: 'command',
};

/** ` in 4.2 s (agent 3.4 s, tunnel 30 ms, ...)`, of a session that we started. */
export function timesText({ tookMs, phases }: GuardianEventOf<'session.started'>): string {
  if (tookMs === undefined) return '';
  const parts = sessionPhases.flatMap((phase) => {
    const ms = phases?.[phase];
    return ms === undefined ? [] : [`${steps[phase]} ${spanText(ms)}`];
  });
  return ` in ${spanText(tookMs)}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}

type TunnelRecord = Extract<GuardianEventRecord, { readonly tunnel: string }>;

export function tunnelText(record: TunnelRecord): string {
  const subject = `${record.tunnel} tunnel of ${clean(record.session)}`;
  switch (record.event) {
    case 'tunnel.opened':
      return `${subject} open on port ${record.port}`;
    case 'tunnel.stalled':
      return `${subject}: nothing goes through for ${spanText(record.forMs)}`;
    case 'tunnel.closed': {
      const refused = record.refused > 0 ? `, ${record.refused} strangers refused` : '';
      return `${subject} closed: ${record.sent} bytes sent, ${record.received} received${refused}`;
    }
    case 'tunnel.failed':
      return `${subject} failed: ${clean(record.failure.message)}`;
  }
}

type ProxyRecord = Extract<GuardianEventRecord, { readonly event: `proxy.${string}` }>;

export function proxyText(record: ProxyRecord): string {
  const subject = `the viewer of ${clean(record.session)}`;
  switch (record.event) {
    case 'proxy.started':
      return `${subject} started as process ${record.pid}`;
    case 'proxy.stalled':
      return `${subject} takes nothing for ${spanText(record.forMs)}`;
    case 'proxy.exited': {
      const why = record.failure === undefined ? '' : `: ${clean(record.failure.message)}`;
      return `${subject} has ended (${clean(record.how)})${why}`;
    }
  }
}

const leftovers = { child: 'process', directory: 'directory', session: 'session' } as const;
const fates = {
  ended: 'a killed run left it; it is ended',
  gone: 'a killed run left it; it was gone already',
  left: 'it is left as it is',
  failed: 'it could not be ended',
} as const;

export function reapText({ kind, id, outcome, failure }: GuardianEventOf<'reap.ended'>): string {
  const what = `${leftovers[kind]} ${clean(id)}`;
  if (kind === 'session' && outcome === 'left')
    return `${what} was run by a killed run; resume it, or end it with: x2go-guardian reap`;
  return `${what}: ${fates[outcome]}${failure === undefined ? '' : ` (${clean(failure)})`}`;
}
