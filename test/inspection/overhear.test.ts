import { expect, test } from 'vitest';
import { type AnyActorRef, createActor, createMachine, fromCallback, type InspectionEvent } from 'xstate';
import { overhear } from '../../src/inspection/overhear.js';

const chart = createMachine({
  initial: 'one',
  invoke: { src: fromCallback(({ sendBack }) => sendBack({ type: 'go' })), id: 'leaf' },
  states: { one: { on: { go: 'two' } }, two: { entry: () => undefined } },
});

test('we hear all that those hear who inspect', () => {
  const heard: string[] = [];
  const own: string[] = [];
  const into = (list: string[]) => (event: InspectionEvent) => {
    list.push(
      `${event.type} ${(event.actorRef as AnyActorRef).id} ${'event' in event ? event.event.type : ''}`,
    );
  };
  const root = createActor(chart, { id: 'chart' });
  overhear(root, into(heard));
  root.system.inspect(into(own));
  root.start();
  root.stop();
  expect(heard).toEqual(own);
  expect(heard).toEqual(
    expect.arrayContaining([
      '@xstate.event chart go',
      '@xstate.microstep chart go',
      '@xstate.event leaf xstate.init',
    ]),
  );
});

test('an XState that announces in another way is inspected as by anybody', () => {
  const heard: unknown[] = [];
  const inspect = (hear: (event: object) => void) => hear({ type: '@xstate.event' });
  overhear({ system: { inspect } } as unknown as AnyActorRef, (event) => void heard.push(event));
  expect(heard).toEqual([{ type: '@xstate.event' }]);
});
