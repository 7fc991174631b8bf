import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pageFolder } from '../../src/cli/page.js';
import { type PageServer, servePage } from '../../src/inspection/pageServer.js';
import { FakeFeed } from './support/fakeFeed.js';

let page: PageServer;
let controlled: PageServer;
const asked: unknown[] = [];
beforeAll(async () => {
  const folder = pageFolder();
  page = await servePage({ source: new FakeFeed().source, folder });
  const control = async (what: unknown) => void asked.push(what);
  controlled = await servePage({ source: { ...new FakeFeed().source, control }, folder });
});
afterAll(async () => {
  await page.close();
  await controlled.close();
});

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** By hand: a browser would not send most of this. */
function ask(server: PageServer, { method = 'GET', path = '/tree', headers = {}, body }: Asked = {}) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>(
    (resolve, reject) => {
      const asking = request({ host: '127.0.0.1', port: server.port, method, path, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      });
      asking.on('error', reject);
      asking.end(body);
    },
  );
}

const withToken = (server: PageServer, more: Readonly<Record<string, string>> = {}) => ({
  'x-guardian-token': server.token,
  ...more,
});

describe('who is let in', () => {
  test.each<readonly [string, number, (server: PageServer) => Asked]>([
    ['with the token', 200, (server) => ({ headers: withToken(server) })],
    [
      'with the cookie',
      200,
      (server) => ({ headers: { cookie: `a=b; x2go-guardian-${server.port}=${server.token}` } }),
    ],
    [
      'by its other name',
      200,
      (server) => ({ headers: withToken(server, { host: `localhost:${server.port}` }) }),
    ],
    ['without a token', 403, () => ({})],
    ['without a token, for what is remembered', 403, () => ({ path: '/history?id=guardian' })],
    [
      'with a wrong one',
      403,
      (server) => ({ headers: { 'x-guardian-token': server.token.replace(/^./, 'x') } }),
    ],
    ['with a part of it', 403, (server) => ({ headers: { 'x-guardian-token': server.token.slice(0, -1) } })],
    [
      'with the token in the address of anything but the page',
      403,
      (server) => ({ path: `/tree?token=${server.token}` }),
    ],
    [
      'by a name that somebody else made point here',
      403,
      (server) => ({ headers: withToken(server, { host: `evil.example:${server.port}` }) }),
    ],
    [
      'from a page elsewhere',
      403,
      (server) => ({ headers: withToken(server, { origin: 'http://evil.example' }) }),
    ],
    [
      'from another port of this machine',
      403,
      (server) => ({ headers: withToken(server, { origin: 'http://127.0.0.1:1' }) }),
    ],
    [
      'as a picture in a page of another port',
      403,
      (server) => ({ headers: withToken(server, { 'sec-fetch-site': 'same-site' }) }),
    ],
  ])('%s: %i', async (_how, status, how) => {
    expect((await ask(page, how(page))).status).toBe(status);
  });

  test('the printed address works once and leaves a cookie that no script can read', async () => {
    const { status, headers } = await ask(page, { path: `/?token=${page.token}` });
    expect(status).toBe(200);
    expect(String(headers['set-cookie'])).toMatch(
      /^x2go-guardian-\d+=[0-9a-f]{32}; HttpOnly; SameSite=Strict; Path=\/$/,
    );
  });

  test('every answer forbids what a page does not need', async () => {
    for (const headers of [{}, withToken(page)]) {
      const answer = await ask(page, { path: '/', headers });
      expect(answer.headers).toMatchObject({
        'content-security-policy': expect.stringMatching(/^default-src 'self';.*frame-ancestors 'none'/),
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test.each(['/../package.json', '/%2e%2e/package.json', '/main.ts', '/constructor'])(
    '%s is not there',
    async (path) => {
      expect((await ask(page, { path, headers: withToken(page) })).status).toBe(404);
    },
  );
});

test('an answer that breaks off in the middle is cut, not left waiting', async () => {
  const feed = () => {
    throw new Error('planted');
  };
  const broken = await servePage({ source: { ...new FakeFeed().source, feed }, folder: pageFolder() });
  await expect(ask(broken, { path: '/feed', headers: withToken(broken) })).rejects.toThrow(/aborted|hang up/);
  await broken.close();
});

describe('control', () => {
  const body = JSON.stringify({ verb: 'suspend', profile: 'p0', session: 'alice-0' });
  const post = async (server: PageServer, headers: Readonly<Record<string, string>>, what = body) =>
    (await ask(server, { method: 'POST', path: '/control', headers: withToken(server, headers), body: what }))
      .status;
  const keyOf = async (server: PageServer) =>
    String(JSON.parse((await ask(server, { path: '/about', headers: withToken(server) })).text).controlKey);

  test('is refused where it was not allowed', async () => {
    expect(await keyOf(page)).toBe('null');
    expect(await post(page, { origin: `http://127.0.0.1:${page.port}` })).toBe(403);
  });

  test('is for our own page alone, and for what it knows', async () => {
    const origin = `http://127.0.0.1:${controlled.port}`;
    const key = await keyOf(controlled);
    expect(await post(controlled, { origin })).toBe(403);
    expect(await post(controlled, { 'x-guardian-control': key })).toBe(403);
    expect(await post(controlled, { origin, 'x-guardian-control': controlled.token })).toBe(403);
    expect(await post(controlled, { origin, 'x-guardian-control': key }, '{"verb":"format"}')).toBe(400);
    expect(await post(controlled, { origin, 'x-guardian-control': key }, 'x'.repeat(5_000))).toBe(400);
    expect(asked).toEqual([]);
    expect(await post(controlled, { origin, 'x-guardian-control': key })).toBe(200);
    expect(asked).toEqual([{ verb: 'suspend', profile: 'p0', session: 'alice-0' }]);
  });

  test('nothing but that can be posted, and GET does nothing', async () => {
    const headers = withToken(controlled);
    expect((await ask(controlled, { method: 'POST', path: '/tree', headers })).status).toBe(405);
    expect((await ask(controlled, { method: 'DELETE', path: '/tree', headers })).status).toBe(405);
    expect((await ask(controlled, { path: '/control', headers })).status).toBe(404);
    expect(asked).toHaveLength(1);
  });
});
