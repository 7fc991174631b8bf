import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import type { Emulator } from '../../../src/emulator/index.js';
import { isComplete, parseFramed, type Section } from '../../../src/protocol/framing.js';
import type { SurveyRequest } from '../../../src/protocol/request.js';
import { execString } from '../../../src/protocol/script.js';
import { surveyScript } from '../../../src/protocol/survey.js';

export const newMarker = () => randomBytes(16).toString('hex');

export async function connect(emulator: Emulator, config: Partial<ConnectConfig> = {}): Promise<Client> {
  const client = new ssh2.Client();
  client.on('error', () => {});
  client.connect({
    host: emulator.host,
    port: emulator.port,
    username: emulator.user,
    privateKey: emulator.clientKey,
    hostVerifier: (key: Buffer) => key.toString('base64') === emulator.hostKey.split(' ')[1],
    ...config,
  });
  await once(client, 'ready');
  return client;
}

/** An exec channel whose answer is gathered. */
export class Talk {
  out = '';
  err = '';
  bytes = 0;
  /** null: a signal ended it. */
  code: number | null | undefined;
  readonly closed: Promise<void>;
  #wake = () => {};

  constructor(readonly channel: ClientChannel) {
    channel.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      if (this.bytes < 4_000_000) this.out += chunk.toString();
      this.#wake();
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      this.err += chunk.toString();
    });
    channel.on('exit', (code: number | null) => {
      this.code = code;
    });
    this.closed = new Promise((resolve) => {
      channel.on('close', () => {
        this.#wake();
        resolve();
      });
    });
  }

  async until(seen: (out: string) => boolean): Promise<string> {
    let closed = false;
    void this.closed.then(() => {
      closed = true;
      this.#wake();
    });
    while (!seen(this.out)) {
      if (closed) throw new Error(`the channel closed after: ${JSON.stringify(this.out.slice(-300))}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.out;
  }
}

export function exec(client: Client, command: string = execString): Promise<Talk> {
  return new Promise((resolve, reject) => {
    client.exec(command, (cause, channel) => (cause ? reject(cause) : resolve(new Talk(channel))));
  });
}

/** One plain command, to its end. */
export async function ran(client: Client, command: string): Promise<Talk> {
  const talk = await exec(client, command);
  await talk.closed;
  return talk;
}

export const fullSurvey = (marker = newMarker(), agents: readonly number[] = []): SurveyRequest => ({
  verb: 'survey',
  marker,
  identity: true,
  sessions: true,
  mounts: true,
  shadows: true,
  agents,
});

/** A survey by the real script; the sections by name. */
export async function survey(client: Client, request = fullSurvey()): Promise<Map<string, Section>> {
  const talk = await exec(client);
  talk.channel.write(surveyScript(request, 10));
  await talk.until((out) => isComplete(request.marker, out));
  await talk.closed;
  const framed = parseFramed(request.marker, talk.out);
  if (!framed.ok) throw new Error(framed.reason);
  return new Map(framed.sections.map((section) => [section.name, section]));
}
