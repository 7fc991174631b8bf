import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A listener in a process of its own, that lets connections in until it is told not to. */
export async function openDeafListener() {
  const code = `const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] });
  const port = Number(String((await once(child.stdout, 'data'))[0]));
  const sockets: Socket[] = [];
  return {
    port,
    /** Its process is stopped and its queue is full: a further connection hangs. */
    async deafen(): Promise<void> {
      child.kill('SIGSTOP');
      for (;;) {
        const socket = connect(port, '127.0.0.1').on('error', () => {});
        sockets.push(socket);
        const hangs = await new Promise<boolean>((resolve) => {
          socket.on('connect', () => resolve(false));
          setTimeout(() => resolve(true), 500);
        });
        if (hangs) return;
      }
    },
    close(): void {
      child.kill('SIGKILL');
      for (const socket of sockets) socket.destroy();
    },
  };
}
