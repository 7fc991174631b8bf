import { quoteAll } from './quoting.js';
import { type ScriptRequest, writeRequestLine } from './request.js';

/** What an unframed script printed, and the exit code of what it became. */
export interface Unframed {
  readonly text: string;
  readonly complaint: string;
  readonly code: number;
}

/** Says `MARKER begin ...`; it dies where nobody listens any more, so that nothing is begun for nobody. */
const beginning = (marker: string, words: string) =>
  `printf "\\n%s begin %s\\n" ${marker} "${words}" || exit`;

/**
 * A script that becomes the command itself: no shell of ours stays alive between sshd and x2gostartagent, or a later
 * listing kills the connection (PROTOCOL T1). It has no end marker: the exit code is the channel's. First it says its pid,
 * which stays the command's.
 */
export function becomingScript(
  request: ScriptRequest,
  told: string,
  checks: string,
  environment: Readonly<Record<string, string>>,
  command: readonly string[],
): string {
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const words = quoteAll(['LC_ALL=C', ...assignments, ...command]);
  // A NUL was refused long before; the shell must not get half a command.
  if (!words.ok) return 'exit 2\n';
  return `{ ${writeRequestLine(request)}
PATH=/usr/local/bin:/usr/bin:/bin; export PATH
${beginning(request.marker, told)}
${checks}exec env ${words.text} </dev/null
}
`;
}

/** The words of the begin line, and what was printed after it; nothing before it is ours. */
export function afterBegin(marker: string, text: string): { words: string[]; rest: string } | undefined {
  const begin = `\n${marker} begin `;
  const at = `\n${text}`.indexOf(begin);
  if (at < 0) return undefined;
  const from = at + begin.length - 1;
  const end = text.indexOf('\n', from);
  if (end < 0) return undefined;
  return { words: text.slice(from, end).split(' '), rest: text.slice(end + 1) };
}
