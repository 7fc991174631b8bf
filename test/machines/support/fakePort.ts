import type { AnyActorRef, AnyEventObject, Snapshot } from 'xstate';

/** One life of a fake actor: what it was asked, and the means to let it answer, crash or speak. */
export interface Call<Input = unknown> {
  readonly input: Input;
  /** What it was sent. */
  readonly heard: AnyEventObject[];
  readonly isOver: () => boolean;
  readonly tell: (event: AnyEventObject) => void;
  readonly answer: (output: unknown) => void;
  readonly crash: () => void;
}

type FakeSnapshot = Snapshot<unknown> & { readonly call: Call };

/** Stands in for any port: it does nothing by itself, records every call, and answers in the same moment when told. */
export class FakePort<Input> {
  readonly calls: Call<Input>[] = [];

  get last(): Call<Input> {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error('the port was not called yet');
    return call;
  }

  get live(): readonly Call<Input>[] {
    return this.calls.filter((call) => !call.isOver());
  }

  /** As actor logic, to be provided to a chart. */
  get logic(): never {
    const { calls } = this;
    return {
      getInitialSnapshot({ self }: { self: AnyActorRef }, input: Input): FakeSnapshot {
        const call = lifeOf(self, input);
        calls.push(call);
        return { status: 'active', output: undefined, error: undefined, call } as never;
      },
      transition(snapshot: FakeSnapshot, event: AnyEventObject) {
        switch (event.type) {
          case 'fake.answer':
            return { ...snapshot, status: 'done', output: event.output };
          case 'fake.crash':
            return { ...snapshot, status: 'error', error: new Error('planted crash') };
          case 'xstate.stop':
            return { ...snapshot, status: 'stopped' };
          default:
            snapshot.call.heard.push(event);
            return snapshot;
        }
      },
      getPersistedSnapshot: (snapshot: unknown) => snapshot,
      restoreSnapshot: (snapshot: unknown) => snapshot,
    } as never;
  }
}

const stopped = 2;

const lifeOf = <Input>(self: AnyActorRef, input: Input): Call<Input> => {
  const inner = self as unknown as { _parent?: AnyActorRef; _processingStatus: number };
  const { _parent: parent } = inner;
  return {
    input,
    heard: [],
    // One that was stopped before it was started keeps its first snapshot.
    isOver: () => self.getSnapshot().status !== 'active' || inner._processingStatus === stopped,
    tell: (event) => parent?.send(event),
    answer: (output) => self.send({ type: 'fake.answer', output }),
    crash: () => self.send({ type: 'fake.crash' }),
  };
};
