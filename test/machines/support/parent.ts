import {
  type AnyActorRef,
  type AnyEventObject,
  type AnyStateMachine,
  createActor,
  createMachine,
  SimulatedClock,
} from 'xstate';
import type { Fact } from '../../../machines/vocabulary.js';
import { recordTransitions } from './coverage.js';

/** The finest step of a simulated clock here: every delay in these tests is a multiple of it. */
const step = 50;

/** What came of a chart: it runs on, it ended with an output, or it crashed. */
export type End = { readonly output: unknown } | { readonly error: unknown } | undefined;

/** Runs a chart under a parent that records the facts it reports, on a clock that only moves when told to. */
export function underParent(machine: AnyStateMachine, input: unknown) {
  const clock = new SimulatedClock();
  const facts: Fact[] = [];
  const heard: AnyEventObject[] = [];
  let end: End;
  const remember = (how: End) => {
    end = how;
  };
  const parent = createMachine({
    id: 'parent',
    invoke: {
      id: 'child',
      src: machine,
      input: input as never,
      onDone: { actions: ({ event }) => remember({ output: event.output }) },
      onError: { actions: ({ event }) => remember({ error: event.error }) },
    },
    on: {
      'fact.reported': { actions: ({ event }) => void facts.push(event.fact) },
      '*': { actions: ({ event }) => void heard.push(event) },
    },
  });
  const root = createActor(parent, { clock, inspect: recordTransitions }).start();
  const child = root.getSnapshot().children.child as AnyActorRef;
  return {
    child,
    send: (event: { readonly type: string }) => child.send(event),
    /** The facts since the last look. */
    news: (): Fact[] => facts.splice(0),
    /** What it said to its parent besides facts, since the last look. */
    heard: (): AnyEventObject[] => heard.splice(0),
    end: () => end,
    pass: (ms: number) => {
      for (let left = ms; left > 0; left -= step) clock.increment(Math.min(step, left));
    },
  };
}

/** A fact in one line: what happened, the states before and after, and by whom. */
export const brief = (fact: Fact): string => {
  const { type, from, state, by } = fact as { type: string; from?: string; state?: string; by?: string };
  return [type, ...(state === undefined ? [] : [`${from}>${state}`]), ...(by === undefined ? [] : [by])].join(
    ' ',
  );
};
