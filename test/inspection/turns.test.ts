import { expect, test } from 'vitest';
import { createActor, createMachine, sendTo } from 'xstate';
import type { FeedLine } from '../../src/inspection/feed.js';
import { Inspection } from '../../src/inspection/inspection.js';

const toItself = (type: string) => sendTo(({ self }) => self, { type });

test('events that were sent while another one was taken up are told once each, in their turn', () => {
  const told: string[] = [];
  const inspection = new Inspection(
    () => 0,
    (cause) => {
      throw cause;
    },
  );
  const chart = createMachine({
    id: 'chart',
    on: {
      begin: { actions: ['first', 'second', 'third'].map(toItself) },
      second: { actions: toItself('fourth') },
    },
  });
  const root = createActor(chart);
  inspection.watch(root);
  root.start();
  const off = inspection.feed(root, (line: FeedLine) => {
    if (line.t === 'event') told.push(line.type);
  });
  root.send({ type: 'begin' });
  root.send({ type: 'last' });
  expect(told).toEqual(['begin', 'first', 'second', 'third', 'fourth', 'last']);
  off();
  root.stop();
});
