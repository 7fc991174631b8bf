/**
 * Both ends of what goes through a tunnel, in a process of their own: the far end behind the server, the near end before
 * the tunnel. Orders come as lines of JSON on stdin, answers go out as lines of JSON.
 */
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

const block = Buffer.alloc(256 * 1024, 'x');

/** Writes `total` bytes as fast as they are taken. */
function pour(socket, total) {
  let left = total;
  const more = () => {
    while (left > 0) {
      const part = left >= block.length ? block : block.subarray(0, left);
      left -= part.length;
      if (!socket.write(part)) return;
    }
  };
  socket.on('drain', more);
  more();
}

/** The first 16 bytes say what a connection is for: a letter and a number. */
const far = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.once('data', (head) => {
    const kind = String.fromCharCode(head[0]);
    const total = Number(head.subarray(1, 16).toString());
    if (kind === 'E') {
      socket.write(head.subarray(16));
      socket.on('data', (chunk) => socket.write(chunk));
    }
    if (kind === 'G') pour(socket, total);
    if (kind === 'S') {
      let got = head.length - 16;
      socket.on('data', (chunk) => {
        got += chunk.length;
        if (got >= total) socket.end('k');
      });
    }
  });
});

const open = (port, kind, total) =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.write(kind + String(total).padStart(15));
      resolve(socket);
    });
  });

async function push(port, total) {
  const socket = await open(port, 'S', total);
  const began = performance.now();
  pour(socket, total);
  await new Promise((resolve) => socket.once('data', resolve));
  const took = performance.now() - began;
  socket.destroy();
  return took;
}

async function pull(port, total) {
  const socket = await open(port, 'G', total);
  const began = performance.now();
  let got = 0;
  await new Promise((resolve) => {
    socket.on('data', (chunk) => {
      got += chunk.length;
      if (got >= total) resolve();
    });
  });
  const took = performance.now() - began;
  socket.destroy();
  return took;
}

/** Round trips of a small message, one after the other, in ms, sorted. */
async function ping(port, forMs, mostCount) {
  const socket = await open(port, 'E', 0);
  const message = Buffer.alloc(64, 'm');
  const times = [];
  const until = performance.now() + forMs;
  while (times.length < mostCount && performance.now() < until) {
    const began = performance.now();
    socket.write(message);
    for (let got = 0; got < message.length; ) {
      const [chunk] = await new Promise((resolve) => socket.once('data', (data) => resolve([data])));
      got += chunk.length;
    }
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  socket.destroy();
  return times.sort((a, b) => a - b);
}

let flowing = [];
const orders = {
  push: ({ port, total }) => push(port, total),
  pull: ({ port, total }) => pull(port, total),
  ping: ({ port, forMs, count }) => ping(port, forMs, count),
  /** Bulk in both directions until told to stop. */
  flow: async ({ port }) => {
    const [there, back] = await Promise.all([open(port, 'S', 1e15), open(port, 'G', 1e15)]);
    pour(there, 1e15);
    back.resume();
    flowing = [there, back];
  },
  still: async () => {
    for (const socket of flowing) socket.on('error', () => {}).destroy();
  },
};

far.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ far: far.address().port })));
createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const order = JSON.parse(line);
    try {
      console.log(JSON.stringify({ value: (await orders[order.do](order)) ?? null }));
    } catch (cause) {
      console.log(JSON.stringify({ error: String(cause) }));
    }
  })
  .on('close', () => process.exit(0));
