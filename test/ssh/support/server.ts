import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import ssh2, { type AuthContext, type Connection, type PublicKeyAuthContext } from 'ssh2';

export interface TestServer {
  readonly port: number;
  /** Every authentication request that arrived, in order: the method, and for keys the algorithm. */
  readonly seen: string[];
  /** Every password and answer that arrived. */
  readonly secrets: string[];
  /** The connections, newest last. */
  readonly connections: Connection[];
  close(): Promise<void>;
}

/** Makes it a server that does not tell which signatures it takes, as all did before RFC 8308. */
function dropExtInfo(connection: Connection): void {
  const { _protocol: protocol } = connection as unknown as { _protocol: object };
  let current: object | undefined;
  Object.defineProperty(protocol, '_kex', {
    get: () => current,
    set(kex: object | undefined) {
      current = kex && Object.defineProperty(kex, 'remoteExtInfoEnabled', { get: () => false, set() {} });
    },
  });
}

/** ssh2 shows the signature algorithm of an RSA key as the key's type and a hash; SHA-1 has no hash. */
function keyWords({ key, hashAlgo, signature }: PublicKeyAuthContext): string[] {
  return [
    key.algo,
    ...(hashAlgo === undefined ? [] : [hashAlgo]),
    ...(signature === undefined ? [] : ['signed']),
  ];
}

/** An SSH server in this process that notes all it is sent. */
export async function startServer(
  hostKeys: readonly string[],
  authenticate: (context: AuthContext) => void = (context) => context.reject([]),
  options: { withoutExtInfo?: boolean } = {},
): Promise<TestServer> {
  const connections: Connection[] = [];
  const seen: string[] = [];
  const secrets: string[] = [];
  const server = new ssh2.Server({ hostKeys: [...hostKeys] }, (connection) => {
    connections.push(connection);
    if (options.withoutExtInfo) dropExtInfo(connection);
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => {
      seen.push([context.method, ...(context.method === 'publickey' ? keyWords(context) : [])].join(' '));
      if (context.method === 'password') secrets.push(context.password);
      authenticate(context);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const handle: TestServer = {
    port: (server.address() as AddressInfo).port,
    seen,
    secrets,
    connections,
    async close() {
      for (const connection of connections) connection.end();
      server.close();
    },
  };
  return handle;
}
