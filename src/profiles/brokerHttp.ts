import { type ClientRequest, request as httpRequest } from 'node:http';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { X2GoError } from '../errors.js';
import type { HttpBroker } from './brokerAddress.js';

export interface HttpOptions {
  /** The certificates to trust, PEM, in place of those that come with Node. */
  readonly ca?: string | undefined;
  /** How long one answer may take, connecting included. @default 30_000 */
  readonly deadlineMs?: number | undefined;
}
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly location: string | undefined;
}

const usualDeadline = 30_000;
const longestAnswer = 1024 * 1024;

/** Posts a form on a connection of its own. Throws broker.unreachable, .untrusted, .timedOut, .garbled or call.aborted. */
export async function postForm(
  broker: HttpBroker,
  form: string,
  { ca, deadlineMs = usualDeadline }: HttpOptions,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const ending = new AbortController();
  const late = () =>
    ending.abort(
      new X2GoError(
        'broker.timedOut',
        `The broker ${broker.shown} gave no answer within ${deadlineMs / 1_000} s`,
      ),
    );
  const stop = () =>
    ending.abort(new X2GoError('call.aborted', `The broker ${broker.shown} is not waited for`));
  const timer = setTimeout(late, deadlineMs);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let socket: Socket | undefined;
  try {
    ending.signal.throwIfAborted();
    socket = broker.way === 'https' ? openTls(broker, ca) : connectTcp(broker.port, broker.host);
    // Whoever waits is told by the promises below; what comes after them is nobody's concern.
    socket.on('error', () => undefined);
    // No byte of the form is written before the other side has proved who it is.
    await opened(socket, broker, ending.signal);
    return await exchanged(socket, broker, form, ending.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    socket?.destroy();
  }
}

const openTls = ({ host, port }: HttpBroker, ca: string | undefined): Socket =>
  connectTls({
    host,
    port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    // Said, so that NODE_TLS_REJECT_UNAUTHORIZED does not say it for us.
    rejectUnauthorized: true,
  });

function opened(socket: Socket, broker: HttpBroker, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    socket.once(broker.way === 'https' ? 'secureConnect' : 'connect', resolve);
    socket.once('error', (cause) => reject(explain(cause, socket, broker)));
    socket.once('close', () => reject(unreachable(broker, 'it closed the connection')));
  });
}

function exchanged(
  socket: Socket,
  broker: HttpBroker,
  form: string,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    const asking = ask(socket, broker, form);
    asking.on('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code?.startsWith('HPE_')
          ? new X2GoError('broker.garbled', `The broker ${broker.shown} does not answer as HTTP wants it`, {
              cause,
            })
          : explain(cause, socket, broker),
      ),
    );
    asking.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        chunks.push(chunk);
        if (length > longestAnswer) reject(tooLong(broker));
      });
      response.on('error', () => reject(unreachable(broker, 'its answer was cut off')));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString('utf8'),
          location: response.headers.location,
        }),
      );
    });
    asking.end(form);
  });
}

const ask = (socket: Socket, { host, port, path }: HttpBroker, form: string): ClientRequest =>
  httpRequest({
    createConnection: () => socket,
    method: 'POST',
    host,
    port,
    path,
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      'Content-Length': Buffer.byteLength(form),
      Accept: 'text/plain, application/json, text/json',
      Connection: 'close',
    },
  });

const tooLong = ({ shown }: HttpBroker) =>
  new X2GoError('broker.garbled', `The broker ${shown} answered more than ${longestAnswer / 1024} KiB`);

const unreachable = ({ shown }: HttpBroker, why: string, cause?: unknown) =>
  new X2GoError('broker.unreachable', `Could not reach the broker ${shown}: ${why}`, { cause });

function explain(cause: NodeJS.ErrnoException, socket: Socket, broker: HttpBroker): X2GoError {
  const unproved = 'authorizationError' in socket ? socket.authorizationError : null;
  if (unproved) {
    const why = `The certificate of the broker ${broker.shown} is not to be trusted: ${cause.message}`;
    return new X2GoError('broker.untrusted', why, { cause });
  }
  return unreachable(broker, words[cause.code ?? ''] ?? cause.message, cause);
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to its network',
  ECONNRESET: 'it broke the connection',
  EPROTO: 'it does not speak TLS as we do',
};
