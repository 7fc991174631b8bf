import type { ClientChannel } from 'ssh2';
import type { Clock } from '../clock.js';
import { X2GoError } from '../errors.js';
import type { Connection } from './connection.js';
import { withDeadline } from './deadline.js';
import { cutShort, longestComplaint, type Script } from './exec.js';

/** What a script printed that has no end marker, whatever way it ended. */
export interface UnframedRun {
  readonly text: string;
  /** The end of what was said on stderr. */
  readonly complaint: string;
  /** The exit code of what the script became. */
  readonly code?: number;
  /** Why there is no exit code: ssh.closed, channel.refused, command.timedOut, command.tooLong or command.aborted. */
  readonly error?: X2GoError;
}

export interface UnframedScript extends Script {
  /** Of an aborted script: whether enough was heard to end what it became. Until then its channel stays open, for a moment. */
  readonly isEnough?: (text: string) => boolean;
}

const longestAnswer = 64 * 1024;
/** What a hook of the server leaves running may keep the channel open after the exit code came. */
const afterExit = 1_000;
/** How long an aborted script may take to say what isEnough waits for. */
const afterAbort = 1_000;

/** Runs a script that becomes another command. Never throws; the channel is closed afterwards, which does not end that command. */
export async function runUnframed(
  connection: Connection,
  clock: Clock,
  script: UnframedScript,
  signal: AbortSignal,
  hurry: AbortSignal,
): Promise<UnframedRun> {
  try {
    return await withDeadline(clock, script, signal, async (inTime) => {
      const { channel, free } = await connection.open(inTime);
      channel.on('close', free);
      return await listen(channel, clock, script, inTime, hurry);
    });
  } catch (cause) {
    return { text: '', complaint: '', error: asError(cause) };
  }
}

function listen(
  channel: ClientChannel,
  clock: Clock,
  script: UnframedScript,
  signal: AbortSignal,
  hurry: AbortSignal,
): Promise<UnframedRun> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let complaint = '';
    let code: number | undefined;
    let late: unknown;
    const text = () => Buffer.concat(chunks).toString('utf8');
    const finish = (error?: X2GoError) => {
      clock.clearTimeout(late);
      signal.removeEventListener('abort', stop);
      hurry.removeEventListener('abort', cut);
      channel.removeAllListeners('data');
      channel.resume();
      channel.stderr.resume();
      channel.end();
      channel.close();
      const heard = { text: text(), complaint };
      resolve(error === undefined && code !== undefined ? { ...heard, code } : { ...heard, ...told(error) });
    };
    const told = (error?: X2GoError) => ({ error: error ?? cutShort(script) });
    const isEnough = () => script.isEnough?.(text()) ?? true;
    const cut = () => finish(asError(signal.reason));
    const stop = () => {
      if (hurry.aborted || isEnough()) return cut();
      clock.clearTimeout(late);
      late = clock.setTimeout(cut, afterAbort);
      hurry.addEventListener('abort', cut, { once: true });
    };
    signal.addEventListener('abort', stop, { once: true });
    channel.on('error', () => channel.destroy());
    channel.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > longestAnswer)
        finish(new X2GoError('command.tooLong', `${script.name} answered without end`));
      else if (signal.aborted && isEnough()) cut();
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(-longestComplaint);
    });
    channel.on('exit', (exit: number | null) => {
      if (typeof exit !== 'number' || signal.aborted) return;
      code = exit;
      late = clock.setTimeout(finish, afterExit);
    });
    channel.on('close', () => (signal.aborted ? cut() : finish()));
    channel.write(script.text);
    if (signal.aborted) stop();
  });
}

const asError = (cause: unknown) =>
  cause instanceof X2GoError ? cause : new X2GoError('unexpected', String(cause), { cause });
