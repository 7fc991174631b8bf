import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface EmulatedBrokerOptions {
  readonly user?: string;
  readonly password?: string;
  /** The id a chain begins with. @default none is wanted */
  readonly firstAuthId?: string;
  /** INI sections, as they stand in the answer. */
  readonly profiles?: string;
  /** What follows the header of a selection, by profile. */
  readonly selections?: Readonly<Record<string, string>>;
  /** HTTPS with these. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** In place of everything else. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse, form: URLSearchParams) => void;
  /** Whether setpass changes anything; x2gobroker's does not. @default true */
  readonly changesPasswords?: boolean;
}

/** A session broker in this process, of the plain protocol, whose chains of authentication ids are as strict as x2gobroker's. */
export interface EmulatedBroker {
  readonly url: string;
  readonly port: number;
  /** The forms that came, in order. */
  readonly asked: readonly URLSearchParams[];
  /** Bytes that came, TLS's own included, and connections. */
  readonly connections: () => number;
  /** Connections that are open now. */
  readonly open: () => number;
  /** As after a restart: the chains are forgotten. */
  forgetChains(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

const officeProfile = `[office]
name=Office, ground floor
host=127.0.0.1
sshport=2222
user=alice
command=xterm
rootless=1
`;

export async function startEmulatedBroker(options: EmulatedBrokerOptions = {}): Promise<EmulatedBroker> {
  const { user = 'alice', firstAuthId, profiles = officeProfile, selections = {}, answer } = options;
  let { password = 'broker-canary' } = options;
  const chain = new Set<string>();
  const asked: URLSearchParams[] = [];
  const sockets = new Set<Socket>();
  let count = 0;

  const knows = (form: URLSearchParams): boolean => {
    if (form.get('user') !== user) return false;
    const id = form.get('authid');
    if (id !== null && chain.delete(id)) return true;
    return id === (firstAuthId ?? null) && form.get('password') === password;
  };
  const bodyFor = (form: URLSearchParams): string => {
    switch (form.get('task')) {
      case 'testcon':
        return 'OK';
      case 'listsessions':
        return `${header()}START_USER_SESSIONS\n\n${profiles}\nEND_USER_SESSIONS\n`;
      case 'selectsession':
        return `${header()}${selections[form.get('sid') ?? ''] ?? 'SERVER:no-server-available:22\n'}`;
      case 'setpass':
        if (options.changesPasswords !== false) password = form.get('newpass') ?? '';
        return header();
      default:
        return header();
    }
  };
  const header = () => {
    const next = randomUUID();
    chain.add(next);
    return `AUTHID:${next}\nAccess granted\n`;
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const form = new URLSearchParams(text);
    asked.push(form);
    if (answer !== undefined) return answer(request, response, form);
    if (request.method !== 'POST') return response.writeHead(405).end();
    if (!request.url?.startsWith('/plain/')) return response.writeHead(404).end();
    if (!knows(form)) return response.writeHead(401).end('<html>401: Unauthorized</html>');
    response.writeHead(200, { 'Content-Type': 'text/plain' }).end(bodyFor(form));
  };
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    void serve(request, response).catch(() => response.destroy());
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  server.on('connection', (socket: Socket) => {
    count += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/plain/inifile/`,
    port,
    asked,
    connections: () => count,
    open: () => sockets.size,
    forgetChains: () => chain.clear(),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
