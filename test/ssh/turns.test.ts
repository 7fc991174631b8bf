import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { Turns } from '../../src/ssh/turns.js';

const never = new AbortController().signal;
/** Lets what is settled be told. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

function queue(most: number) {
  const turns = new Turns(most);
  const gives = new Map<string, () => void>();
  const ask = (name: string, signal = never) =>
    turns.take(signal).then(
      (give) => void gives.set(name, give),
      () => void gives.set(`no ${name}`, () => undefined),
    );
  const told = async () => {
    await settle();
    return [...gives.keys()];
  };
  return { ask, told, give: (name: string) => gives.get(name)?.() };
}

test('so many at once, the others in their order', async () => {
  const { ask, told, give } = queue(2);
  for (const name of ['a', 'b', 'c', 'd']) void ask(name);
  expect(await told()).toEqual(['a', 'b']);
  give('b');
  expect(await told()).toEqual(['a', 'b', 'c']);
  give('a');
  expect(await told()).toEqual(['a', 'b', 'c', 'd']);
});

test('whoever has his turn no longer listens whether he is to give up', async () => {
  const { ask, told, give } = queue(1);
  const { signal } = new AbortController();
  void ask('a', signal);
  void ask('b', signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  await told();
  give('a');
  expect(await told()).toEqual(['a', 'b']);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('whoever gives up while he waits takes nobody’s turn', async () => {
  const { ask, told, give } = queue(1);
  const giveUp = new AbortController();
  void ask('a');
  void ask('b', giveUp.signal);
  void ask('c');
  giveUp.abort();
  expect(await told()).toEqual(['a', 'no b']);
  give('a');
  expect(await told()).toEqual(['a', 'no b', 'c']);
  give('c');
  void ask('d');
  expect(await told()).toEqual(['a', 'no b', 'c', 'd']);
});

test('whoever has given up before is refused', async () => {
  const { ask, told } = queue(1);
  void ask('a', AbortSignal.abort());
  void ask('b');
  expect((await told()).toSorted()).toEqual(['b', 'no a']);
});
