import { createHmac, randomBytes } from 'node:crypto';
import type { Profile } from '../../machines/vocabulary.js';
import { Turns } from './turns.js';

/** What came of a secret that was sent. `cut`: the connection ended before the server said. */
export type Verdict = 'accepted' | 'refused' | 'cut' | 'unknown';

/** A secret that is on its way to a server. */
export interface Sending {
  /** Others may send theirs: this one's verdict has to wait for a person. */
  letGo(): void;
  /** The first verdict counts. */
  settle(verdict: Verdict): void;
}

/** Asked before a secret is sent. Rejects when nobody waits for it any more. */
export type Gate = (secret: string) => Promise<Sending | 'withheld'>;

interface Account {
  readonly turns: Turns;
  /** By digest: what speaks against sending it again. */
  readonly marks: Map<string, number>;
}

/** A refusal is enough; so are that many connections that ended when the secret was sent, as some servers say no. */
const enough = 3;

/**
 * The secrets that servers have refused, over all profiles and reconnects of a guardian. Many a server locks an account
 * after three wrong passwords: one that was refused is not sent to the same user, host and port again until forget(), and
 * of those that wait only one at a time is on its way, so that it is refused once for all of them. Kept are digests, under
 * a key of this process.
 */
export class RefusedSecrets {
  readonly #key = randomBytes(32);
  readonly #accounts = new Map<string, Account>();

  /** For one login, of this account. */
  gateOf({ user, host, port = 22 }: Place, signal: AbortSignal): Gate {
    const { turns, marks } = this.#account(accountOf({ user, host, port }));
    return async (secret) => {
      const digest = createHmac('sha256', this.#key).update(secret).digest('base64');
      const giveBack = await turns.take(signal);
      if ((marks.get(digest) ?? 0) >= enough) {
        giveBack();
        return 'withheld';
      }
      let isHeld = true;
      let isOpen = true;
      const letGo = () => {
        if (isHeld) giveBack();
        isHeld = false;
      };
      const settle = (verdict: Verdict) => {
        if (isOpen) note(marks, digest, verdict);
        isOpen = false;
        letGo();
      };
      return { letGo, settle };
    };
  }

  /** A person wants it tried again, at the profile's host and at those on the way there. */
  forget({ via = [], ...target }: Profile): void {
    for (const place of [target, ...via])
      if (place.user !== undefined)
        this.#accounts.get(accountOf({ ...place, user: place.user }))?.marks.clear();
  }

  #account(name: string): Account {
    const account = this.#accounts.get(name) ?? { turns: new Turns(1), marks: new Map() };
    this.#accounts.set(name, account);
    return account;
  }
}

interface Place {
  readonly user: string;
  readonly host: string;
  readonly port?: number;
}

const accountOf = ({ user, host, port = 22 }: Place) => JSON.stringify([user, host.toLowerCase(), port]);

function note(marks: Map<string, number>, digest: string, verdict: Verdict): void {
  if (verdict === 'accepted') marks.delete(digest);
  else if (verdict === 'refused') marks.set(digest, enough);
  else if (verdict === 'cut') marks.set(digest, (marks.get(digest) ?? 0) + 1);
}

/** Where no guardian remembers: everything may be sent. */
export const openGate: Gate = async () => ({ letGo: () => undefined, settle: () => undefined });
