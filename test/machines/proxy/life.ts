import { expect, test } from 'vitest';
import { failure } from '../support/rows.js';
import { about, aProxy, proxyInput } from '../support/shownParts.js';

const launched = { type: 'proxy.launched', pid: 77, at: 2 } as const;
const up = () => {
  const proxy = aProxy();
  proxy.tell(launched);
  proxy.tell({ type: 'proxy.up', at: 5 });
  proxy.news();
  proxy.heard();
  return proxy;
};
const stopped = () => {
  const proxy = up();
  proxy.tell({ type: 'proxy.stalled', forMs: 10_000 });
  return proxy;
};
const unreading = () => {
  const proxy = up();
  proxy.send({ type: 'proxy.unread', forMs: 10_000 } as { type: string });
  return proxy;
};

test('a proxy is launched, and its picture comes up', () => {
  const proxy = aProxy();
  expect(proxy.port.last.input).toEqual(proxyInput);
  expect(proxy.tags()).toEqual(['launching']);
  proxy.tell(launched);
  expect(proxy.news()).toEqual([{ ...about, type: 'proxy.started', pid: 77 }]);
  expect(proxy.context().pid).toBe(77);
  proxy.tell({ type: 'proxy.up', at: 5 });
  expect(proxy.tags()).toEqual(['up']);
  expect(proxy.heard()).toEqual([
    { type: 'proxy.running', at: 2 },
    { type: 'proxy.shown', at: 5 },
  ]);
});

test('an hour of an idle desktop is no fault', () => {
  const proxy = up();
  for (let minute = 0; minute < 60; minute += 1) proxy.pass(60_000);
  expect(proxy.tags()).toEqual(['up']);
  expect(proxy.news()).toEqual([]);
  expect(proxy.port.last.heard).toEqual([]);
});

test('when it was reaped it says how it ended, and when', () => {
  const end = { how: 'killed', failure: failure('proxy.failed', true) } as const;
  const proxy = up();
  proxy.reap(end, 60);
  expect(proxy.news()).toEqual([{ ...about, type: 'proxy.exited', ...end }]);
  expect(proxy.end()).toEqual({ output: { end, at: 60 } });
});

test('a child actor that crashed is a proxy that failed', () => {
  const proxy = aProxy();
  proxy.port.last.crash();
  expect(proxy.end()).toMatchObject({ output: { end: { how: 'failed', failure: { code: 'unexpected' } } } });
});

test.each(['launching', 'up', 'stopped', 'unreading', 'terminating', 'killing'] as const)(
  '%s: told to close, it is asked to end, then killed, then given up, each after its grace',
  (place) => {
    const proxy = { launching: aProxy, up, stopped, unreading, terminating: up, killing: up }[place]();
    const close = () => proxy.send({ type: 'proxy.close' });
    close();
    expect(proxy.tags()).toEqual(['terminating']);
    if (place === 'terminating') close();
    expect(proxy.asked()).toEqual(['proxy.end']);
    proxy.pass(1_950);
    expect(proxy.asked()).toEqual([]);
    proxy.pass(50);
    expect(proxy.asked()).toEqual(['proxy.kill']);
    if (place === 'killing') close();
    proxy.pass(950);
    expect(proxy.end()).toBe(undefined);
    proxy.pass(50);
    expect(proxy.asked()).toEqual([]);
    expect(proxy.end()).toMatchObject({
      output: { end: { how: 'failed', failure: { code: 'proxy.failed' } } },
    });
  },
);

test('one that ends when it is asked to ends in order', () => {
  const proxy = up();
  proxy.send({ type: 'proxy.close' });
  proxy.reap();
  expect(proxy.end()).toEqual({ output: { end: { how: 'ended' }, at: 9 } });
  expect(proxy.news()).toEqual([{ ...about, type: 'proxy.exited', how: 'ended' }]);
});

test.each([
  ['stopped', stopped, { type: 'proxy.moving' }],
  ['unreading', unreading, { type: 'proxy.read' }],
] as const)('%s for ten seconds is warned of; one that moves again is left alone', (_name, way, again) => {
  const proxy = way();
  expect(proxy.tags()).toEqual(['stalled']);
  expect(proxy.news()).toEqual([{ ...about, type: 'proxy.stalled', forMs: 10_000 }]);
  proxy.pass(19_950);
  proxy.tell(again);
  expect(proxy.tags()).toEqual(['up']);
  proxy.pass(3_600_000);
  expect(proxy.asked()).toEqual([]);
});

test.each([stopped, unreading])('one that does not is killed after twenty seconds more (%#)', (way) => {
  const proxy = way();
  proxy.pass(20_000);
  expect(proxy.tags()).toEqual(['terminating']);
  expect(proxy.asked()).toEqual(['proxy.kill']);
  proxy.reap({ how: 'killed' });
  expect(proxy.end()).toMatchObject({
    output: { end: { how: 'failed', failure: { code: 'proxy.stalled' } } },
  });
});

test('one that cannot even be killed is given up', () => {
  const proxy = stopped();
  proxy.pass(20_950);
  expect(proxy.end()).toBe(undefined);
  proxy.send({ type: 'proxy.close' });
  expect(proxy.asked()).toEqual(['proxy.kill']);
  proxy.pass(50);
  expect(proxy.end()).toMatchObject({ output: { end: { failure: { code: 'proxy.stalled' } } } });
});

test('one that does not read and is then stopped is warned of twice', () => {
  const proxy = unreading();
  proxy.pass(15_000);
  proxy.tell({ type: 'proxy.stalled', forMs: 10_000 });
  expect(proxy.news()).toHaveLength(2);
  proxy.pass(15_000);
  proxy.tell({ type: 'proxy.moving' });
  expect(proxy.tags()).toEqual(['up']);
});

test('its times can be set', () => {
  const proxy = up();
  proxy.child.getSnapshot().context.timing = { replaceAfter: 100, grace: 500, reap: 50 };
  proxy.tell({ type: 'proxy.stalled', forMs: 10_000 });
  proxy.pass(100);
  expect(proxy.asked()).toEqual(['proxy.kill']);
  proxy.pass(50);
  expect(proxy.tags()).toEqual(['terminated']);
});
