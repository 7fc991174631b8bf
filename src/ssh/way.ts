import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Profile } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';
import type { Outcome } from '../scope.js';
import type { LoginAnswers } from './answers.js';
import { type Authentication, prepareAuthentication } from './authentication.js';
import { Connection, type ConnectionOptions, politeEnd } from './connection.js';
import type { Ask, Credentials } from './credentials.js';
import { ForwardedAgent } from './forwardedAgent.js';
import { openOnward } from './hopStream.js';
import { type HostKeys, openHostKeys } from './hostKeys.js';
import { type Leg, legsOf, type WayWorld } from './legs.js';
import { Patience } from './patience.js';
import { openThroughProxy, proxyOf } from './proxyWay.js';

/** How long the whole way to a login may take, questions to a person not counted. */
const usualPatience = 15_000;

/** What a login is made of. */
interface LoginParts extends Pick<ConnectionOptions, 'socket' | 'hostKeys' | 'authentication' | 'forward'> {
  readonly login: LoginAnswers;
}

/** What is told of a way, once each, `lost` last. Nothing after close(). */
export interface WayFacts {
  ready(line: Connection): void;
  lost(cause: unknown): void;
}

/** The logins that lead to a profile's host, one over the other: for one attempt, and as long as the last one lasts. */
export class Way {
  readonly #world: WayWorld;
  readonly #profile: Profile;
  readonly #facts: WayFacts;
  readonly #legs: readonly [Leg, ...Leg[]];
  readonly #patience: Patience;
  readonly #over = new AbortController();
  /** One for each leg so far, the nearest first. */
  readonly #lines: Connection[] = [];
  #at: Leg;

  constructor(world: WayWorld, profile: Profile, facts: WayFacts) {
    const { connectTimeout = usualPatience } = profile;
    this.#world = world;
    this.#profile = profile;
    this.#facts = facts;
    this.#legs = legsOf(world, profile);
    [this.#at] = this.#legs;
    this.#patience = new Patience(world.clock, connectTimeout, () => {
      const { where, explain } = this.#at;
      const text = `${where} did not get us to a login within ${connectTimeout / 1_000} s`;
      this.#lose(explain(new X2GoError('ssh.timedOut', text)));
    });
  }

  open(): void {
    this.#go(0);
  }

  probe(): void {
    this.#lines[this.#legs.length - 1]?.probe();
  }

  /** The last login first. All together are given as long as one. */
  async close(hurry: AbortSignal): Promise<Outcome> {
    this.#end();
    const { clock } = this.#world;
    const end = clock.now() + politeEnd;
    let worst: Outcome = 'closed';
    for (const line of [...this.#lines].reverse()) {
      const outcome = await line.close(hurry, Math.max(0, end - clock.now()));
      if (outcome !== 'closed' && worst !== 'forced') worst = outcome;
    }
    return worst;
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  #end(): void {
    this.#over.abort();
    this.#patience.pause();
  }

  /** Whatever broke: nothing of the way is of use any more. */
  #lose(cause: unknown): void {
    if (this.#isOver) return;
    this.#end();
    for (const line of [...this.#lines].reverse()) line.cut();
    this.#facts.lost(cause);
  }

  #go(at: number): void {
    const leg = this.#legs[at];
    if (leg === undefined) return;
    this.#at = leg;
    this.#logIn(leg, at).catch((cause) => this.#lose(leg.explain(cause)));
  }

  async #logIn(leg: Leg, at: number): Promise<void> {
    this.#patience.pause();
    const hostKeys = await openHostKeys({ ...leg.known, ...leg.hostKeys() });
    const credentials = await leg.credentials();
    const login = leg.answers.begin(credentials, () => !this.#isOver);
    let authentication: Authentication;
    try {
      const isConnecting = () => this.#lines[at]?.isConnecting === true;
      const asked = login.ask && { ask: this.#patiently(login.ask, isConnecting) };
      const gate = this.#world.refusals.gateOf(leg, this.#over.signal);
      authentication = await prepareAuthentication(leg.user, { ...credentials, ...asked }, gate);
    } catch (cause) {
      const isRefused = cause instanceof X2GoError && cause.code === 'auth.identity';
      if (!isRefused || !login.refused('key') || this.#isOver) throw cause;
      return this.#logIn(leg, at);
    }
    await login.askAhead();
    if (this.#isOver) return;
    this.#patience.resume();
    const isStraight = at === 0 && proxyOf(this.#profile) === undefined;
    // Without waiting: an error of the socket may come at once.
    const socket = isStraight ? straightTo(leg) : await this.#lead(leg, at);
    const forward = at === this.#legs.length - 1 ? forwardingOf(credentials) : {};
    this.#connect(leg, at, { socket, hostKeys, authentication, login, ...forward });
  }

  #connect(leg: Leg, at: number, { login, ...parts }: LoginParts): void {
    const { hostKeys } = parts;
    const before = this.#lines[at - 1];
    const line: Connection = new Connection({
      ...parts,
      where: leg.where,
      user: leg.user,
      alive: leg.alive,
      clock: this.#world.clock,
      ...(before === undefined ? {} : { over: before }),
      onEnd: (error) => this.#ended(leg, at, error, { hostKeys, login, key: line.refusedHostKey }),
    });
    this.#lines[at] = line;
    line.onReady(() => {
      login.accepted();
      if (at < this.#legs.length - 1) {
        this.#go(at + 1);
        return;
      }
      this.#patience.pause();
      this.#facts.ready(line);
    });
  }

  #ended(
    leg: Leg,
    at: number,
    error: X2GoError,
    { hostKeys, login, key }: { hostKeys: HostKeys; login: LoginAnswers; key: Buffer | undefined },
  ): void {
    if (this.#isOver) return;
    if (error.code === 'hostKey.unknown' && key !== undefined) {
      this.#patience.pause();
      this.#askAboutHost(leg, at, { hostKeys, key, refusal: error }).catch((cause) =>
        this.#lose(leg.explain(cause)),
      );
      return;
    }
    const isStale = error.code.startsWith('auth.') && login.refused('login');
    // What was right the last time is not any more: a person knows. Not more than once, accounts get locked.
    if (isStale && (error.code === 'auth.refused' || error.code === 'auth.withheld')) this.#go(at);
    else this.#lose(leg.explain(error));
  }

  /** A host nobody knows: with a yes from a person its key is remembered and the connection made anew. */
  async #askAboutHost(
    leg: Leg,
    at: number,
    { hostKeys, key, refusal }: { hostKeys: HostKeys; key: Buffer; refusal: X2GoError },
  ): Promise<void> {
    const { mode, ask } = leg.hostKeys();
    if (mode !== 'ask' || ask === undefined) throw refusal;
    const yes = await ask({ host: leg.host, message: refusal.message });
    if (this.#isOver) return;
    if (yes !== true) throw refusal;
    const written = hostKeys.remember(key);
    if (written !== true) throw written;
    this.#patience.restart();
    this.#go(at);
  }

  /** Over the hop before, or through the HTTP proxy. Destroyed where nobody waits for it any more. */
  async #lead(leg: Leg, at: number): Promise<Duplex> {
    const before = this.#lines[at - 1];
    const hop = this.#legs[at - 1];
    const socket =
      before === undefined
        ? await openThroughProxy(this.#world, this.#profile, leg, this.#over.signal, (ask) =>
            this.#patiently(ask, () => true),
          )
        : await openOnward(before, leg.host, leg.port).catch((cause) => {
            throw hop?.explain(cause) ?? cause;
          });
    if (!this.#isOver) return socket;
    socket.on('error', () => undefined).destroy();
    throw this.#over.signal.reason;
  }

  /** The deadline stands still while a person is asked, and runs again where somebody still waits. */
  #patiently(ask: Ask, isAwaited: () => boolean): Ask {
    return async (request) => {
      this.#patience.pause();
      try {
        return await ask(request);
      } finally {
        if (!this.#isOver && isAwaited()) this.#patience.restart();
      }
    };
  }
}

function forwardingOf({ forwardAgent, agentRefused }: Credentials): Pick<ConnectionOptions, 'forward'> {
  if (forwardAgent === undefined) return {};
  return { forward: { agent: new ForwardedAgent(forwardAgent), refused: agentRefused ?? (() => undefined) } };
}

const straightTo = ({ host, port }: Leg) => connectTcp({ host, port, noDelay: true });
