import type { DesktopsRequest, SurveyRequest } from './request.js';
import { aliveFunction, framedScript } from './script.js';

/**
 * Everything a refresh needs in one round trip. Slow commands run side by side (`command | { rest; cat; }`: the left side
 * works while the rest does, then its output follows), because each of them spends 0.2 to 0.3 s starting perl.
 */
export function surveyScript(request: SurveyRequest, seconds: number): string {
  let body = request.sessions ? listing(request) : ':';
  if (request.identity) {
    body = beside('versions', 'x2goversion', beside('features', 'x2gofeaturelist', `${home}\n${body}`));
  }
  return framedScript(request, `${body}\n`, seconds);
}

/** The shareable desktops, alone: the server needs up to 2.6 s for them. */
export function desktopsScript(request: DesktopsRequest, seconds: number): string {
  return framedScript(request, 'x2golistdesktops </dev/null; say desktops $?\n', seconds);
}

const home = 'printf "%s" "$HOME"; say home 0';

const beside = (name: string, command: string, rest: string) =>
  `{ ${command} </dev/null; say ${name} $?; } | { ${rest}\ncat; }`;

function listing(request: SurveyRequest): string {
  const main = `rows=$(x2golistsessions </dev/null); code=$?
printf "%s" "$rows"; say sessions "$code"
${request.shadows ? 'shadows=$(cat); printf "%s\\n" "$shadows"' : 'shadows='}
${aliveFunction}
while IFS="|" read -r pid sid display server status rest; do
  case $sid in *-*_st*) ;; *) continue;; esac
  state=-; { read -r state; } 2>/dev/null <"$HOME/.x2go/C-$sid/state"
  alive "$pid"; printf "%s %s %s\\n" "$sid" "\${state:--}" "$how"
  case $status in R) running="$running $sid";; esac
done <<ROWS
$rows
$shadows
ROWS
say states 0
${agents(request.agents)}`;
  const mounts = `mounts() { [ $# -gt 0 ] || return 0
  { x2golistmounts "$1" </dev/null; say "mounts:$1" $?; } | { shift; mounts "$@"; cat; }; }
mounts $running`;
  const rest = request.mounts ? `${main}\n${mounts}` : main;
  return request.shadows ? beside('shadows', 'x2golistshadowsessions', rest) : rest;
}

const agents = (pids: readonly number[]) =>
  pids.length === 0
    ? ''
    : `for pid in ${pids.join(' ')}; do alive "$pid"; printf "%s %s\\n" "$pid" "$how"; done; say agents 0`;
