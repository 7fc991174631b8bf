import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { X2GoError } from '../../src/errors.js';
import { ChannelSlots, type Slot } from '../../src/ssh/channels.js';

const refused = () => new X2GoError('channel.refused', 'planted: MaxSessions');
const settled = async () => {
  for (let n = 0; n < 30; n += 1) await Promise.resolve();
};

/** A server that grants so many channels at once, and the slots in front of it. Pauses pass at once. */
function aServer(grants = Number.POSITIVE_INFINITY) {
  const pauses: number[] = [];
  const slots = new ChannelSlots(async (ms) => void pauses.push(ms));
  const opened: string[] = [];
  const asked: string[] = [];
  const errors = new Map<string, unknown>();
  const held = new Map<string, Slot<string>>();
  const open = (
    name: string,
    { signal = new AbortController().signal, yields = undefined as (() => void) | undefined } = {},
  ) =>
    slots
      .open(
        async () => {
          asked.push(name);
          if (held.size + opening >= grants) throw refused();
          opening += 1;
          await Promise.resolve();
          opening -= 1;
          opened.push(name);
          return name;
        },
        signal,
        yields,
      )
      .then((slot) => void held.set(name, slot))
      .catch((cause) => void errors.set(name, cause));
  let opening = 0;
  const free = (name: string) => {
    const slot = held.get(name);
    held.delete(name);
    slot?.free();
    return slot;
  };
  return { open, free, opened, asked, errors, pauses, held };
}
const names = (count: number) => Array.from({ length: count }, (_, n) => `c${n}`);

describe('a server that grants what is asked', () => {
  test('has eight channels open at once, the others wait in the order they came', async () => {
    const { open, free, opened, asked } = aServer();
    for (const name of names(11)) void open(name);
    await settled();
    expect(opened).toEqual(names(8));
    free('c5');
    await settled();
    expect(opened.slice(8)).toEqual(['c8']);
    free('c0');
    free('c1');
    await settled();
    expect(asked).toEqual(names(11));
  });

  test('who waited no longer listens whether he is to give up', async () => {
    const { open, free, opened } = aServer();
    for (const name of names(8)) void open(name);
    const { signal } = new AbortController();
    void open('late', { signal });
    await settled();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    free('c0');
    await settled();
    expect(opened.at(-1)).toBe('late');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('freeing twice makes room once', async () => {
    const { open, free, opened } = aServer();
    for (const name of names(10)) void open(name);
    await settled();
    free('c0')?.free();
    await settled();
    expect(opened).toHaveLength(9);
  });

  test('who gives up waiting leaves the queue, and his turn goes to the next one', async () => {
    const { open, free, opened, errors } = aServer();
    const patience = new AbortController();
    for (const name of names(8)) void open(name);
    void open('gives up', { signal: patience.signal });
    void open('waits');
    await settled();
    patience.abort('too slow');
    await settled();
    expect(errors.get('gives up')).toBe('too slow');
    free('c0');
    await settled();
    expect(opened.slice(8)).toEqual(['waits']);
  });

  test('who came with his patience gone is not served', async () => {
    const { open, asked, errors } = aServer();
    await open('late', { signal: AbortSignal.abort('gone') });
    expect(asked).toEqual([]);
    expect(errors.get('late')).toBe('gone');
  });
});

describe('a server that grants fewer', () => {
  test('is asked for no more than it granted, and all come in their turn', async () => {
    const { open, free, opened, asked, held, errors } = aServer(2);
    for (const name of names(6)) void open(name);
    await settled();
    expect([...held.keys()]).toHaveLength(2);
    const before = asked.length;
    for (let round = 0; round < 4; round += 1) {
      const [first = ''] = held.keys();
      free(first);
      await settled();
      expect(held.size).toBe(2);
    }
    expect(asked.length - before).toBe(4);
    expect([...opened].sort()).toEqual(names(6));
    expect(errors.size).toBe(0);
  });

  test('one refusal alone is not believed: sshd may still count a channel that has closed', async () => {
    let refusals = 1;
    const slots = new ChannelSlots(async () => undefined);
    const { signal } = new AbortController();
    await slots.open(async () => 'first', signal);
    await slots.open(async () => {
      if (refusals-- > 0) throw refused();
      return 'second';
    }, signal);
    let third = false;
    await slots.open(async () => {
      third = true;
    }, signal);
    expect(third).toBe(true);
  });

  test('none at all is told, after some patience', async () => {
    const { open, errors, pauses } = aServer(0);
    await open('c0');
    expect(errors.get('c0')).toMatchObject({ code: 'channel.refused' });
    expect(pauses.length).toBeGreaterThan(1);
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  });

  test('any other failure is passed on at once, and holds no place', async () => {
    const slots = new ChannelSlots(async () => undefined);
    const { signal } = new AbortController();
    const broken = new X2GoError('ssh.closed', 'planted');
    for (let n = 0; n < 20; n += 1)
      await expect(slots.open(() => Promise.reject(broken), signal)).rejects.toBe(broken);
    expect((await slots.open(async () => 'still', signal)).channel).toBe('still');
  });
});

describe('a channel that gives way', () => {
  test('does so when the server grants no other one, and is not opened again there', async () => {
    const server = aServer(1);
    let yielded = 0;
    await server.open('watch', {
      yields: () => {
        yielded += 1;
        server.free('watch');
      },
    });
    await server.open('listing');
    expect(yielded).toBe(1);
    expect(server.opened).toEqual(['watch', 'listing']);
    await server.open('watch again', { yields: () => undefined });
    expect(server.errors.get('watch again')).toMatchObject({ code: 'channel.refused' });
  });

  test('stays where there is room for others', async () => {
    const server = aServer(2);
    const yielded: string[] = [];
    await server.open('watch', { yields: () => void yielded.push('watch') });
    void server.open('a');
    void server.open('b');
    await settled();
    server.free('a');
    await settled();
    expect(server.opened).toEqual(['watch', 'a', 'b']);
    expect(yielded).toEqual([]);
  });
});
