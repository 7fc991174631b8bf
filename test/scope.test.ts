import { describe, expect, test } from 'vitest';
import { type Dispose, type Outcome, Scope } from '../src/scope.js';

/** A scope on a clock of its own, and what was disposed of in which order. */
function aScope() {
  let now = 0;
  const order: string[] = [];
  const scope = new Scope(() => now);
  const noting =
    (id: string, outcome: Outcome = 'closed'): Dispose =>
    () => {
      order.push(id);
      now += 10;
      return outcome;
    };
  /** Waits until it is hurried; politely it would take for ever. */
  const hanging =
    (id: string): Dispose =>
    (hurry) =>
      new Promise((resolve) => {
        const cut = () => {
          order.push(id);
          resolve('forced');
        };
        if (hurry.aborted) cut();
        hurry.addEventListener('abort', cut);
      });
  return { scope, order, noting, hanging };
}
const ids = (entries: readonly { readonly id: string; readonly outcome: Outcome }[]) =>
  entries.map(({ id, outcome }) => `${id} ${outcome}`);

describe('closing', () => {
  test('gives back in reverse order, each waiting for the one before', async () => {
    const { scope, order, noting } = aScope();
    scope.own('transport', 'first', noting('first'));
    scope.own('channel', 'slow', async () => {
      await Promise.resolve();
      return noting('slow')(new AbortController().signal);
    });
    scope.own('watch', 'last', noting('last'));
    const report = await scope.close();
    expect(order).toEqual(['last', 'slow', 'first']);
    expect(report).toEqual([
      { kind: 'watch', id: 'last', outcome: 'closed', tookMs: 10 },
      { kind: 'transport', id: 'first', outcome: 'closed', tookMs: 10 },
    ]);
    expect(scope.open).toEqual([]);
  });

  test('a second time does nothing and reports nothing', async () => {
    const { scope, order, noting } = aScope();
    scope.own('transport', 't', noting('t'));
    await scope.close();
    expect(await scope.close()).toEqual([]);
    expect(order).toEqual(['t']);
  });

  test('what was given back before is reported and not disposed of again', async () => {
    const { scope, order, noting } = aScope();
    const give = scope.own('transport', 't', noting('t'));
    expect(await give()).toEqual(await give());
    expect(ids(await scope.close())).toEqual(['t closed']);
    expect(order).toEqual(['t']);
  });

  test('a disposer that throws or rejects has failed, says why, and stops nobody', async () => {
    const { scope, order, noting } = aScope();
    scope.own('transport', 't', noting('t'));
    scope.own('watch', 'throws', () => {
      throw new Error('planted throw');
    });
    scope.own('timer', 'rejects', () => Promise.reject('planted rejection'));
    expect(await scope.close()).toMatchObject([
      { id: 'rejects', outcome: 'failed', failure: 'planted rejection' },
      { id: 'throws', outcome: 'failed', failure: 'planted throw' },
      { id: 't', outcome: 'closed' },
    ]);
    expect(order).toEqual(['t']);
  });

  test('timers and channels are worth a line only when they could not be ended', async () => {
    const { scope, noting } = aScope();
    scope.own('timer', 'timer', noting('timer'));
    scope.own('channel', 'channel', noting('channel'));
    scope.own('channel', 'stuck', noting('stuck', 'failed'));
    expect(ids(await scope.close())).toEqual(['stuck failed']);
  });

  test('of each resource the last word counts', async () => {
    const { scope, noting } = aScope();
    await scope.own('transport', 'office', noting('1', 'cut'))();
    await scope.own('transport', 'office', noting('2'))();
    expect(ids(await scope.close())).toEqual(['office closed']);
  });
});

describe('hurrying', () => {
  test('ends what hangs at once, and what is registered later too', async () => {
    const { scope, order, noting, hanging } = aScope();
    scope.own('transport', 't', hanging('t'));
    scope.own('watch', 'w', hanging('w'));
    const closing = scope.close();
    scope.hurry();
    expect(ids(await closing)).toEqual(['w forced', 't forced']);
    scope.own('transport', 'late', noting('late'));
    expect(order).toEqual(['w', 't', 'late']);
    await Promise.resolve();
    expect(scope.open).toEqual([]);
  });

  test('reaches the scopes below, those made later too', async () => {
    const { scope, order, noting, hanging } = aScope();
    scope.of('a').own('transport', 'a', hanging('a'));
    const closing = scope.close();
    scope.hurry();
    expect(ids(await closing)).toEqual(['a forced', 'a forced']);
    scope.of('b').own('transport', 'b', noting('b'));
    expect(order).toEqual(['a', 'b']);
  });

  test('what two closed at the same time is in the report of both', async () => {
    const { scope, hanging } = aScope();
    scope.of('a').own('transport', 't', hanging('t'));
    const abandoned = scope.closeChild('a');
    const closing = scope.close();
    scope.hurry();
    expect(ids(await closing)).toEqual(['t forced', 'a forced']);
    expect(ids(await abandoned)).toEqual(['t forced', 'a forced']);
    expect(scope.open).toEqual([]);
  });
});

describe('the scopes below', () => {
  test('are closed at once, before what is above them, each with a line of its own', async () => {
    const { scope, order, noting, hanging } = aScope();
    scope.own('listener', 'root', noting('root'));
    scope.of('a').own('transport', 'hangs', hanging('hangs'));
    scope.of('b').own('transport', 'b', noting('b'));
    const closing = scope.close();
    await Promise.resolve();
    expect(order).toEqual(['b']);
    scope.hurry();
    expect(ids(await closing)).toEqual(['hangs forced', 'a forced', 'b closed', 'b closed', 'root closed']);
    expect(order).toEqual(['b', 'hangs', 'root']);
  });

  test('those of sessions are closed with their profile, which alone has a line', async () => {
    const { scope, order, noting } = aScope();
    scope.of('a').of('session').own('child', 'nxproxy', noting('nxproxy'));
    scope.of('a').own('transport', 'line', noting('line'));
    expect(ids(await scope.close())).toEqual(['nxproxy closed', 'line closed', 'a closed']);
    expect(order).toEqual(['nxproxy', 'line']);
  });

  test('one alone is closed and forgotten; one that was never used is closed as well', async () => {
    const { scope, noting } = aScope();
    scope.of('a').own('transport', 't', noting('t'));
    scope.of('b').own('transport', 'u', noting('u'));
    expect(ids(await scope.closeChild('a'))).toEqual(['t closed', 'a closed']);
    expect(ids(await scope.closeChild('never'))).toEqual(['never closed']);
    expect(scope.open).toEqual([{ kind: 'transport', id: 'u' }]);
    expect(ids(await scope.close())).toEqual(['u closed', 'b closed']);
  });

  test('one that is settled is empty, lives on, and is still reported at the end', async () => {
    const { scope, order, noting } = aScope();
    scope.of('a').own('transport', 't', noting('t', 'cut'));
    await scope.settle('a');
    await scope.settle('never');
    expect(order).toEqual(['t']);
    scope.of('a').own('watch', 'w', noting('w'));
    expect(scope.open).toEqual([{ kind: 'watch', id: 'w' }]);
    expect(ids(await scope.closeChild('a'))).toEqual(['t cut', 'w closed', 'a closed']);
  });
});

test('a planted leak is seen: what was not given back is open, with its kind and name', async () => {
  const { scope, noting } = aScope();
  const give = scope.of('office').own('channel', 'given', noting('given'));
  scope.of('office').own('channel', 'leaked', noting('leaked'));
  scope.own('timer', 'metronome office', noting('timer'));
  await give();
  expect(scope.open).toEqual([
    { kind: 'channel', id: 'leaked' },
    { kind: 'timer', id: 'metronome office' },
  ]);
});
