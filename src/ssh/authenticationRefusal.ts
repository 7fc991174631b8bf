import { X2GoError } from '../errors.js';
import { printable } from './credentials.js';
import type { DeadEnd } from './keyboardInteractive.js';

/** How an authentication stood when it ended. No secrets. */
export interface Refusal {
  readonly username: string;
  /** What was tried and refused. */
  readonly refused: readonly string[];
  /** What was not sent, because the server refused the same before. */
  readonly withheld: readonly string[];
  /** What was accepted, though the server wanted more. */
  readonly accepted: readonly string[];
  /** The methods we have that were not tried. */
  readonly unused: readonly string[];
  /** The methods the server takes, as far as it has said so. */
  readonly offered: readonly string[] | undefined;
  readonly end: DeadEnd | undefined;
  readonly troubles: readonly string[];
}

/** What was wanted, what happened, what to do: waiting does not help with any of these. */
export function refusalError(refusal: Refusal, cause?: unknown): X2GoError {
  const { username, refused, accepted, unused, end } = refusal;
  const options = cause === undefined ? {} : { cause };
  const because = also(refusal, cause);
  if (end?.kind === 'expired') {
    return new X2GoError(
      'auth.passwordExpired',
      `The password of ${username} has expired: the server says "${end.text}". Log in with ssh to change it${because}.`,
      options,
    );
  }
  if (refusal.withheld.length > 0) {
    const tried = refused.length === 0 ? '' : ` It refused ${refused.join(', ')} now.`;
    return new X2GoError(
      'auth.withheld',
      `The password of ${username} was refused before and is not sent again, so that the account is not locked.${tried} Give another password, or connect anew by hand to send it once more${because}.`,
      options,
    );
  }
  if (end?.kind === 'unanswerable') {
    return new X2GoError(
      'auth.noMethod',
      `The server asks ${username} "${end.text}" and nobody is here to answer. Run it on a terminal, or use a key${because}.`,
      options,
    );
  }
  if (end === undefined && refused.length === 0 && accepted.length === 0) {
    const had =
      unused.length === 0
        ? 'there is no key, agent or password to try'
        : `what we have is ${unused.join(', ')}`;
    return new X2GoError('auth.noMethod', `Cannot log ${username} in: ${had}${because}.`, options);
  }
  const cancelled = end === undefined ? '' : `, and "${end.text}" was not answered`;
  const tried = refused.length === 0 ? '' : ` after trying ${refused.join(', ')}`;
  const more = accepted.length === 0 ? '' : `; it accepted ${accepted.join(', ')} and wants more`;
  return new X2GoError(
    'auth.refused',
    `The server did not let ${username} in${tried}${cancelled}${more}${because}.`,
    options,
  );
}

/** What ssh2 says when the handler has nothing more: no news. */
const nothingMore = 'All configured authentication methods failed';

function also({ offered, troubles }: Refusal, cause: unknown): string {
  const said = cause instanceof Error && cause.message !== nothingMore ? [printable(cause.message)] : [];
  const takes =
    offered === undefined ? [] : [`the server takes ${offered.map(printable).join(', ') || 'nothing'}`];
  return [...takes, ...troubles, ...said].map((text) => `; ${text}`).join('');
}
