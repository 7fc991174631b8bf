import type { Outcome } from '../../machines/ports.js';
import { agentFunctions, endPatience, endSessionFunction } from './agentEnding.js';
import { failed, missing, notFound } from './complaint.js';
import { parseFramed } from './framing.js';
import type { EndRequest } from './request.js';
import { framedScript } from './script.js';
import { unframed } from './surveyAnswer.js';

/** x2gosuspend-session or x2goterminate-session, and whether the agent lives after it. */
export function endScript(request: EndRequest, seconds: number): string {
  const { verb, session, agent } = request;
  const act =
    verb === 'suspend'
      ? `find_agents; x2gosuspend-session "$sid" </dev/null; say command $?`
      : `${request.unlessUsed ? stopIfUsed : ''}${endSessionFunction}
patience=${endPatience(seconds)}; end_session; say command "$code"
${strikeRow}`;
  const body = `sid=${session}; given=${agent ?? ''}
${agentFunctions}
${act}
if any_alive; then printf alive; else printf gone; fi; say agent 0
`;
  return framedScript(request, body, seconds);
}

/**
 * What the agent itself says, at the last moment. Its file is overwritten in place and may be read empty. An agent that has
 * ended, or a folder that is gone, uses nothing.
 */
const stopIfUsed = `turns=10; state=
while [ $turns -gt 0 ]; do
  { read -r state; } 2>/dev/null <"$HOME/.x2go/C-$sid/state"
  case $state in
    SUSPENDED|TERMINATING|TERMINATED) break;;
    STARTING|RUNNING|RESUMING|SUSPENDING) turns=0; break;;
  esac
  [ -e "$HOME/.x2go/C-$sid/state" ] || break
  turns=$((turns-1)); sleep 0.1
done
find_agents
case $turns in 0) if any_alive; then say command 0; printf used; say agent 0; exit 0; fi;; esac
`;

/** A listing of anybody's that ran beside it writes the row back as suspended (seen): without an agent nobody else would take it away. */
const strikeRow = `if any_alive; then :; else
  case $(x2golistsessions </dev/null) in *"|$sid|"*) x2goterminate-session "$sid" </dev/null;; esac
fi`;

export function readEnded(
  request: EndRequest,
  text: string,
  complaint: string,
): Outcome<{ readonly alive: boolean }> {
  const framed = parseFramed(request.marker, text);
  const broken = unframed(framed, text, complaint);
  if (broken !== undefined || !framed.ok) return broken ?? garbled;
  const command = framed.sections.find(({ name }) => name === 'command');
  const agent = framed.sections.find(({ name }) => name === 'agent');
  if (command?.code === notFound) return missing;
  const fate = agent?.body.trim();
  if (fate === 'used') return failed('session.takenOver', `${request.session} is being used by somebody`);
  if (fate !== 'alive' && fate !== 'gone') return garbled;
  return { ok: true, value: { alive: fate === 'alive' } };
}

const garbled = failed('command.garbled', 'the server did not say whether the agent lives');
