import { Duplex, PassThrough } from 'node:stream';
import type { ClientChannel } from 'ssh2';

/** A channel of nobody's: the test says what comes over it (`push`), and sees what is written and how it ends. */
export function fakeChannel() {
  const seen = { closes: 0, written: '' };
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      seen.written += chunk.toString();
      done();
    },
  });
  const channel = Object.assign(stream, { stderr: new PassThrough(), close: () => void seen.closes++ });
  return { channel: channel as unknown as ClientChannel & Duplex, seen };
}
