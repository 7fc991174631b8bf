/**
 * Two forwards over one connection, in a process of their own as an app would have them, from the build: `ours`, our line and
 * our joints without the graphics listener's one-connection rule; `raw`, ssh2 with `pipe` on the same socket and algorithms.
 * The ports here are told as a line of JSON; the end of stdin is the end.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import ssh2 from 'ssh2';
import { monotonicClock } from '../dist/src/clock.js';
import { hostKeyAlgorithms, sshAlgorithms } from '../dist/src/ssh/algorithms.js';
import { prepareAuthentication } from '../dist/src/ssh/authentication.js';
import { Connection } from '../dist/src/ssh/connection.js';
import { Joints } from '../dist/src/ssh/joints.js';

const [kind, host, portText, user, keyFile, farBulk, farEcho] = process.argv.slice(2);
const port = Number(portText);

async function ours() {
  const authentication = await prepareAuthentication(user, { identities: [keyFile] });
  const line = await new Promise((resolve, reject) => {
    const made = new Connection({
      profile: { id: 'bench', host, port, user },
      hostKeys: {
        algorithms: [...hostKeyAlgorithms],
        verify: () => true,
        remember: () => true,
        notices: [],
      },
      authentication,
      clock: monotonicClock,
      onEnd: reject,
    });
    made.onReady(() => resolve(made));
  });
  const joints = new Joints(monotonicClock, () => undefined);
  return async (socket, to) => joints.join(line, socket, await line.openDirect(to), () => undefined);
}

async function raw() {
  const client = new ssh2.Client();
  const sock = connect({ host, port, noDelay: true });
  client.connect({ sock, username: user, privateKey: readFileSync(keyFile), algorithms: sshAlgorithms() });
  await once(client, 'ready');
  client.on('error', () => undefined);
  return (socket, to) => {
    socket.on('error', () => undefined);
    client.forwardOut('127.0.0.1', 0, '127.0.0.1', to, (cause, channel) => {
      if (cause) return void socket.destroy();
      channel.on('error', () => undefined);
      socket.pipe(channel).pipe(socket);
      socket.on('close', () => channel.close());
    });
  };
}

const join = await (kind === 'ours' ? ours() : raw());
const lead = async (to) => {
  const settings = { allowHalfOpen: true, pauseOnConnect: kind === 'ours', noDelay: true };
  const server = createServer(settings, (socket) => join(socket, to));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
};
console.log(JSON.stringify({ bulk: await lead(Number(farBulk)), echo: await lead(Number(farEcho)) }));
process.stdin.resume().on('end', () => process.exit(0));
