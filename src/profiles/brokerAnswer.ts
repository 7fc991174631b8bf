/** What a broker's answers have in common, whatever they are written in. All parsers here are total. */

export type Answered<Value> =
  | { readonly ok: true; readonly value: Value; readonly nextAuthId?: string }
  | Unusable;
export interface Unusable {
  readonly ok: false;
  /** Never holds a part of the answer: there may be a private key in it. */
  readonly reason: string;
  /** The broker said no, in words. */
  readonly isRefusal?: true;
}

/** A profile as a broker describes it: the keys of x2goclient's sessions file, its booleans as 0 and 1. */
export interface BrokerProfile {
  readonly id: string;
  readonly name: string;
  readonly settings: ReadonlyMap<string, string>;
}
export interface BrokerProfiles {
  readonly profiles: readonly BrokerProfile[];
  /** Why others were left out. */
  readonly skipped: readonly string[];
}

export const unusable = (reason: string): Unusable => ({ ok: false, reason });
export const refusal = (reason: string): Unusable => ({ ok: false, reason, isRefusal: true });

const mostProfiles = 1_000;
const mostSettings = 300;
const longestId = 200;
const longestValue = 4_096;

// Written by us into the next request, or onto a command line.
export const isAuthId = (text: string): boolean => /^[A-Za-z0-9._:=+/-]{1,256}$/.test(text);

const isPlain = (text: string): boolean => !/[\x00-\x1f\x7f-\x9f]/.test(text);

/** Gathers profiles; what cannot be one is left out, for a reason. */
export class ProfileGathering {
  readonly #profiles = new Map<string, BrokerProfile>();
  readonly #skipped: string[] = [];

  add(id: string, settings: ReadonlyMap<string, string>): void {
    const reason = this.#fault(id, settings);
    if (reason !== undefined) this.skip(reason);
    else this.#profiles.set(id, { id, name: settings.get('name') || id, settings });
  }

  skip(reason: string): void {
    if (this.#skipped.length < mostProfiles) this.#skipped.push(reason);
  }

  get done(): BrokerProfiles {
    return { profiles: [...this.#profiles.values()], skipped: this.#skipped };
  }

  #fault(id: string, settings: ReadonlyMap<string, string>): string | undefined {
    if (id === '' || id.length > longestId || !isPlain(id)) return 'the id of a profile is malformed';
    if (this.#profiles.has(id)) return 'two profiles have the same id';
    if (this.#profiles.size >= mostProfiles) return `there are more than ${mostProfiles} profiles`;
    if (settings.size > mostSettings) return `a profile has more than ${mostSettings} settings`;
    for (const [key, value] of settings) {
      if (key.length > longestId || value.length > longestValue) return 'a setting is too long';
      if (!isPlain(key) || !isPlain(value)) return 'a setting holds control characters';
    }
    return undefined;
  }
}
