import { clean } from '../protocol/text.js';
import type { ActorNode } from './tree.js';

/** Events as causes. */
const causes: Readonly<Record<string, string>> = {
  'session.ask': 'it was asked for',
  'session.leave': 'the guardian or its profile is ending',
  'line.up': 'the line stands again',
  'line.lost': 'the line was lost',
  'line.denied': 'there is no line to be had',
  'server.starting': 'the server says it starts',
  'server.running': 'the server says it runs',
  'server.suspending': 'the server says it is being suspended',
  'server.suspended': 'the server says it is suspended',
  'server.unlisted': 'the server lists it no more',
  'server.gone': 'it is gone from the server',
  'session.listed': 'a listing shows it',
  'attachment.shown': 'its picture is on the screen here',
  'attachment.ended': 'what showed it here has ended',
  'xstate.done.actor.attachment': 'what showed it here has ended',
  'xstate.done.actor.start': 'the server answered the start',
  'xstate.done.actor.resume': 'the server answered the resume',
  'xstate.done.actor.suspension': 'the server answered the suspension',
  'xstate.done.actor.termination': 'the server answered the termination',
  'xstate.done.actor.withdrawal': 'what the interrupted start had made is gone',
  'xstate.done.actor.command': 'the server began to execute the command',
  'xstate.done.actor.introduction': 'the server answered its first listing',
  'xstate.done.actor.identification': 'the server told what it is',
  'xstate.done.actor.release': 'what was open is closed',
  'ssh.ready': 'the line stands',
  'ssh.heard': 'the line was heard again',
  'ssh.silent': 'the line is silent',
  'ssh.lost': 'the line broke',
  'clock.woke': 'this machine slept',
  'profile.connect': 'somebody asked to connect',
  'profile.disconnect': 'somebody asked to disconnect',
  'profile.terminate': 'the guardian is ending',
};

/** What an event means to a person, as far as it can be said; else its name. */
export function causeOf(event: string): string {
  const known = causes[event];
  if (known !== undefined) return known;
  const [, how, , port = ''] = /^xstate\.(done|error)\.(actor)\.(.+)$/.exec(event) ?? [];
  if (how !== undefined) return `${port} ${how === 'done' ? 'has ended' : 'crashed'}`;
  if (event.startsWith('xstate.after.backoff.')) return 'the wait for the next try is over';
  const [, delay] = /^xstate\.after\.([^.]+)/.exec(event) ?? [];
  return delay === undefined ? event : `after its time (${delay})`;
}

const bytes = (value: unknown): string => {
  const n = Number(value);
  if (n < 1_024) return `${n} B`;
  return n < 1_048_576 ? `${Math.round(n / 1_024)} KiB` : `${(n / 1_048_576).toFixed(1)} MiB`;
};

export const tunnelWords = ({ tags, about, lastError }: ActorNode): string => {
  const told = `${bytes(about.sent)} sent, ${bytes(about.received)} received`;
  const trouble = lastError === null ? '' : `: ${clean(lastError.message)}`;
  return `tunnel ${about.name}: ${tags.join(' ')}, ${told}, ${about.channels} open, ${about.refused} refused${trouble}`;
};

export const proxyWords = ({ tags, about }: ActorNode): string =>
  `viewer: ${tags.join(' ')}${about.pid === 0 ? '' : `, process ${about.pid}`}`;

const messageOf = (failure: unknown): string => {
  const { message } = (failure ?? {}) as { message?: unknown };
  return typeof message === 'string' ? clean(message).replace(/\.$/, '') : '';
};

/** What a profile's line is like. */
export function lineWords({ tags, about, status }: ActorNode): string {
  const why = messageOf(about.failure);
  const because = why === '' ? '' : `: ${why}`;
  if (status !== 'active') return 'its profile has ended';
  if (tags.includes('connected')) return 'its line stands';
  if (tags.includes('degraded')) return 'its line is silent, and may heal';
  if (tags.includes('connecting')) return `its line is being made, attempt ${about.attempt}`;
  if (tags.includes('lost') || tags.includes('waitingToRetry'))
    return `its line is lost, the next try comes ${Math.ceil(Number(about.retryInMs) / 1_000)} s after that${because}`;
  if (tags.includes('failed')) return `its line was refused for good${because}`;
  return tags.includes('terminating') ? 'its profile is ending' : 'there is no line, and none is asked for';
}

/** What a session waits for. */
export function waitWords({ tags, about, status }: ActorNode, profile: ActorNode | undefined): string {
  if (status !== 'active') return 'nothing: it is over';
  const line = profile === undefined ? 'its line' : lineWords(profile);
  const [tag] = tags;
  const isUp = about.lineUp === true;
  if (!isUp && tag !== 'suspended' && tag !== 'terminated' && tag !== 'faulty') return `its line: ${line}`;
  const failure = messageOf(about.failure);
  switch (tag) {
    case 'virgin':
      return 'its start';
    case 'starting':
      return 'the server to start its agent, its tunnel, the viewer and the command, in this order';
    case 'recovering':
      return `the server to tell how it is, then it is brought back${failure === '' ? '' : ` (${failure})`}`;
    case 'resuming':
      return 'the server to wake its agent, then its tunnel and the viewer';
    case 'suspending':
      return 'the server to confirm that it is suspended';
    case 'terminating':
      return 'the server to confirm that it is gone';
    case 'suspended':
      return 'nothing: it sleeps on the server until somebody resumes it';
    case 'faulty':
      return `nothing: it failed${failure === '' ? '' : `, ${failure}`}`;
    case 'running':
      return about.ours ? 'nothing: it is on the screen here' : 'nothing: it runs, and is not shown by us';
    default:
      return 'nothing: it is over';
  }
}
