/** Requests that no browser would send, byte for byte, to the server of the live page. */
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pageFolder } from '../../src/cli/page.js';
import { type PageServer, servePage } from '../../src/inspection/pageServer.js';
import { FakeFeed } from '../page/support/fakeFeed.js';

let page: PageServer;
const asked: unknown[] = [];
beforeAll(async () => {
  const control = async (what: unknown) => void asked.push(what);
  const why = (session: string) => `nothing is known of ${session}`;
  page = await servePage({ source: { ...new FakeFeed().source, control, why }, folder: pageFolder() });
});
afterAll(() => page.close());

/** Sends bytes, and reads until the server closes, or has said all it has to say. */
const send = (request: string) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect(page.port, '127.0.0.1', () => socket.write(request));
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text)).on('error', reject);
  });
const head = (line: string, ...more: readonly string[]) =>
  [line, `Host: 127.0.0.1:${page.port}`, 'Connection: close', ...more, '', ''].join('\r\n');
const get = (path: string, ...more: readonly string[]) =>
  head(`GET ${path} HTTP/1.1`, `X-Guardian-Token: ${page.token}`, ...more);
const ours = () => `Origin: http://127.0.0.1:${page.port}`;
const wish = JSON.stringify({ verb: 'terminate', profile: 'p0', session: 'alice-0' });

const tried: readonly (readonly [what: string, request: () => string])[] = [
  ...[
    '/../../../../etc/passwd',
    '/..%2f..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/%252e%252e/package.json',
    '/..\\..\\package.json',
    '/....//....//package.json',
    '//etc/passwd',
    '//',
    '/file:///etc/passwd',
    'http://evil.example/main.js%00.png',
    'http://[',
    '/index.html%00.js',
    '/__proto__',
    '/constructor',
    '/%ff%fe',
  ].map((path) => [`GET ${path}`, () => get(path)] as const),
  ['no token', () => head('GET /tree HTTP/1.1')],
  ['an empty token', () => head('GET /tree HTTP/1.1', 'X-Guardian-Token:')],
  [
    'the token as a cookie of another port',
    () => head('GET /tree HTTP/1.1', `Cookie: x2go-guardian-1=${page.token}`),
  ],
  [
    'two cookies, the first of them wrong',
    () => head('GET /tree HTTP/1.1', `Cookie: x2go-guardian-${page.port}=; a=${page.token}`),
  ],
  ['the token in the address of the feed', () => head(`GET /feed?token=${page.token} HTTP/1.1`)],
  [
    'another host that begins like ours',
    () => get('/tree').replace(`:${page.port}`, `:${page.port}.evil.example`),
  ],
  ['two hosts', () => get('/tree', 'Host: evil.example')],
  ['no host', () => `GET /tree HTTP/1.0\r\nX-Guardian-Token: ${page.token}\r\n\r\n`],
  ['the origin of a file', () => get('/tree', 'Origin: null')],
  ['an origin that begins like ours', () => get('/tree', `${ours()}.evil.example`)],
  ['the page as a picture elsewhere', () => get('/tree', 'Sec-Fetch-Site: cross-site')],
  ['TRACE', () => get('/tree').replace('GET', 'TRACE')],
  ['OPTIONS', () => get('/tree').replace('GET', 'OPTIONS')],
  ['PUT', () => get('/index.html').replace('GET', 'PUT')],
  ['CONNECT', () => get('evil.example:22').replace('GET', 'CONNECT')],
  ['an upgrade', () => get('/nothing', 'Upgrade: websocket', 'Connection: Upgrade')],
  ['control by GET', () => get(`/control?${new URLSearchParams({ body: wish })}`, ours())],
  [
    'control by a form',
    () =>
      get('/control', ours(), 'Content-Type: text/plain', `Content-Length: ${wish.length}`).replace(
        'GET',
        'POST',
      ) + wish,
  ],
  [
    'control with the token for its key',
    () =>
      get('/control', ours(), `X-Guardian-Control: ${page.token}`, `Content-Length: ${wish.length}`).replace(
        'GET',
        'POST',
      ) + wish,
  ],
  [
    'a request within a request',
    () =>
      get('/nothing', 'Content-Length: 4', 'Transfer-Encoding: chunked').replace('GET', 'POST') +
      `0\r\n\r\n${get('/tree')}`,
  ],
  ['a header without end', () => `GET / HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
  [
    'a name that would be a second header',
    () => get('/why?session=a%0d%0aSet-Cookie:%20x=y%0d%0a%0d%0a<script>').replace(page.token, 'x'),
  ],
];

test.each(tried)('%s is refused, and nothing is done or shown', async (_, request) => {
  const answer = await send(request());
  const [status = '', ...headers] = (answer.split('\r\n\r\n')[0] ?? '').split('\r\n');
  // A connection that is closed without a word is a refusal too.
  if (answer !== '') expect(status).toMatch(/^HTTP\/1\.1 (400|403|404|405|431) /);
  expect(answer).not.toMatch(/root:|"dependencies"|<script|"actors"/);
  expect(headers.join('\n')).not.toMatch(/^set-cookie|^access-control/im);
  expect(answer).not.toContain(page.token);
  expect(asked).toEqual([]);
});

test('after all of that it still answers whoever may ask', async () => {
  expect(await send(get('/tree'))).toMatch(/^HTTP\/1\.1 200 /);
});
