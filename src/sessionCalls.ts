import type { Presentation, SessionOrder } from '../machines/orders.js';
import type { ProfileRequest } from '../machines/profile.js';
import type { OperationSettled, Wanted } from '../machines/sessionModel.js';
import type { ProfileId, SessionId } from '../machines/vocabulary.js';
import type { CallOptions, TerminateOptions } from './calls.js';
import { Operations } from './operations.js';
import { checkOrder, presentable } from './presentable.js';
import { sessionKey } from './protocol/sessionKey.js';
import type { World } from './world.js';

/** What the calls need of their guardian. */
export interface Desk {
  readonly world: Pick<World, 'clock' | 'viewer' | 'unlessUsed'>;
  /** Throws profile.unknown, or guardian.terminated when it is on its way out. */
  check(profile: ProfileId): void;
  /** Throws what check() throws. */
  ask(profile: ProfileId, request: ProfileRequest): void;
  /** To every profile: nobody waits for an operation any more. */
  abandon(operation: string): void;
  /** Whether a request would still be heard. */
  isOpen(profile: ProfileId): boolean;
}

/** The owner of a shared desktop is asked for five minutes at most. */
const sharingPatience = 330_000;
/** A take-over waits for the other client to let go. */
const resumePatience = 120_000;
const startPatience = 60_000;

/** The calls of a guardian that are about one session: each becomes a request, and waits for what the charts make of it. */
export class SessionCalls {
  readonly #desk: Desk;
  readonly #operations: Operations;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#operations = new Operations(desk.world.clock, (operation) => desk.abandon(operation));
  }

  async start(profile: ProfileId, order: SessionOrder, options: CallOptions): Promise<SessionId> {
    this.#desk.check(profile);
    checkOrder(order);
    const ready = await this.#presentable(order);
    const operation = this.#operations.next('start');
    const at = this.#desk.world.clock.now();
    const timeout = order.kind === 'shadow' ? sharingPatience : startPatience;
    return this.#operations.run(
      operation,
      () => this.#desk.ask(profile, { type: 'session.start', operation, order: ready, at }),
      { timeout, ...options },
      (session) => this.#takeBack(profile, session, 'terminated'),
    );
  }

  async resume(
    profile: ProfileId,
    session: SessionId,
    presentation: Presentation,
    options: CallOptions,
  ): Promise<void> {
    this.#desk.check(profile);
    const ready = await this.#presentable(presentation);
    const request = this.#request('resume', session, 'shown');
    await this.#operations.run(
      request.operation,
      () => this.#desk.ask(profile, { ...request, presentation: ready }),
      { timeout: resumePatience, ...options },
      (id) => this.#takeBack(profile, id, 'suspended'),
    );
  }

  async end(
    how: 'suspend' | 'terminate',
    profile: ProfileId,
    session: SessionId,
    options: TerminateOptions,
  ): Promise<void> {
    const request = this.#request(how, session, how === 'suspend' ? 'suspended' : 'terminated');
    const { unlessUsed } = this.#desk.world;
    const key = sessionKey(profile, session);
    // It stays when the call is over: what it asked for may still be on its way.
    if (options.unlessUsed) unlessUsed.add(key);
    else unlessUsed.delete(key);
    await this.#operations.run(request.operation, () => this.#desk.ask(profile, request), options);
  }

  settle(settled: OperationSettled): void {
    this.#operations.settle(settled);
  }

  /** At the end nobody is left waiting. */
  close(): void {
    this.#operations.close();
  }

  #request(verb: string, session: SessionId, wanted: Wanted) {
    return { type: 'session.request', operation: this.#operations.next(verb), session, wanted } as const;
  }

  /** Without a screen or a viewer nothing is asked of the server. */
  async #presentable<Wish extends Presentation>(wish: Wish): Promise<Wish> {
    const { viewer, clock } = this.#desk.world;
    return viewer === undefined ? presentable(wish, clock) : wish;
  }

  /** Nobody waits for it any more; at the end the exit policy sees to it. */
  #takeBack(profile: ProfileId, session: SessionId, wanted: Wanted): void {
    if (this.#desk.isOpen(profile)) this.#desk.ask(profile, this.#request('undo', session, wanted));
  }
}
