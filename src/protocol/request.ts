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
export interface WatchRequest {
  readonly verb: 'watch';
  readonly marker: string;
}
export type ScriptRequest = SurveyRequest | DesktopsRequest | WatchRequest;

const signature = ': x2go-guardian/1';

export function writeRequestLine(request: ScriptRequest): string {
  const words: string[] = [signature, request.verb, request.marker];
  if (request.verb === 'survey') {
    const parts = (['identity', 'sessions', 'mounts', 'shadows'] as const).filter((part) => request[part]);
    words.push(parts.join(',') || '-', request.agents.join(',') || '-');
  }
  return words.join(' ');
}

export function parseRequestLine(line: string): ScriptRequest | undefined {
  if (!line.startsWith(`${signature} `)) return undefined;
  const [verb, marker, parts = '-', agents = '-'] = line.slice(signature.length + 1).split(' ');
  if (marker === undefined || !/^[0-9a-f]{32}$/.test(marker)) return undefined;
  if (verb === 'desktops' || verb === 'watch') return { verb, marker };
  if (verb !== 'survey') return undefined;
  const has = new Set(parts.split(','));
  return {
    verb,
    marker,
    identity: has.has('identity'),
    sessions: has.has('sessions'),
    mounts: has.has('mounts'),
    shadows: has.has('shadows'),
    agents: agents === '-' ? [] : agents.split(',').map(Number),
  };
}
