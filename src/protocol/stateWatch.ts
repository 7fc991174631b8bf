import type { WatchRequest } from './request.js';
import { aliveFunction, conversation } from './script.js';

/**
 * The loop that watches the agents' state files. It forks nothing. We write `TICK PID PID ...`; it answers `t TICK`, preceded
 * when something changed by a frame: `c`, then `s SID WORD` for every folder whose agent has not ended and `g PID` for every
 * agent we named that is gone. Our first tick waits for the begin marker: dash would swallow an earlier one with the script.
 */
export function watchScript(request: WatchRequest): string {
  return conversation(
    request,
    `last=none
${aliveFunction}
while read -r tick pids; do
  now=
  for folder in "$HOME"/.x2go/C-*; do
    state=; { read -r state; } 2>/dev/null <"$folder/state"
    case $state in ''|TERMINATED) continue;; esac
    now="$now
s \${folder##*/C-} $state"
  done
  for pid in $pids; do
    alive "$pid"; case $how in gone) now="$now
g $pid";; esac
  done
  if [ "$now" != "$last" ]; then last=$now; printf 'c%s\\n' "$now"; fi
  printf 't %s\\n' "$tick"
done`,
  );
}

export type WatchLine =
  | { readonly kind: 'changed' }
  | { readonly kind: 'state'; readonly session: string; readonly word: string }
  | { readonly kind: 'gone'; readonly agent: number }
  | { readonly kind: 'tick'; readonly tick: number }
  | { readonly kind: 'noise' };

const noise: WatchLine = { kind: 'noise' };

export function parseWatchLine(line: string): WatchLine {
  if (line === 'c') return { kind: 'changed' };
  const [letter, first = '', second = '', extra] = line.split(' ');
  if (extra !== undefined) return noise;
  if (letter === 's' && first !== '' && first.length <= 200)
    return { kind: 'state', session: first, word: second };
  if (letter === 'g' && /^[1-9][0-9]{0,9}$/.test(first)) return { kind: 'gone', agent: Number(first) };
  if (letter === 't' && /^[0-9]{1,15}$/.test(first)) return { kind: 'tick', tick: Number(first) };
  return noise;
}
