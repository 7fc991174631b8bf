import type { Clock } from '../clock.js';
import { X2GoError } from '../errors.js';
import type { Connection } from './connection.js';
import { withDeadline } from './deadline.js';

/** What a server may answer to one command. */
const longestAnswer = 1024 * 1024;
/** What is kept of stderr: its end. */
export const longestComplaint = 4 * 1024;

export interface Script {
  /** What it is called in messages. */
  readonly name: string;
  readonly marker: string;
  readonly text: string;
  readonly deadlineMs: number;
}
export interface ScriptAnswer {
  readonly text: string;
  /** The end of what was said on stderr. */
  readonly complaint: string;
}

/**
 * Runs one framed script and returns everything it printed, noise included. Throws ssh.closed, channel.refused,
 * command.timedOut, command.tooLong or command.aborted; on each of them the channel is closed, which ends the script.
 */
export function runScript(
  connection: Connection,
  clock: Clock,
  script: Script,
  signal: AbortSignal,
): Promise<ScriptAnswer> {
  return withDeadline(clock, script, signal, (inTime) => converse(connection, script, inTime));
}

async function converse(connection: Connection, script: Script, signal: AbortSignal): Promise<ScriptAnswer> {
  const { channel, free } = await connection.open(signal);
  channel.on('close', free);
  channel.on('error', () => channel.destroy());
  const chunks: Buffer[] = [];
  let length = 0;
  let tail = '';
  let complaint = '';
  const end = `\n${script.marker} end `;
  try {
    await new Promise<void>((resolve, reject) => {
      const stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      channel.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > longestAnswer) {
          const limit = `${longestAnswer / 1024} KiB`;
          return reject(new X2GoError('command.tooLong', `${script.name} answered more than ${limit}`));
        }
        tail = (tail + chunk.toString('latin1')).slice(-256);
        if (tail.includes(end) && tail.endsWith('\n')) resolve();
      });
      channel.stderr.on('data', (chunk: Buffer) => {
        complaint = (complaint + chunk.toString('utf8')).slice(-longestComplaint);
      });
      // A line that dies, or a shell that is killed, closes the channel without an exit code: that says nothing of the shell.
      channel.on('close', (code?: number | null) =>
        typeof code === 'number' ? resolve() : reject(cutShort(script)),
      );
      channel.write(script.text);
      if (signal.aborted) stop();
    });
    return { text: Buffer.concat(chunks).toString('utf8'), complaint };
  } finally {
    channel.removeAllListeners('data');
    channel.resume();
    channel.stderr.resume();
    channel.end();
    channel.close();
  }
}

export const cutShort = ({ name }: Script) =>
  new X2GoError('ssh.closed', `${name} was cut short: its channel closed without an exit code`);
