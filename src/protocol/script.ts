import { type ScriptRequest, writeRequestLine } from './request.js';

/** The one exec string: any login shell understands it, and nothing of ours is ever quoted through one. */
export const execString = 'exec /bin/sh -s';

/** A locale the server lacks (fish sets one) makes perl mix warnings into every listing (seen). */
const environment = 'PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C; export PATH LC_ALL';

/**
 * Whether an agent lives, into $how, without a fork. Only a living process of our own shows its program; that look spares
 * dash the 300 one-byte reads of a line of /proc/PID/stat, which were most of what the state watch cost. A dead one is a zombie for up to two seconds (measured), and one that
 * belongs to another user (a shared desktop) cannot be signalled.
 */
export const aliveFunction = `alive() { how=gone; case $1 in ""|*[!0-9]*) how=-; return;; esac
  if [ -e "/proc/$1/exe" ]; then how=alive; return; fi
  kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ] || return 0
  stat=; { read -r _ _ stat _; } 2>/dev/null <"/proc/$1/stat"
  case $stat in Z|X) ;; *) how=alive;; esac; }`;

/**
 * A script whose answer is framed. The body runs under a server-side deadline in a process group of its own; when
 * our channel closes early (abort, cut line), `read` returns and the whole group is ended, `timeout` and what it may just
 * have forked: closing a channel alone would leave them running (PROTOCOL T28). The braces make the shell parse everything before it runs anything: dash
 * reads its script in blocks and would otherwise hand the rest of it to our `read`.
 *
 * `timeout` is content when its own child has ended: what is deaf to TERM in its group is killed here. dash writes
 * "Terminated" in wait, and would die of that where nobody reads its stderr any more.
 *
 * `body` must not contain a single quote; it finds the marker in $1 and `say NAME CODE` ends a section.
 */
export function framedScript(request: ScriptRequest, body: string, seconds: number): string {
  const inner = `m=$1; shift; say() { printf "\\n%s %s %s\\n" "$m" "$1" "$2"; }\n${body}`;
  return `{ ${writeRequestLine(request)}
${environment}
exec 3<&0
printf '\\n%s begin 0\\n' ${request.marker}
timeout -k 1 ${seconds} /bin/sh -c '${inner}' x2go-guardian ${request.marker} </dev/null 3<&- & work=$!
( read -r gone <&3; kill "$work"; kill -s TERM -- "-$work" ) 2>/dev/null & guard=$!
wait "$work" 2>/dev/null; code=$?
case $code in 124|137|143) kill -KILL "-$work" 2>/dev/null;; esac
kill "$guard" 2>/dev/null
printf '\\n%s end %s\\n' ${request.marker} "$code"
exit
}
`;
}

/** A script that talks with us over stdin for as long as the channel lives. */
export function conversation(request: ScriptRequest, body: string): string {
  return `{ ${writeRequestLine(request)}
${environment}
printf '\\n%s begin 0\\n' ${request.marker}
${body}
exit
}
`;
}
