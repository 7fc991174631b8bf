import type { Presentation } from '../machines/orders.js';
import type { SessionContext } from '../machines/session.js';
import type { FactType, ProfileId, SessionId, SessionTag } from '../machines/vocabulary.js';
import type { CallOptions, TerminateOptions } from './calls.js';
import type { GuardianEventOf, GuardianEventRecord } from './records.js';

/** What a handle needs of its guardian. */
export interface SessionKeeper {
  resumeSession(
    profile: ProfileId,
    session: SessionId,
    presentation?: Presentation,
    options?: CallOptions,
  ): Promise<Session>;
  suspendSession(profile: ProfileId, session: SessionId, options?: CallOptions): Promise<void>;
  terminateSession(profile: ProfileId, session: SessionId, options?: TerminateOptions): Promise<void>;
  on(type: '*', listener: (record: GuardianEventRecord) => void): () => void;
}

/** What a handle shows of its session's actor. */
export interface SessionView {
  readonly profile: ProfileId;
  readonly session: SessionId;
  readonly state: SessionTag;
  /** Whether this guardian runs it. */
  readonly ours: boolean;
  readonly wanted: SessionContext['wanted'];
  readonly phases: SessionContext['phases'];
  readonly failure?: SessionContext['failure'];
}

/** One session, by name. It holds nothing: two handles of one session are as good as one. */
export class Session {
  readonly profile: ProfileId;
  /** The session's full name. */
  readonly id: SessionId;
  readonly #keeper: SessionKeeper;
  readonly #look: () => SessionContext | undefined;

  constructor(
    keeper: SessionKeeper,
    profile: ProfileId,
    id: SessionId,
    look: () => SessionContext | undefined,
  ) {
    this.profile = profile;
    this.id = id;
    this.#keeper = keeper;
    this.#look = look;
  }

  /** `terminated` when nothing is known of it any more. */
  get state(): SessionTag {
    return this.#look()?.state ?? 'terminated';
  }

  /** Calls back for one kind of event of this session, or for all. */
  on<Type extends FactType>(type: Type, listener: (record: GuardianEventOf<Type>) => void): () => void;
  on(type: '*', listener: (record: GuardianEventRecord) => void): () => void;
  on(type: FactType | '*', listener: (record: never) => void): () => void {
    return this.#keeper.on('*', (record) => {
      const isOurs = 'session' in record && record.session === this.id && record.profile === this.profile;
      if (isOurs && (type === '*' || record.event === type)) listener(record as never);
    });
  }

  /** As plain data: its state, what is wanted of it, how long each phase took, what went wrong last. */
  inspect(): SessionView {
    const context = this.#look();
    const { ours = false, wanted, phases = {}, failure } = context ?? {};
    return {
      profile: this.profile,
      session: this.id,
      state: this.state,
      ours,
      wanted,
      phases,
      ...(failure === undefined ? {} : { failure }),
    };
  }

  /** See Guardian.resumeSession. */
  async resume(presentation?: Presentation, options?: CallOptions): Promise<void> {
    await this.#keeper.resumeSession(this.profile, this.id, presentation, options);
  }

  /** See Guardian.suspendSession. */
  suspend(options?: CallOptions): Promise<void> {
    return this.#keeper.suspendSession(this.profile, this.id, options);
  }

  /** See Guardian.terminateSession. */
  terminate(options?: TerminateOptions): Promise<void> {
    return this.#keeper.terminateSession(this.profile, this.id, options);
  }
}
