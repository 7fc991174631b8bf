import { randomBytes } from 'node:crypto';
import { fromPromise } from 'xstate';
import type { Outcome } from '../../machines/ports.js';
import type { Answer, ResumeAgentInput, ResumeAgentPort } from '../../machines/sessionPorts.js';
import type { AgentPorts, ProfileId } from '../../machines/vocabulary.js';
import { toFailure, X2GoError } from '../errors.js';
import { killScript } from '../protocol/killing.js';
import { presentationWords } from '../protocol/presentation.js';
import type { KillRequest, ResumeRequest } from '../protocol/request.js';
import { readResumed, resumeGeometry, resumePid, resumeScript } from '../protocol/resumeAgent.js';
import { isSessionId } from '../protocol/sessionName.js';
import { isPid } from '../protocol/values.js';
import type { World } from '../world.js';
import { runScript } from './exec.js';
import { connectionOf, runUnframedOwned } from './owned.js';
import type { UnframedRun } from './unframedExec.js';

/** How long the end of an interrupted x2goresume-session may take. */
const killDeadline = 5_000;

/** x2goresume-session, in one round trip. Never rejects. Stopped, it ends the command on the server too. */
export const resumeAgent = (world: World): ResumeAgentPort =>
  fromPromise<Answer<AgentPorts>, ResumeAgentInput>(async ({ input, signal }) => {
    const outcome = await resume(world, input, signal).catch(
      (cause): Outcome<never> => ({ ok: false, failure: toFailure(cause) }),
    );
    return { at: world.clock.now(), outcome };
  });

async function resume(
  world: World,
  { profile, session, kind, agentPid, presentation, deadlineMs }: ResumeAgentInput,
  signal: AbortSignal,
): Promise<Outcome<AgentPorts>> {
  if (!isSessionId(session) || !isPid(agentPid))
    throw new X2GoError('session.unknown', `${session} is no session's name`);
  const shown = presentationWords(presentation, resumeGeometry(kind));
  if (!shown.ok) throw new X2GoError('order.invalid', shown.reason);
  // Two resumes at once take the session from each other and may get the same ports (PROTOCOL T11).
  const letGo = world.journal.hold(session);
  if (letGo === undefined)
    throw new X2GoError('session.locked', `${session} is being resumed by another guardian here`);
  const request: ResumeRequest = { verb: 'resume', marker: newMarker(), session };
  const script = {
    name: 'The resume',
    marker: request.marker,
    text: resumeScript(request, agentPid, shown.value),
    deadlineMs,
    isEnough: (text: string) => resumePid(request, text) !== undefined,
  };
  /** Closing its channel does not stop x2goresume-session (PROTOCOL T28). */
  const endCommand = async (run: UnframedRun, hurry: AbortSignal) => {
    const pid = resumePid(request, run.text);
    if (run.code === undefined && pid !== undefined) await end(world, profile, pid, session, hurry);
  };
  try {
    const run = await runUnframedOwned(world, profile, script, signal, endCommand);
    if (run.code === undefined) throw run.error;
    return readResumed(request, { ...run, code: run.code });
  } finally {
    letGo();
  }
}

/** On a line that died there is nothing to be done: the session is looked at when it is back. */
async function end(world: World, profile: ProfileId, pid: number, session: string, hurry: AbortSignal) {
  const request: KillRequest = { verb: 'kill', marker: newMarker(), pid };
  const text = killScript(request, `x2goresume-session ${session}`, killDeadline / 1_000);
  const script = { name: 'The end of the resume', marker: request.marker, text, deadlineMs: killDeadline };
  await Promise.resolve()
    .then(() => runScript(connectionOf(world, profile), world.clock, script, hurry))
    .catch(() => undefined);
}

const newMarker = () => randomBytes(16).toString('hex');
