import type { Gate, Sending, Verdict } from './refusedSecrets.js';

/** One method's way through the gate that secrets pass before they are sent. */
export class Passage {
  readonly #gate: Gate;
  #sending: Sending | undefined;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** Whether the secret may be sent. Then the next one waits for letGo() or settle(). */
  async isFree(secret: string): Promise<boolean> {
    const passed = await this.#gate(secret);
    if (passed === 'withheld') return false;
    this.#sending = passed;
    return true;
  }

  letGo(): void {
    this.#sending?.letGo();
  }

  readonly settle = (verdict: Verdict): void => this.#sending?.settle(verdict);
}
