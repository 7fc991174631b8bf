import type { Outcome } from '../../machines/ports.js';
import { failed, lastWords, missing, notFound } from './complaint.js';
import { isComplete, parseFramed } from './framing.js';
import { type OrderWords, runWord } from './order.js';
import { quoteAll } from './quoting.js';
import { type RunRequest, writeRequestLine } from './request.js';
import { truncate } from './text.js';

export interface RunCall {
  readonly display: number;
  readonly agentPid: number;
  readonly soundPort: number;
  /** Whether the sound tunnel stands. */
  readonly sound: boolean;
  readonly type: OrderWords['type'];
  readonly run: string;
  readonly keyboard?: { readonly layout?: string; readonly variant?: string };
}

/**
 * x2goruncommand answers nothing: it writes what became of the command into the session's folder. In tenths of a second,
 * and the picture that the agent waits for is among what is waited for.
 */
const patience = 100;
/** `exec PROGRAM` is written first, and written over 0.3 s later when there is no such program (seen). PUBLISHED is none. */
const doubt = 20;

/**
 * Detached, by setsid: a termination ends the command's process group. Unlike in other scripts the user's own locale and
 * PATH stay: the programs of the session inherit them. Alone the name of a program that x2goruncommand does not find comes
 * back, and nobody waits longer than it takes to say so. Until some tenths of a second after the picture is there the agent
 * says STARTING, and aborts when its viewer leaves (seen): what is told as started can be suspended.
 */
export function runScript(request: RunRequest, call: RunCall): string {
  const { marker, session } = request;
  const { display, agentPid, soundPort, sound, type, run } = call;
  const system = sound ? 'pulse' : 'none';
  const folder = `"$HOME/.x2go/C-${session}"`;
  const words = ['x2goruncommand', display, agentPid, session, soundPort, runWord(run), system, type];
  const command = quoteAll(words.map(String));
  if (!command.ok) return 'exit 2\n';
  // Before what the file says comes what the environment says, and a login may have set it.
  const forget = sound ? 'unset PULSE_SERVER PULSE_COOKIE\n' : '';
  const client = sound ? `PULSE_CLIENTCONFIG=${folder}/.pulse-client.conf ` : '';
  return `{ ${writeRequestLine(request)}
PATH=$PATH:/usr/local/bin:/usr/bin:/bin; export PATH
printf '\\n%s begin 0\\n' ${marker}
code=0; command -v x2goruncommand >/dev/null || code=${notFound}
case $code in 0)
${setKeyboard(call)}${forget}${client}setsid ${command.text} >/dev/null 2>&1 </dev/null &
turns=${patience}; unsure=${type === 'P' ? 0 : doubt}
while [ $turns -gt 0 ]; do
  said=; program=; { read -r said program rest; } 2>/dev/null <${folder}/cmdoutput
  state=; { read -r state; } 2>/dev/null <${folder}/state
  case "$said $program" in
    "exec "?*)
      if [ "$state" = STARTING ]; then :
      elif command -v "$program" >/dev/null 2>&1 || [ $unsure -eq 0 ]; then break
      else unsure=$((unsure-1)); fi;;
    "X2GORUNCOMMAND ERR") code=1; break;;
  esac
  turns=$((turns-1)); sleep 0.1
done;;
esac
printf '\\n%s run %s\\n\\n%s end 0\\n' ${marker} "$code" ${marker}
exit
}
`;
}

/** As X2Go's own clients do it for an explicit layout: beside the command, and nobody waits for it. */
function setKeyboard({ keyboard, display }: RunCall): string {
  const { layout, variant } = keyboard ?? {};
  if (layout === undefined) return '';
  const words = quoteAll(['setxkbmap', layout, ...(variant === undefined ? [] : [variant])]);
  return words.ok ? `DISPLAY=:${display} setsid ${words.text} >/dev/null 2>&1 </dev/null &\n` : '';
}

export function readRun(
  request: RunRequest,
  run: string,
  text: string,
  complaint: string,
): Outcome<undefined> {
  const framed = parseFramed(request.marker, text);
  if (!framed.ok || !isComplete(request.marker, text))
    return failed('command.garbled', `the command's start was not answered: ${lastWords(complaint || text)}`);
  const code = framed.sections.find(({ name }) => name === 'run')?.code;
  if (code === 0) return { ok: true, value: undefined };
  if (code === notFound) return missing;
  const [program = ''] = run.split(' ');
  return failed('command.notFound', `There is no program ${truncate(program, 80)} on the server`);
}
