import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { pageFolder, pageOf } from '../../src/cli/page.js';
import type { FeedLine } from '../../src/inspection/feed.js';
import { type PageServer, servePage } from '../../src/inspection/pageServer.js';
import { everyFlag } from '../support/guard.js';
import { live } from '../support/life.js';
import { eventually } from '../support/until.js';
import { FakeFeed } from './support/fakeFeed.js';

/** Asks for the feed by hand, and reads what comes when it is told to. */
function reader({ port, token }: PageServer) {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET /feed HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Guardian-Token: ${token}\r\n\r\n`);
  let text = '';
  const hear = (chunk: Buffer) => {
    text += chunk.toString('utf8');
  };
  return {
    socket,
    read: () => void socket.on('data', hear),
    rest: () => void socket.off('data', hear).pause(),
    get bytes() {
      return text.length;
    },
    get lines(): FeedLine[] {
      const words = text.split('\n').filter((line) => line.startsWith('data: ') && line.endsWith('}'));
      return words.flatMap((line) => parsed(line.slice(6)));
    },
  };
}

/** The last one may have come in part. */
function parsed(line: string): FeedLine[] {
  try {
    return [JSON.parse(line) as FeedLine];
  } catch {
    return [];
  }
}

/** What is still referred to. */
function held(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a page that does not read makes nothing pile up, and has a fresh tree once it reads again', async () => {
  const feed = new FakeFeed(50);
  const server = await servePage({ source: feed.source, folder: pageFolder() });
  const slow = reader(server);
  try {
    slow.read();
    await eventually('the first tree', () => slow.lines.length > 0);
    slow.rest();
    const before = held();
    let told = 0;
    const stop = feed.source.feed((line) => {
      told += JSON.stringify(line).length;
    });
    while (told < 24 * 1024 * 1024) {
      for (let n = 0; n < 500; n++) feed.turn();
      await turn();
    }
    stop();
    expect(held() - before).toBeLessThan(8 * 1024 * 1024);
    expect(feed.listeners).toBe(1);

    slow.read();
    slow.socket.resume();
    const fresh = () => slow.lines.findLast((line) => line.t === 'tree');
    const now = JSON.stringify(feed.source.tree().root);
    await eventually('a fresh tree', () => JSON.stringify(fresh()?.tree.root) === now, 10_000);
    // What the system holds of a connection, and a little of ours.
    expect(slow.bytes).toBeLessThan(14 * 1024 * 1024);
    feed.turn();
    await eventually('the next line', () => slow.lines.at(-1)?.t === 'state');
    const [last, ...others] = slow.lines.toReversed();
    expect(last?.seq).toBe((fresh()?.seq ?? 0) + 2);
    expect(others.length).toBeGreaterThan(0);

    slow.socket.destroy();
    await eventually('nobody listens', () => feed.listeners === 0);
  } finally {
    slow.socket.destroy();
    await server.close();
  }
});

/** What keeps this process alive beyond what kept it before. */
function handlesBeyond(before: readonly string[]): readonly string[] {
  const known = [...before];
  return process.getActiveResourcesInfo().filter((name) => {
    const place = known.indexOf(name);
    if (place >= 0) known.splice(place, 1);
    return place < 0 && /^(TCP|Timeout)/.test(name);
  });
}

test('after the end no listener, connection or timer is left, with somebody still looking', async () => {
  const before = process.getActiveResourcesInfo();
  const life = await live(everyFlag);
  const server = await servePage({ source: pageOf(life.guardian, {}), folder: pageFolder() });
  const looking: Socket[] = [];
  for (let n = 0; n < 3; n++) {
    const page = reader(server);
    page.read();
    looking.push(page.socket);
    await eventually('the tree', () => page.lines.length > 0);
  }
  const closed = Promise.all(looking.map((socket) => once(socket, 'close')));
  await life[Symbol.asyncDispose]();
  await server.close();
  await closed;
  const refused = connect(server.port, '127.0.0.1');
  const [cause] = await once(refused, 'error');
  expect(cause).toMatchObject({ code: 'ECONNREFUSED' });
  await eventually('nothing is left', () => handlesBeyond(before).length === 0);
});
