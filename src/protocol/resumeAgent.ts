import type { Outcome } from '../../machines/ports.js';
import type { AgentPorts, SessionId, SessionKind } from '../../machines/vocabulary.js';
import { failed, lastWords, missing, notFound, nothingBegan } from './complaint.js';
import { defaultGeometry, type PresentationWords } from './presentation.js';
import type { ResumeRequest } from './request.js';
import { aliveFunction } from './script.js';
import { afterBegin, becomingScript, type Unframed } from './unframed.js';
import { isPidText, isPortText } from './values.js';

/** Why x2goresume-session was not even begun: a line of its own after the begin line. */
export const resumeObstacles = ['gone', 'STARTING'] as const;
export type ResumeObstacle = (typeof resumeObstacles)[number];

export const resumeGeometry = (kind: SessionKind): string =>
  kind === 'desktop' || kind === 'shadow' ? defaultGeometry : '';

/** A dead agent, or one that never met its proxy, keeps x2goresume-session busy for ever (PROTOCOL T3). */
export function resumeScript(request: ResumeRequest, agentPid: number, shown: PresentationWords): string {
  const { marker, session } = request;
  const { geometry, link, pack, layout, kbtype, setkbd, clipboard, xinerama } = shown;
  const checks = `${aliveFunction}
alive ${agentPid}; state=; { read -r state; } 2>/dev/null <"$HOME/.x2go/C-${session}/state"
case $how:$state in gone:*) why=gone;; *:STARTING) why=STARTING;; *) why=;; esac
case $why in ?*) printf "%s obstacle %s\\n" ${marker} "$why"; exit 3;; esac
`;
  const words = [geometry, link, pack, layout, kbtype, setkbd, clipboard, xinerama];
  return becomingScript(request, '$$', checks, {}, ['x2goresume-session', session, ...words]);
}

/** What a server answers with before x2goresume-session, or instead of it. */
export const resumeBeginLine = (marker: string, pid: number, obstacle?: ResumeObstacle) =>
  `\n${marker} begin ${pid}\n${obstacle === undefined ? '' : `${marker} obstacle ${obstacle}\n`}`;

/** The pid that x2goresume-session runs under, as soon as it was said. */
export function resumePid(request: ResumeRequest, text: string): number | undefined {
  const pid = afterBegin(request.marker, text)?.words[0] ?? '';
  return isPidText(pid) ? Number(pid) : undefined;
}

const portLine = /^(gr_port|sound_port|fs_port)=([0-9]{1,5})$/;

export function readResumed(request: ResumeRequest, answer: Unframed): Outcome<AgentPorts> {
  const { text, complaint, code } = answer;
  const { marker, session } = request;
  const begun = afterBegin(marker, text);
  if (begun === undefined) return nothingBegan(text, complaint);
  const lines = begun.rest.split('\n');
  if (lines.includes(`${marker} obstacle gone`)) return ended(session);
  if (lines.includes(`${marker} obstacle STARTING`))
    return failed('agent.failed', `the agent of ${session} never got a proxy: it can only be terminated`);
  if (code === notFound) return missing;
  if (code === 3) return ended(session);
  const isRefused = /^ERROR: failed to resume/m.test(complaint);
  if (isRefused || code !== 0) {
    const words = lastWords(complaint);
    return failed('agent.failed', `x2goresume-session ended with code ${code}: ${words}`);
  }
  const ports = new Map<string, number>();
  for (const line of lines) {
    const [, key = '', port = ''] = portLine.exec(line) ?? [];
    if (isPortText(port)) ports.set(key, Number(port));
  }
  const graphics = ports.get('gr_port');
  if (graphics === undefined)
    return failed('command.garbled', 'x2goresume-session did not say where the agent listens');
  return {
    ok: true,
    value: { graphics, sound: ports.get('sound_port') ?? 0, files: ports.get('fs_port') ?? 0 },
  };
}

const ended = (session: SessionId) =>
  failed('session.ended', `${session} has ended: its agent lives no longer`);
