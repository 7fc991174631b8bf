import type { Outcome } from '../../machines/ports.js';
import type { SessionRecord } from '../../machines/vocabulary.js';
import { isAddress } from './address.js';
import {
  failed,
  isDiskFull,
  isKeyUnwritten,
  lastWords,
  missing,
  notFound,
  nothingBegan,
} from './complaint.js';
import type { OrderWords } from './order.js';
import type { StartRequest } from './request.js';
import { parseSessionName } from './sessionName.js';
import { afterBegin, becomingScript, type Unframed } from './unframed.js';
import { isCookie, isDisplayText, isHostName, isPidText, isPortText, isServerTime } from './values.js';

/** The agent inherits it: by this and the marker everything a start has left is found in /proc. */
export const startVariable = 'X2GO_GUARDIAN_START';

export interface StartedAgent {
  readonly record: SessionRecord;
  /** A secret: it must not get into the record. */
  readonly cookie: string;
}

/** What a server says of itself before x2gostartagent, for the record that only a listing would give. */
export interface StartBegin {
  readonly pid: number;
  readonly server: string;
  readonly time: string;
  readonly client: string;
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
const told = '$$ $(uname -n) $(date +%Y-%m-%dT%H:%M:%S) ${SSH_CLIENT%% *}';

/** x2gostartagent has no such code: there is no X server of that number. */
export const noDesktop = 66;

export function startScript(request: StartRequest, order: OrderWords): string {
  const environment = { [startVariable]: request.marker, ...order.environment };
  const command = ['x2gostartagent', ...order.words];
  return becomingScript(request, told, desktopCheck(order), environment, command);
}

/** A shadow of nothing starts all the same, and dies a second after its picture was there (seen). */
function desktopCheck({ type, name }: OrderWords): string {
  const [, display] = /PP([0-9]+)$/.exec(name) ?? [];
  if (type !== 'S' || display === undefined) return '';
  const socket = `/tmp/.X11-unix/X${display}`;
  return `[ -e ${socket} ] || grep -qs "@${socket}$" /proc/net/unix || exit ${noDesktop}\n`;
}

/** The line a server answers with, on a line of its own. */
export const startBeginLine = (marker: string, { pid, server, time, client }: StartBegin) =>
  `\n${marker} begin ${pid} ${server} ${time} ${client}\n`;

export function readStarted(request: StartRequest, answer: Unframed): Outcome<StartedAgent> {
  const { text, complaint, code } = answer;
  const begun = afterBegin(request.marker, text);
  if (begun === undefined) return nothingBegan(text, complaint);
  if (code === noDesktop && request.type === 'S')
    return failed('desktop.unknown', 'There is no such desktop on the server');
  if (code !== 0) return refused(code, complaint);
  const lines = begun.rest.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.every((line) => line === '')) return silent(request.type, complaint);
  if (isKeyUnwritten(complaint)) return full(complaint);
  const agent = readLines(lines, begun.words);
  if (typeof agent !== 'string') return { ok: true, value: agent };
  if (isDiskFull(complaint)) return full(complaint);
  return failed('command.garbled', `x2gostartagent said something else than a session: ${agent}`);
}

/** The last seven lines, or the seven before two of telekinesis; hooks of the server may print before them. */
function readLines(lines: readonly string[], begun: readonly string[]): StartedAgent | string {
  const plain = readSeven(lines.slice(-7), begun);
  if (typeof plain !== 'string' || lines.length < 9) return plain;
  const longer = readSeven(lines.slice(-9, -2), begun);
  return typeof longer === 'string' ? plain : longer;
}

function readSeven(seven: readonly string[], begun: readonly string[]): StartedAgent | string {
  const [display = '', cookie = '', agentPid = '', session = '', ...ports] = seven;
  const [graphics = '', sound = '', files = ''] = ports;
  const [, server = '', time = '', client = ''] = begun;
  if (seven.length < 7) return `expected 7 lines, got ${seven.length}`;
  if (!isDisplayText(display)) return 'the display is malformed';
  if (!isCookie(cookie)) return 'the cookie is malformed';
  if (!isPidText(agentPid)) return "the agent's pid is malformed";
  if (![graphics, sound, files].every(isPortText)) return 'a port is malformed';
  const parsed = parseSessionName(session);
  if (!parsed.ok) return parsed.reason;
  const { name } = parsed;
  if (name.display !== Number(display)) return 'the display differs from the one in the session name';
  if (!isHostName(server) || !isServerTime(time) || !isAddress(client))
    return 'its name, its time or our address is malformed';
  // No field of the record may carry the secret out.
  if (`${session}|${server}`.includes(cookie)) return 'the cookie is repeated elsewhere';
  const record: SessionRecord = {
    session,
    kind: name.kind,
    user: name.user,
    command: name.command,
    display: name.display,
    server,
    status: 'R',
    client,
    createdAt: time,
    changedAt: time,
    ageSeconds: 0,
    agentPid: Number(agentPid),
    ports: { graphics: Number(graphics), sound: Number(sound), files: Number(files) },
  };
  return { record, cookie };
}

function refused(code: number, complaint: string): Outcome<never> {
  if (code === notFound) return missing;
  const words = lastWords(complaint);
  if (code === 9 || /^LIMIT/m.test(complaint))
    return failed('session.limit', 'The server allows no more sessions; suspended ones count too');
  if (code === 8) return failed('session.denied', 'The owner of the desktop did not allow it to be shared');
  if (isDiskFull(complaint)) return full(complaint);
  const because = causes.get(code);
  return failed(
    'agent.failed',
    `x2gostartagent ended with code ${code}${because === undefined ? '' : ` (${because})`}: ${words}`,
  );
}

const causes = new Map([
  [1, 'no random port'],
  [3, 'USER is empty there'],
  [4, 'HOME is empty there'],
  [5, 'HOME is not ASCII'],
  [6, 'the server has no host name'],
  [7, 'the server does not know our address'],
  [10, 'no free display, or the name was refused'],
  [11, 'no free port'],
  [12, 'the agent died at once'],
]);

/** Exit 0 and empty lines: what a shadow gives where x2godesktopsharing is not installed (PROTOCOL T5). */
function silent(type: string, complaint: string): Outcome<never> {
  if (type === 'S')
    return failed(
      'session.denied',
      'The server cannot share desktops of others: x2godesktopsharing is missing',
    );
  if (isDiskFull(complaint)) return full(complaint);
  return failed('agent.failed', `x2gostartagent gave no session: ${lastWords(complaint)}`);
}

const full = (complaint: string) =>
  failed(
    'agent.failed',
    `The home directory on the server cannot be written; is its disk full? ${lastWords(complaint)}`,
  );
