import type { ProxyEnd } from '../../machines/sessionPorts.js';
import type { FailureCode } from '../../machines/vocabulary.js';
import { toFailure, X2GoError } from '../errors.js';
import { clean, truncate } from './text.js';

/** What nxproxy has said so far. Its words are all there is: it exits with 0 whatever happened (PROTOCOL T8). */
export interface ProxyStory {
  /** Anything that only nxproxy says: what runs is no other program. */
  readonly spoke: boolean;
  readonly up: boolean;
  /** `host:port` of the other side, as nxproxy names it. */
  readonly peer: string | undefined;
  /** The first thing that went wrong decides: what follows are consequences. */
  readonly trouble: { readonly how: Trouble; readonly line: string } | undefined;
  readonly last: string;
}
export type Trouble = 'cut' | 'refused' | 'cookie' | 'screen' | 'missing' | 'failed';

export const untold: ProxyStory = {
  spoke: false,
  up: false,
  peer: undefined,
  trouble: undefined,
  last: '',
};

/** How much of a line is kept for people. */
const keptLength = 200;

/** One more line of stderr. Any text will do. */
export function hear(story: ProxyStory, line: string): ProxyStory {
  if (line.trim() === '') return story;
  const last = truncate(clean(line), keptLength);
  const spoke = story.spoke || /^(?:NXPROXY|Info:|Session:|Error:|Loop:|Warning:) /.test(line);
  const up = story.up || line.startsWith('Info: Established X server connection');
  const peer = /^Info: Connecting to remote host '([^']{1,300})'/.exec(line)?.[1] ?? story.peer;
  const how = story.trouble === undefined ? troubleIn(line, story) : undefined;
  return { spoke, up, peer, last, trouble: how === undefined ? story.trouble : { how, line: last } };
}

function troubleIn(line: string, { peer, up, spoke }: ProxyStory): Trouble | undefined {
  const says = (text: string) => line.startsWith(text);
  if (says("Error: Couldn't negotiate a valid session") || says('Error: Wrong version or invalid session'))
    return 'cookie';
  // An agent that does not know the cookie and a tunnel whose far end is gone: the same words (fixtures).
  if (says('Error: The remote NX proxy closed the connection')) return 'refused';
  // The same words for the tunnel and, after 7.5 s, for the X display: it names the one it means (tried).
  const target = /^Error: Connection to '([^']{1,300})' failed/.exec(line)?.[1];
  if (target !== undefined) return target === peer ? 'refused' : 'screen';
  if (says('Warning: X connection failed with error')) return 'screen';
  if (says('Info: This can be due to the local X server refusing access')) return 'screen';
  if (says('Error: Failure reading from the peer proxy')) return 'cut';
  if (says('Error: Failure writing to the peer proxy')) return 'cut';
  if (says('Error: Connection with remote peer broken')) return 'cut';
  if (up) return undefined;
  if (says('Error: ')) return 'failed';
  if (spoke) return undefined;
  return says('setpriv: ') || line.includes('error while loading shared libraries') ? 'missing' : undefined;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Whether we told it to end, or ended it. */
  readonly ours: boolean;
}

/** How it ended. */
export function endOf(story: ProxyStory, { code, signal, ours }: Exit): ProxyEnd {
  if (ours) return { how: 'ended' };
  if (signal !== null) return proxyEnd('killed', `nxproxy was ended by ${signal}, which we did not send`);
  const { trouble } = story;
  switch (trouble?.how) {
    case 'cut':
      return proxyEnd('cut', 'nxproxy lost the session: the connection broke');
    case 'refused':
      return proxyEnd(
        'refused',
        'Nothing answered for the session: its agent is gone, or refused our cookie',
      );
    case 'cookie':
      return proxyEnd('cookie', "The session's agent did not accept our cookie");
    case 'screen':
      return proxyEnd('screen', `nxproxy could not paint on the local screen: ${trouble?.line}`);
    case 'missing':
      return proxyEnd('missing', `nxproxy cannot be run here: ${trouble?.line}`);
    case 'failed':
      return proxyEnd('failed', `nxproxy failed: ${trouble?.line}`);
    case undefined:
      if (story.up) return { how: 'ended' };
      return proxyEnd('failed', `nxproxy ended before there was a picture, ${lastWords(story, code)}`);
  }
}

const lastWords = ({ last }: ProxyStory, code: number | null) =>
  last === '' ? `without a word, with exit code ${code}` : `its last words: ${last}`;

/** An end that is a failure, with what to tell a person. */
export function proxyEnd(how: ProxyEnd['how'], message: string): ProxyEnd {
  const codes: Partial<Record<ProxyEnd['how'], FailureCode>> = {
    missing: 'proxy.missing',
    screen: 'screen.missing',
  };
  return { how, failure: toFailure(new X2GoError(codes[how] ?? 'proxy.failed', message)) };
}
