import type { Readable } from 'node:stream';
import { X2GoError } from '../errors.js';
import { closedEarly } from './explain.js';

/** What a server may say before its identification line (RFC 4253, 4.2), all in all. */
const longestBanner = 64 * 1024;

/** Watches the first bytes of a connection: a flood without an SSH banner, or a polite refusal, ends it. */
export function guardBanner(socket: Readable, where: string, refuse: (error: X2GoError) => void): void {
  let text = '';
  const read = (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (/^SSH-/m.test(text)) return stop();
    if (/^Exceeded MaxStartups/m.test(text)) return end(closedEarly(where));
    if (text.length > longestBanner) {
      end(
        new X2GoError(
          'ssh.handshake',
          `${where} sent ${longestBanner / 1024} KiB without an SSH identification`,
        ),
      );
    }
  };
  const end = (error: X2GoError) => {
    stop();
    refuse(error);
  };
  const stop = () => {
    text = '';
    socket.off('data', read);
  };
  socket.prependListener('data', read);
}
