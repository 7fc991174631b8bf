import type { KillRequest } from './request.js';
import { framedScript } from './script.js';

/**
 * Ends a command of ours by the pid that it printed before it became that command. `words` are its first words as
 * /proc shows them: a pid that belongs to something else by now is left alone. It may be on its way from the shell to the
 * command still, so that is waited for.
 */
export function killScript(request: KillRequest, words: string, seconds: number): string {
  const body = `pid=${request.pid}; turns=20; asked=
while [ $turns -gt 0 ]; do
  line=; { line=$(tr "\\0" " " <"/proc/$pid/cmdline"); } 2>/dev/null
  case $line in
    "") break;;
    *"${words} "*) case $asked in "") kill -TERM "$pid"; asked=yes;; esac;;
    *"/sh -s "*|"env "*) ;;
    *) break;;
  esac
  turns=$((turns-1)); sleep 0.1
done
case $turns in 0) kill -KILL "$pid"; say kill 1;; *) say kill 0;; esac
`;
  return framedScript(request, body, seconds);
}
