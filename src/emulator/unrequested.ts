import type { Connection, ServerChannel } from 'ssh2';

export type ChannelKind = 'forwarded-tcpip' | 'x11' | 'session' | 'auth-agent';

export interface OpenedChannels {
  readonly accepted: number;
  readonly refused: number;
}

type Opened = (cause: Error | undefined, channel: ServerChannel) => void;

/** The parts of ssh2's server that its types leave out; there is no public way to open these channels. */
interface Internals {
  readonly _chanMgr: { add(opened: Opened & { type?: string }): number };
  readonly _protocol: {
    _server: boolean;
    session(channel: number, window: number, packet: number): void;
    openssh_authAgent(channel: number, window: number, packet: number): void;
  };
}

const windowSize = 2 * 1024 * 1024;
const packetSize = 32 * 1024;

/** Opens channels a client has not asked for; resolves when it has answered to all, or is gone. */
export async function openUnrequested(
  clients: Iterable<Connection>,
  count: number,
  kind: ChannelKind,
): Promise<OpenedChannels> {
  let accepted = 0;
  let refused = 0;
  const answers: Promise<void>[] = [];
  for (const client of clients) {
    for (let n = 0; n < count; n++) {
      answers.push(
        new Promise((resolve) => {
          open(client, kind, (cause, channel) => {
            if (cause) refused++;
            else {
              accepted++;
              channel.on('error', () => {}).resume();
            }
            resolve();
          });
        }),
      );
    }
  }
  await Promise.all(answers);
  return { accepted, refused };
}

function open(client: Connection, kind: ChannelKind, opened: Opened): void {
  if (kind === 'forwarded-tcpip') {
    client.forwardOut('127.0.0.1', 30_000, '127.0.0.1', 40_000, opened);
  } else if (kind === 'x11') {
    client.x11('127.0.0.1', 40_000, opened);
  } else {
    const { _chanMgr: manager, _protocol: protocol } = client as unknown as Internals;
    const channel = manager.add(Object.assign(opened, { type: kind }));
    if (kind === 'auth-agent') protocol.openssh_authAgent(channel, windowSize, packetSize);
    else {
      // Only clients open sessions, says ssh2: for this one packet we are one.
      protocol._server = false;
      protocol.session(channel, windowSize, packetSize);
      protocol._server = true;
    }
  }
}
