import { expect, test } from 'vitest';
import { failure } from '../support/rows.js';
import { about, aTunnel } from '../support/shownParts.js';

const opened = { type: 'tunnel.opened', port: 40_001, at: 7 } as const;
const traffic = { type: 'tunnel.traffic', sent: 10, received: 20, channels: 1, refused: 2 } as const;

test('a tunnel is opened, and says where', () => {
  const tunnel = aTunnel();
  expect(tunnel.tags()).toEqual(['opening']);
  expect(tunnel.port.last.input).toEqual({ ...about, tunnel: 'graphics', serverPort: 30_001 });
  tunnel.tell(opened);
  expect(tunnel.tags()).toEqual(['open']);
  expect(tunnel.news()).toEqual([{ ...about, type: 'tunnel.opened', tunnel: 'graphics', port: 40_001 }]);
  expect(tunnel.heard()).toEqual([{ type: 'tunnel.ready', tunnel: 'graphics', port: 40_001, at: 7 }]);
});

test('closed, it tells what went through it, and its forward is gone', () => {
  const tunnel = aTunnel('sound');
  tunnel.tell(opened);
  tunnel.news();
  tunnel.send({ type: 'tunnel.close' });
  tunnel.send({ type: 'tunnel.close' });
  expect(tunnel.port.last.heard).toEqual([{ type: 'tunnel.close' }]);
  tunnel.tell(traffic);
  tunnel.tell({ type: 'tunnel.ended' });
  expect(tunnel.news()).toEqual([
    { ...about, type: 'tunnel.closed', tunnel: 'sound', sent: 10, received: 20, refused: 2 },
  ]);
  expect(tunnel.end()).toEqual({ output: {} });
  expect(tunnel.port.live).toEqual([]);
});

test('closed, it does not wait for last words that do not come, and what breaks then is no failure', () => {
  const silent = aTunnel('sound');
  silent.tell(opened);
  silent.send({ type: 'tunnel.close' });
  silent.pass(500);
  expect(silent.end()).toEqual({ output: {} });
  const broken = aTunnel('sound');
  broken.tell(opened);
  broken.send({ type: 'tunnel.close' });
  broken.tell({ type: 'tunnel.failed', failure: failure('ssh.closed', true) });
  expect(broken.end()).toEqual({ output: {} });
});

test('a tunnel that ends with the one connection it was for has not failed', () => {
  const tunnel = aTunnel();
  tunnel.tell(opened);
  tunnel.tell({ type: 'tunnel.ended' });
  expect(tunnel.end()).toEqual({ output: {} });
});

test.each([true, false])('one that fails says why (after it was open: %s)', (wasOpen) => {
  const tunnel = aTunnel('sound');
  if (wasOpen) tunnel.tell(opened);
  tunnel.news();
  const denied = failure('tunnel.denied', false);
  tunnel.tell({ type: 'tunnel.failed', failure: denied });
  expect(tunnel.news()).toEqual([{ ...about, type: 'tunnel.failed', tunnel: 'sound', failure: denied }]);
  expect(tunnel.end()).toEqual({ output: { failure: denied } });
});

test('a forward that crashed is a tunnel that failed', () => {
  const tunnel = aTunnel();
  tunnel.port.last.crash();
  expect(tunnel.news()).toMatchObject([{ type: 'tunnel.failed', failure: { code: 'unexpected' } }]);
  expect(tunnel.end()).toMatchObject({ output: { failure: { code: 'unexpected' } } });
});

test('a reader that does not read is told of, once, and when it reads again', () => {
  const tunnel = aTunnel();
  tunnel.tell(opened);
  tunnel.news();
  tunnel.heard();
  tunnel.tell({ type: 'tunnel.stalled', forMs: 10_000 });
  tunnel.tell({ type: 'tunnel.stalled', forMs: 11_000 });
  expect(tunnel.tags()).toEqual(['stalled']);
  expect(tunnel.news()).toEqual([{ ...about, type: 'tunnel.stalled', tunnel: 'graphics', forMs: 10_000 }]);
  tunnel.tell({ type: 'tunnel.moving' });
  expect(tunnel.tags()).toEqual(['open']);
  expect(tunnel.heard()).toEqual([
    { type: 'tunnel.unread', tunnel: 'graphics', forMs: 10_000 },
    { type: 'tunnel.read', tunnel: 'graphics' },
  ]);
});

test('paused and resumed, it hands that on to its forward', () => {
  const tunnel = aTunnel();
  tunnel.send({ type: 'tunnel.pause' });
  expect(tunnel.port.last.heard).toEqual([]);
  tunnel.tell(opened);
  tunnel.send({ type: 'tunnel.pause' });
  tunnel.send({ type: 'tunnel.pause' });
  expect(tunnel.tags()).toEqual(['paused']);
  tunnel.send({ type: 'tunnel.resume' });
  expect(tunnel.tags()).toEqual(['open']);
  expect(tunnel.port.last.heard).toEqual([{ type: 'tunnel.pause' }, { type: 'tunnel.resume' }]);
});
