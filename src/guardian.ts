import { uptime } from 'node:os';
import { type Actor, type AnyMachineSnapshot, createActor } from 'xstate';
import { profileActorId } from '../machines/guardian.js';
import type { Presentation, SessionOrder } from '../machines/orders.js';
import { refreshPlan } from '../machines/policy.js';
import type { ProfileContext, ProfileRequest } from '../machines/profile.js';
import { actorOf } from '../machines/profileFacts.js';
import type { SessionContext } from '../machines/session.js';
import type {
  Cached,
  CacheSource,
  Desktop,
  Fact,
  FactType,
  Failure,
  ListedSession,
  Mount,
  Profile,
  ProfileId,
  ProfileTag,
  ReportEntry,
  SessionId,
} from '../machines/vocabulary.js';
import { assemble, type Ports } from './assemble.js';
import { type CallOptions, settled, type TerminateOptions } from './calls.js';
import { sound } from './channels/sound.js';
import { checkProfile, checkProfiles } from './checkProfile.js';
import { monotonicClock } from './clock.js';
import { fromFailure, X2GoError } from './errors.js';
import type { FeedListener } from './inspection/feed.js';
import type { HistoryEntry } from './inspection/history.js';
import { type FeedOptions, Inspection } from './inspection/inspection.js';
import { createLog, type Log } from './inspection/logs.js';
import type { GuardianTree } from './inspection/tree.js';
import { type Explanation, explain, why } from './inspection/why.js';
import { type Journal, noJournal } from './journal/journal.js';
import { openJournal } from './journal/openJournal.js';
import { LeftBehind } from './leftBehind.js';
import { credentialsOf, flagsOf, type GuardianOptions, hostKeysOf, timingOf } from './options.js';
import { type GuardianEventOf, type GuardianEventRecord, Listeners, recordOf } from './records.js';
import { Scope } from './scope.js';
import { Session } from './session.js';
import { SessionCalls } from './sessionCalls.js';
import { SessionNotes } from './sessionNotes.js';
import { guardSignals } from './signals.js';
import { type Examination, examine } from './ssh/examine.js';
import { RefusedSecrets } from './ssh/refusedSecrets.js';
import type { World } from './world.js';

/** A cached answer. Absent: nothing is known, since the profile is not connected or the last listing failed. */
export interface Reading<T> {
  readonly value: T;
  /** How old the answer is, in ms. */
  readonly age: number;
  readonly source: CacheSource;
}

/** How long a guardian may take beyond its own deadline before its resources are taken from it. */
const patience = 24_000;

type GuardianLogic = ReturnType<typeof assemble>['guardian'];

/** What a simulation puts in the place of the real ones. */
export interface Parts {
  readonly journal: Journal;
  readonly ports: (world: World) => Partial<Ports>;
}

/** One guardian over all profiles. Made by createGuardian(). */
export class Guardian {
  /** The root actor, for @xstate/react, the XState inspector and waitFor. Send nothing to it; call the methods. */
  readonly actor: Actor<GuardianLogic>;
  readonly #world: World;
  readonly #log: Log;
  readonly #listeners: Listeners;
  readonly #inspection: Inspection;
  readonly #patienceMs: number;
  #ending: Promise<readonly ReportEntry[]> | undefined;
  #isForced = false;
  #releaseSignals: () => void = () => undefined;
  readonly #handleSignals: boolean;
  readonly #calls: SessionCalls;
  readonly #notes: SessionNotes;
  readonly #leftBehind: LeftBehind;
  readonly #journalFolder: string | false | undefined;
  readonly #reaping = new AbortController();
  #reaped: Promise<void> | undefined;

  constructor(options: GuardianOptions, parts?: Parts) {
    const profiles = checkProfiles(options.profiles ?? []);
    const timing = timingOf(options);
    const clock = options.clock ?? monotonicClock;
    const find = (id: ProfileId) => this.#profile(id);
    this.#world = {
      clock,
      sinceBoot: options.sinceBoot ?? (() => uptime() * 1_000),
      chance: options.chance ?? Math.random,
      scope: new Scope(() => clock.now()),
      connections: new Map(),
      credentialsOf: async (id, hop) => credentialsOf(options, find(id), hop),
      answers: new Map(),
      refusals: new RefusedSecrets(),
      hostKeysOf: (id, hop) => hostKeysOf(options, find(id), hop),
      profileOf: find,
      journal: parts?.journal ?? this.#openJournal(options),
      cookies: new Map(),
      viewers: new Map(),
      starts: new Map(),
      unlessUsed: new Set(),
      viewer: options.viewer,
      riders: { sound },
    };
    this.#calls = new SessionCalls({
      world: this.#world,
      check: (id) => {
        this.#profile(id);
        this.#refuseWhenEnding();
      },
      ask: (id, request) => this.#ask(id, request),
      abandon: (operation) => this.#abandon(operation),
      isOpen: (id) => this.#ending === undefined && this.#known(id) !== undefined,
    });
    this.#journalFolder = options.journal;
    this.#notes = new SessionNotes(this.#world.journal, (id) => this.#known(id));
    this.#log = createLog(options);
    this.#leftBehind = new LeftBehind(this.#world, {
      ...(typeof options.journal === 'string' ? { folder: options.journal } : {}),
      hurry: this.#reaping.signal,
      tell: (fact) => this.#publish(fact),
      trouble: (failure) => this.#log.error(failure),
      profileOf: (id) => this.#known(id),
      // A row may outlive its session by hours.
      listed: (id) =>
        this.#contextOf(id)?.sessions?.value.flatMap(({ session, state }) =>
          state === 'terminated' ? [] : [session],
        ),
    });
    this.#listeners = new Listeners((cause) => this.#log.error(cause));
    this.#inspection = new Inspection(
      () => clock.now(),
      (cause) => this.#log.error(cause),
    );
    this.#handleSignals = options.handleSignals ?? false;
    this.#patienceMs = timing.terminationDeadline + patience;
    this.actor = createActor(assemble(this.#world, parts?.ports(this.#world)).guardian, {
      id: 'guardian',
      clock: clock as never,
      logger: (...args) => this.#log.debug(args),
      ...(options.inspect && { inspect: this.#inspection.contained(options.inspect) }),
      input: {
        profiles,
        plan: refreshPlan(flagsOf(options)),
        timing,
        watch: options.stateWatch ?? true,
        identify: options.identifyServers ?? true,
        connect: options.autoConnect ?? true,
        onExit: options.onExit ?? 'suspend',
        recover: options.recoverSessions ?? true,
      },
    });
    this.#inspection.watch(this.actor);
    this.actor.on('*', (told) => {
      if (told.type !== 'operation.settled') this.#publish(told);
      else {
        this.#log.settled(told);
        this.#calls.settle(told);
      }
    });
    if (this.#log.trace) this.feed(this.#log.trace);
    // Without an observer a crash of the root would be an uncaught exception.
    this.actor.subscribe({ error: (cause) => this.#log.error(cause) });
  }

  /** Starts guarding: connects the profiles unless `autoConnect` is off. Calling it again does nothing. */
  async start(): Promise<void> {
    if (this.#ending)
      throw new X2GoError('guardian.terminated', 'This guardian has been stopped; make a new one');
    if (this.actor.getSnapshot().hasTag('idle') === false) return;
    if (this.#handleSignals) this.#releaseSignals = guardSignals(this);
    this.actor.start();
    this.actor.send({ type: 'guardian.start' });
    if (this.#journalFolder === false) return;
    this.#reaped = this.#leftBehind.reap();
    await this.#reaped;
  }

  /** Calls back for one kind of event, or for all. What a listener throws is logged and goes no further. */
  on<Type extends FactType>(type: Type, listener: (record: GuardianEventOf<Type>) => void): () => void;
  on(type: '*', listener: (record: GuardianEventRecord) => void): () => void;
  on(type: FactType | '*', listener: (record: never) => void): () => void {
    return this.#listeners.add(type, listener);
  }

  /**
   * Connects a profile, or waits for the connection on its way; one that is about to disconnect does that first. A password
   * that was refused there is sent once more, which nothing else makes happen.
   * Throws what refused it for good (auth.*, hostKey.*, x2go.missing, shell.unusable), call.timedOut (a retry helps; the attempts go on) or call.aborted.
   * @param options.timeout @default 30_000 ms
   */
  async connect(id: ProfileId, options: CallOptions = {}): Promise<void> {
    this.#world.refusals.forget(this.#profile(id));
    this.#ask(id, { type: 'profile.connect' });
    await this.#until(id, 'connected', options);
  }

  /** Ends the connection of a profile; its sessions run on. */
  async disconnect(id: ProfileId, options: CallOptions = {}): Promise<void> {
    this.#ask(id, { type: 'profile.disconnect' });
    await this.#until(id, 'disconnected', options);
  }

  /** Throws profile.duplicate or config.invalid. */
  addProfile(profile: Profile): void {
    this.#refuseWhenEnding();
    const checked = checkProfile(profile);
    if (this.actor.getSnapshot().context.profiles[profile.id]) {
      throw new X2GoError('profile.duplicate', `There is a profile with the id ${profile.id} already`);
    }
    this.actor.send({ type: 'profile.add', profile: checked });
  }

  /** Disconnects a profile and forgets it; its sessions run on. Throws profile.unknown. */
  removeProfile(id: ProfileId): void {
    this.#profile(id);
    this.actor.send({ type: 'profile.remove', profile: id });
  }

  /** No session of this profile is registered any more until resumeRegistration(); those registered stay. */
  pauseRegistration(id: ProfileId): void {
    this.#ask(id, { type: 'registration.pause' });
  }

  resumeRegistration(id: ProfileId): void {
    this.#ask(id, { type: 'registration.resume' });
  }

  /**
   * Starts a session, shows it here, and resolves when its command is executed there.
   *
   * Throws order.invalid, screen.missing or proxy.missing (before anything is asked of the server); session.limit,
   * session.denied, agent.failed, command.notFound (the server's no); proxy.failed, ssh.* (a retry helps); call.timedOut, call.aborted:
   * then what was begun is taken back on the server, in the background.
   * @param options.timeout @default 60_000 ms; 330_000 ms for a desktop whose owner is asked
   */
  async startSession(profile: ProfileId, order: SessionOrder, options: CallOptions = {}): Promise<Session> {
    return this.session(profile, await this.#calls.start(profile, order, options));
  }

  /**
   * Brings a session to the screen here; one that another client shows is taken from it. What is on its way already is
   * waited for. Throws session.unknown, session.notAllowed, session.ended, session.locked, session.takenOver, and what startSession throws.
   * @param options.timeout @default 120_000 ms: a take-over waits for the other client to let go
   */
  async resumeSession(
    profile: ProfileId,
    session: SessionId,
    presentation: Presentation = {},
    options: CallOptions = {},
  ): Promise<Session> {
    await this.#calls.resume(profile, session, presentation, options);
    return this.session(profile, session);
  }

  /** Resolves when the server says that it is suspended. Throws session.unknown, session.notAllowed, session.ended, call.timedOut. */
  async suspendSession(profile: ProfileId, session: SessionId, options: CallOptions = {}): Promise<void> {
    await this.#calls.end('suspend', profile, session, options);
  }

  /**
   * Resolves when its agent has ended. Throws session.unknown, session.orphaned, call.timedOut, and with `unlessUsed`
   * session.takenOver.
   */
  async terminateSession(
    profile: ProfileId,
    session: SessionId,
    options: TerminateOptions = {},
  ): Promise<void> {
    const state = this.#sessionContext(profile, session)?.state;
    if (options.unlessUsed && state !== undefined && state !== 'suspended')
      throw new X2GoError('session.takenOver', `${session} is not suspended: it is ${state}`);
    await this.#calls.end('terminate', profile, session, options);
  }

  /**
   * Looks at a desktop that runs on the server, or takes part in it. Throws desktop.unknown, session.denied (its owner said no),
   * and what startSession throws.
   */
  shareDesktop(
    profile: ProfileId,
    share: { readonly desktop: Desktop; readonly mode: 'view' | 'full' } & Presentation,
    options: CallOptions = {},
  ): Promise<Session> {
    return this.startSession(profile, { kind: 'shadow', ...share }, options);
  }

  /** A handle of a session by its name, registered or not. */
  session(profile: ProfileId, session: SessionId): Session {
    return new Session(this, profile, session, () => this.#sessionContext(profile, session));
  }

  /**
   * Looks for what a connected profile's server has for sessions beyond its features: session limit, folders, forwarding, clock.
   * What could not be found out says why. Never rejects; no answer takes longer than `timeout`, 10 s by default.
   */
  examine(id: ProfileId, { timeout = 10_000, signal }: CallOptions = {}): Promise<Examination> {
    return examine(this.#world, id, timeout, signal ?? new AbortController().signal);
  }

  /** Lists at once instead of at the next tick; cache.refreshed or cache.failed tells how it went. */
  refresh(id: ProfileId): void {
    this.#ask(id, { type: 'refresh.wanted' });
  }

  /** What is known of a profile's sessions now. Never waits. */
  sessions(id: ProfileId): Reading<readonly ListedSession[]> | undefined {
    return this.#read(id, (context) => context.sessions);
  }

  /** What is known of the desktops that can be shared. Never waits. */
  desktops(id: ProfileId): Reading<readonly Desktop[]> | undefined {
    return this.#read(id, (context) => context.desktops);
  }

  /** What is known of the folders mounted in a profile's sessions. Never waits. */
  mounts(id: ProfileId): Reading<readonly Mount[]> | undefined {
    return this.#read(id, (context) => context.mounts);
  }

  /** The profiles and how their lines are. */
  profiles(): readonly {
    readonly profile: Profile;
    readonly state: ProfileTag;
    readonly failure?: Failure;
  }[] {
    return Object.values(this.actor.getSnapshot().context.profiles).map((profile) => {
      const context = this.#contextOf(profile.id);
      const failure = context?.failure;
      // The chart of a profile that crashed has no state any more; the guardian knows the last one.
      const state = context?.state ?? this.actor.getSnapshot().context.states[profile.id] ?? 'disconnected';
      return { profile, state, ...(failure ? { failure } : {}) };
    });
  }

  /** Every actor there is: its state, since when, its last event and error, and plain facts of it. No secret is in it. */
  inspect(): GuardianTree {
    return this.#inspection.tree(this.actor);
  }

  /** Calls back with the tree at once, then with each change. What a listener throws is logged and goes no further. */
  feed(listener: FeedListener, options: FeedOptions = {}): () => void {
    return this.#inspection.feed(this.actor, listener, options);
  }

  /** The last steps of an actor, by its address in the tree; of sessions, tunnels and viewers that are gone, too. */
  history(actor: string): readonly HistoryEntry[] {
    return this.#inspection.history(actor);
  }

  /** In plain words: how a session came to be as it is, and what it waits for. Throws session.unknown. */
  why(profile: ProfileId, session: SessionId): string {
    return why(this.#inspection.known(this.actor), { profile, session });
  }

  /** The same as data. Throws session.unknown. */
  explain(profile: ProfileId, session: SessionId): Explanation {
    return explain(this.#inspection.known(this.actor), { profile, session });
  }

  /** What is open on behalf of this guardian now. Empty after stop(). */
  get open(): Scope['open'] {
    return this.#world.scope.open;
  }

  /**
   * Ends everything that is ours and says what was done; the sessions we run are suspended, or as `onExit` says. Sessions that others started are left as they are.
   * Takes at most about 5 s; in the middle of a start or a resume, or with `onExit: 'terminate'`, as long as a busy server needs for it, at most 24 s. Idempotent: calling it again waits for the same end.
   */
  stop(reason = 'stop()'): Promise<readonly ReportEntry[]> {
    this.#ending ??= this.#end(reason);
    return this.#ending;
  }

  /** While it is stopping: end what is left without waiting. */
  force(): void {
    // The end itself may still wait for what is being reaped.
    this.#isForced = this.#ending !== undefined;
    if (this.actor.getSnapshot().status === 'active') this.actor.send({ type: 'guardian.force' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #end(reason: string): Promise<readonly ReportEntry[]> {
    // guardian.terminated is the last that is told: what is being reaped is killed at once, and told before.
    this.#reaping.abort();
    await this.#reaped;
    if (this.actor.getSnapshot().hasTag('idle')) return [];
    if (this.actor.getSnapshot().status === 'active') await this.#askToEnd(reason);
    const { context, status } = this.actor.getSnapshot();
    this.actor.stop();
    // Whatever way the root ended: a chart that crashed disposes of nothing.
    this.#world.scope.hurry();
    const left = await this.#world.scope.close();
    this.#world.answers.clear();
    this.#releaseSignals();
    this.#calls.close();
    this.#world.journal.close();
    const report = [...context.report, ...left];
    if (status !== 'done') this.#publish({ type: 'guardian.terminated', report });
    return report;
  }

  /** Resolves when the root chart has come to its end, however it did, or has not in time. */
  #askToEnd(reason: string): Promise<void> {
    return new Promise((resolve) => {
      const { clock } = this.#world;
      const timer = clock.setTimeout(resolve, this.#patienceMs);
      const done = () => {
        clock.clearTimeout(timer);
        resolve();
      };
      this.actor.subscribe({ complete: done, error: done });
      this.actor.send({ type: 'guardian.stop', reason, at: clock.now() });
      if (this.#isForced) this.actor.send({ type: 'guardian.force' });
    });
  }

  #openJournal({ journal }: GuardianOptions): Journal {
    if (journal === false) return noJournal;
    const trouble = (failure: X2GoError) => this.#log.error(failure);
    return openJournal({ trouble, ...(journal === undefined ? {} : { folder: journal }) });
  }

  #abandon(operation: string): void {
    for (const profile of Object.keys(this.actor.getSnapshot().context.profiles)) {
      this.actor.send({ type: 'profile.ask', profile, request: { type: 'operation.abandon', operation } });
    }
  }

  #sessionContext(profile: ProfileId, session: SessionId): SessionContext | undefined {
    const child = this.actor.getSnapshot().children[profileActorId(profile)];
    const snapshot = child?.getSnapshot() as AnyMachineSnapshot | undefined;
    if (snapshot === undefined) return undefined;
    const actor = snapshot.children[actorOf(snapshot.context as ProfileContext, session)];
    return (actor?.getSnapshot() as { context?: SessionContext } | undefined)?.context;
  }

  #publish(fact: Fact): void {
    this.#notes.note(fact);
    this.#leftBehind.note(fact);
    if (fact.type === 'profile.disconnected') this.#world.answers.delete(fact.profile);
    const record = recordOf(fact);
    this.#log.event(record);
    this.#inspection.told(record);
    this.#listeners.publish(record);
  }

  #refuseWhenEnding(): void {
    if (this.#ending) throw new X2GoError('guardian.terminated', 'This guardian has been stopped');
  }

  #known(id: ProfileId): Profile | undefined {
    return this.actor.getSnapshot().context.profiles[id];
  }

  #profile(id: ProfileId): Profile {
    const profile = this.#known(id);
    if (profile === undefined)
      throw new X2GoError('profile.unknown', `There is no profile ${JSON.stringify(id)}`);
    return profile;
  }

  #ask(id: ProfileId, request: ProfileRequest): void {
    this.#profile(id);
    this.#refuseWhenEnding();
    if (request.type === 'session.start') this.#log.asked(request.operation, id);
    else if (request.type === 'session.request') this.#log.asked(request.operation, id, request.session);
    this.actor.send({ type: 'profile.ask', profile: id, request });
  }

  #contextOf(id: ProfileId): ProfileContext | undefined {
    const child = this.actor.getSnapshot().children[profileActorId(id)];
    return (child?.getSnapshot() as { context?: ProfileContext } | undefined)?.context;
  }

  #read<T>(id: ProfileId, pick: (context: ProfileContext) => Cached<T> | undefined): Reading<T> | undefined {
    this.#profile(id);
    const context = this.#contextOf(id);
    const cached = context && pick(context);
    if (cached === undefined) return undefined;
    const { value, at, source } = cached;
    return { value, age: Math.max(0, Math.round(this.#world.clock.now() - at)), source };
  }

  #until(id: ProfileId, wanted: 'connected' | 'disconnected', options: CallOptions): Promise<void> {
    const look = () => {
      const context = this.#contextOf(id);
      const isUp = context?.state === 'connected' || context?.state === 'degraded';
      // Who is on the way to disconnect is connected no more.
      if (wanted === 'connected' ? isUp && context.ending === undefined : context?.state === wanted)
        return true;
      if (context?.state === 'failed' && context.failure) throw fromFailure(context.failure);
      this.#refuseWhenEnding();
      return false;
    };
    // A fact is told before the state it is about is entered.
    const changed = (again: () => void) => this.on('*', () => queueMicrotask(again));
    const why = () => this.#contextOf(id)?.failure?.message ?? `${id} is not ${wanted} yet`;
    return settled(this.#world.clock, look, changed, why, options);
  }
}

/**
 * Makes a guardian; nothing happens before start(). Throws config.invalid or profile.duplicate.
 */
export function createGuardian(options: GuardianOptions = {}): Guardian {
  return new Guardian(options);
}
