import { createConnection } from 'node:net';

const patience = 2_000;
// draft-miller-ssh-agent: SSH_AGENTC_REQUEST_IDENTITIES, and its answer with the number of keys.
const request = Buffer.from([0, 0, 0, 1, 11]);
const answerType = 12;

/** How many keys the agent behind a socket has. Rejects when it does not answer. */
export function countAgentKeys(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let answer = Buffer.alloc(0);
    const settle = (count: number | Error) => {
      clearTimeout(timer);
      socket.destroy();
      if (typeof count === 'number') resolve(count);
      else reject(count);
    };
    const timer = setTimeout(() => settle(new Error('it does not answer')), patience);
    socket.on('error', settle);
    socket.on('close', () => settle(new Error('it closed the connection')));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length < 9) return;
      if (answer[4] === answerType) settle(answer.readUInt32BE(5));
      else settle(new Error('it refused to list its keys'));
    });
    socket.write(request);
  });
}
