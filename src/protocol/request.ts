/**
 * The first line of every script we send: a no-op (`:`) that names the request, so that whoever reads the
 * server's process list or audit log sees what it is for, and the emulator knows what to answer.
 */
export interface SurveyRequest {
  readonly verb: 'survey';
  readonly marker: string;
  /** Features, versions and home: asked once a connection. */
  readonly identity: boolean;
  /** Sessions, shadow sessions, their state files and their agents. */
  readonly sessions: boolean;
  /** Mounted folders of the running sessions; needs `sessions`. */
  readonly mounts: boolean;
  /** Shadow sessions; needs `sessions`. */
  readonly shadows: boolean;
  /** Agents to look for although their sessions may no longer be listed. */
  readonly agents: readonly number[];
}
export interface DesktopsRequest {
  readonly verb: 'desktops';
  readonly marker: string;
}
/** What a server has for sessions beyond its features: for whoever looks for what is missing. */
export interface ExamineRequest {
  readonly verb: 'examine';
  readonly marker: string;
}
export interface WatchRequest {
  readonly verb: 'watch';
  readonly marker: string;
}
/** x2gostartagent. Its marker is in the environment of all that it starts: what is left of it can be found by that. */
export interface StartRequest {
  readonly verb: 'start';
  readonly marker: string;
  /** R, D, P or S: PROTOCOL 1.3, position 8. */
  readonly type: string;
  /** Position 9, already reduced to the letters a session's name may hold. */
  readonly command: string;
}
/** Ends what the start of that marker has left. */
export interface WithdrawRequest {
  readonly verb: 'withdraw';
  readonly marker: string;
  readonly start: string;
}
export interface ResumeRequest {
  readonly verb: 'resume';
  readonly marker: string;
  readonly session: string;
}
/** Ends a command of ours by its pid, which it printed before it became that command. */
export interface KillRequest {
  readonly verb: 'kill';
  readonly marker: string;
  readonly pid: number;
}
export interface EndRequest {
  readonly verb: 'suspend' | 'terminate';
  readonly marker: string;
  readonly session: string;
  readonly agent: number | undefined;
  /** A termination is called off when the session is being used. @default false */
  readonly unlessUsed?: boolean;
}
/** x2goruncommand. */
export interface RunRequest {
  readonly verb: 'run';
  readonly marker: string;
  readonly session: string;
  /** As in StartRequest. */
  readonly command: string;
}
/** Writes files into the session's folder. */
export interface FilesRequest {
  readonly verb: 'files';
  readonly marker: string;
  readonly session: string;
}
export type ScriptRequest =
  | SurveyRequest
  | DesktopsRequest
  | ExamineRequest
  | WatchRequest
  | StartRequest
  | WithdrawRequest
  | ResumeRequest
  | KillRequest
  | EndRequest
  | RunRequest
  | FilesRequest;

const signature = ': x2go-guardian/1';

export function writeRequestLine(request: ScriptRequest): string {
  return [signature, request.verb, request.marker, ...words(request)].join(' ');
}

function words(request: ScriptRequest): readonly (string | number)[] {
  switch (request.verb) {
    case 'survey': {
      const parts = surveyParts.filter((part) => request[part]);
      return [parts.join(',') || '-', request.agents.join(',') || '-'];
    }
    case 'start':
      return [request.type, request.command];
    case 'withdraw':
      return [request.start];
    case 'kill':
      return [request.pid];
    case 'suspend':
    case 'terminate':
      return [request.session, request.agent ?? '-', ...(request.unlessUsed ? [unlessUsedWord] : [])];
    case 'run':
      return [request.session, request.command];
    case 'resume':
    case 'files':
      return [request.session];
    case 'desktops':
    case 'examine':
    case 'watch':
      return [];
  }
}

const unlessUsedWord = 'unless-used';
const surveyParts = ['identity', 'sessions', 'mounts', 'shadows'] as const;
const isMarker = (word: string | undefined) => word !== undefined && /^[0-9a-f]{32}$/.test(word);

export function parseRequestLine(line: string): ScriptRequest | undefined {
  if (!line.startsWith(`${signature} `)) return undefined;
  const [verb = '', marker = '', first = '', second = '', third = ''] = line
    .slice(signature.length + 1)
    .split(' ');
  if (!isMarker(marker)) return undefined;
  switch (verb) {
    case 'survey':
      return survey(marker, first || '-', second || '-');
    case 'start':
      return { verb, marker, type: first, command: second };
    case 'withdraw':
      return isMarker(first) ? { verb, marker, start: first } : undefined;
    case 'kill':
      return { verb, marker, pid: Number(first) };
    case 'suspend':
    case 'terminate':
      return {
        verb,
        marker,
        session: first,
        agent: /^[0-9]+$/.test(second) ? Number(second) : undefined,
        ...(third === unlessUsedWord ? { unlessUsed: true } : {}),
      };
    case 'run':
      return { verb, marker, session: first, command: second };
    case 'resume':
    case 'files':
      return { verb, marker, session: first };
    case 'desktops':
    case 'examine':
    case 'watch':
      return { verb, marker };
    default:
      return undefined;
  }
}

function survey(marker: string, parts: string, agents: string): SurveyRequest {
  const has = new Set(parts.split(','));
  return {
    verb: 'survey',
    marker,
    identity: has.has('identity'),
    sessions: has.has('sessions'),
    mounts: has.has('mounts'),
    shadows: has.has('shadows'),
    agents: agents === '-' ? [] : agents.split(',').map(Number),
  };
}
