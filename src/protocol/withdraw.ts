import type { Outcome } from '../../machines/ports.js';
import type { SessionId } from '../../machines/vocabulary.js';
import { agentFunctions, endPatience, endSessionFunction } from './agentEnding.js';
import { failed } from './complaint.js';
import { parseFramed } from './framing.js';
import type { WithdrawRequest } from './request.js';
import { linesOf } from './rows.js';
import { framedScript } from './script.js';
import { isSessionId } from './sessionName.js';
import { startVariable } from './startAgent.js';
import { unframed } from './surveyAnswer.js';

/**
 * Everything a start has begun inherits its marker: x2gostartagent with its helpers, then the agent, whose command line
 * names the session. x2gostartagent is let come to its end, since only then there is a session that can be ended: killed
 * midway it leaves a row. A shadow's waits for a person's yes, so it is not waited for.
 */
const markedFunction = `marked() {
  busy=
  for file in $(grep -ls "${startVariable}[=]$start" /proc/[0-9]*/environ /proc/[0-9]*/cmdline); do
    pid=\${file#/proc/}; pid=\${pid%/*}
    case "$busy $agents_seen " in *" $pid "*) continue;; esac
    name=$(grep -zsx "X2GO-.*_st.*" "/proc/$pid/cmdline" | tr -d "\\0")
    case $name in
      X2GO-*) agents_seen="$agents_seen $pid"
        case " $sids " in *" \${name#X2GO-} "*) ;; *) sids="$sids \${name#X2GO-}";; esac;;
      *) case $sids in ?*) grep -qzsx ".*/x2gostartagent" "/proc/$pid/cmdline" || continue;; esac
        [ -e "/proc/$pid/exe" ] && busy="$busy $pid"
        if grep -qzsx "[01]XSHAD.*" "/proc/$pid/cmdline" && [ $late -gt $((began+3)) ]; then late=$((began+3)); fi;;
    esac
  done
}`;

/** Rows without an agent belong to a start that was killed, once no start of this user is under way, before and after. */
const deadRowsFunction = `starting() {
  for file in $(grep -lzsx ".*/x2gostartagent" /proc/[0-9]*/cmdline); do
    [ -O "\${file%/cmdline}" ] && return 0
  done
  return 1
}
dead_rows() {
  tries=10
  while [ $tries -gt 0 ]; do
    tries=$((tries-1)); dead=
    if starting; then sleep 0.3; continue; fi
    rows=$(x2golistsessions </dev/null)
    while IFS="|" read -r pid sid display server status rest; do
      case "$pid:$status:$sid" in :R:*-*_st*) dead="$dead $sid";; esac
    done <<ROWS
$rows
ROWS
    if starting; then sleep 0.3; continue; fi
    return
  done
  dead=
}`;

export function withdrawScript(request: WithdrawRequest, seconds: number): string {
  const body = `start=${request.start}; given=; sids=; agents_seen=; quiet=0; turns=${startPatience(seconds)}
patience=${endPatience(seconds)}
${agentFunctions}
${endSessionFunction}
${markedFunction}
${deadRowsFunction}
now() { read -r now rest </proc/uptime; now=\${now%%.*}; }
now; began=$now; late=$((began+turns/4)); how_hard=-TERM
while [ $quiet -lt 2 ]; do
  marked
  case $busy in
    "") quiet=$((quiet+1));;
    *) quiet=0; now
      if [ $now -ge $late ]; then kill $how_hard $busy; how_hard=-KILL; fi;;
  esac
  [ $quiet -lt 2 ] && sleep 0.2
done
case $sids in "") dead_rows; for sid in $dead; do x2goterminate-session "$sid" </dev/null; done;; esac
for sid in $sids; do end_session; done
rows=
case $sids in
  *_stS*) rows=$(x2golistsessions </dev/null; x2golistshadowsessions </dev/null);;
  ?*) rows=$(x2golistsessions </dev/null);;
esac
for sid in $sids; do
  find_agents; fate=gone
  if any_alive; then fate=alive; fi
  case $rows in *"|$sid|"*) fate=listed;; esac
  printf "%s %s\\n" "$sid" "$fate"
done
say withdrawn 0
`;
  return framedScript(request, body, seconds);
}

/** How long x2gostartagent may take to come to its end, in quarters of a second by the server's clock since boot. */
const startPatience = (seconds: number): number => Math.max(4, (seconds - 10) * 4);

export function readWithdrawn(
  request: WithdrawRequest,
  text: string,
  complaint: string,
): Outcome<readonly SessionId[]> {
  const framed = parseFramed(request.marker, text);
  const broken = unframed(framed, text, complaint);
  if (broken !== undefined || !framed.ok) return broken ?? garbled;
  const withdrawn = framed.sections.find(({ name }) => name === 'withdrawn');
  if (withdrawn === undefined) return garbled;
  const fates = linesOf(withdrawn.body).map((line) => line.split(' '));
  const known = fates.filter(([session = '']) => isSessionId(session));
  const left = known.filter(([, fate]) => fate !== 'gone').map(([session]) => session);
  if (left.length > 0)
    return failed(
      'session.orphaned',
      `What an interrupted start left could not be ended: ${left.join(', ')}`,
    );
  return { ok: true, value: known.map(([session = '']) => session) };
}

const garbled = failed('command.garbled', 'the server did not say what is left of the start');
