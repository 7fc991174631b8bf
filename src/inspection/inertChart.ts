import {
  type ActorScope,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  fromCallback,
} from 'xstate';

/** Whom a chart tells what it has to tell; never started, so nothing arrives. */
const nobody = createActor(fromCallback(() => undefined));

/**
 * One chart's states, event by event, and nothing executed: no timer, no child, no message. XState's own `transition`
 * would do, but that a chart which speaks to its parent needs to have one.
 */
export class InertChart {
  readonly #machine: AnyStateMachine;
  readonly #scope: ActorScope<AnyMachineSnapshot, AnyEventObject>;
  snapshot: AnyMachineSnapshot;

  constructor(machine: AnyStateMachine, id: string, input: unknown) {
    this.#machine = machine;
    const self = createActor(machine, { id, input, parent: nobody } as never);
    this.#scope = {
      self: self as never,
      id,
      sessionId: self.sessionId,
      system: self.system,
      logger: () => undefined,
      defer: () => undefined,
      emit: () => undefined,
      stopChild: () => undefined,
      actionExecutor: () => undefined,
    };
    this.snapshot = machine.getInitialSnapshot(this.#scope as never, input) as AnyMachineSnapshot;
  }

  /** Throws what the chart throws. */
  take(event: AnyEventObject): void {
    this.snapshot = this.#machine.transition(
      this.snapshot,
      event,
      this.#scope as never,
    ) as AnyMachineSnapshot;
  }
}
