import type { KeyboardInteractiveAuthMethod } from 'ssh2';
import { type Ask, answersOf, printable } from './credentials.js';

/** Why an authentication ended before the server refused it. */
export interface DeadEnd {
  readonly kind: 'unanswerable' | 'expired' | 'cancelled';
  /** What the server asked or said. */
  readonly text: string;
}

export interface KeyboardInteractiveOptions {
  readonly username: string;
  /** The stored password, handed out once for one automatic answer; undefined when it was used up. */
  takePassword(): string | undefined;
  readonly ask: Ask | undefined;
  /** Called instead of an answer. */
  giveUp(end: DeadEnd): void;
}

/**
 * Answers the server's questions: exactly one hidden prompt with the stored password, everything else by a person.
 * Where nobody can answer, nothing is sent at all: an empty answer would count as a wrong one.
 */
export function keyboardInteractive(options: KeyboardInteractiveOptions): KeyboardInteractiveAuthMethod {
  const { username, ask } = options;
  return {
    type: 'keyboard-interactive',
    username,
    prompt(name, instructions, _language, asked, finish) {
      const prompts = asked.map(({ prompt, echo }) => ({ text: printable(prompt), echo: echo === true }));
      const password =
        prompts.length === 1 && prompts[0]?.echo === false ? options.takePassword() : undefined;
      if (password !== undefined) return finish([password]);

      const title = printable(name);
      const instruction = printable(instructions);
      const text = [title, instruction, ...prompts.map((prompt) => prompt.text)].filter(Boolean).join(' ');
      if (ask === undefined) {
        return options.giveUp({ kind: saysExpired(text) ? 'expired' : 'unanswerable', text });
      }
      answersOf(ask, { kind: 'keyboard-interactive', title, instruction, prompts })
        .then((answers) =>
          answers === undefined ? options.giveUp({ kind: 'cancelled', text }) : finish([...answers]),
        )
        // The connection ended while the person was typing; whoever owns it knows.
        .catch(() => undefined);
    },
  };
}

/** PAM has no message of its own for an expired password: it asks for a new one, in words. */
const saysExpired = (text: string) =>
  /expired|new password|change (your|the) password|password change|current password/i.test(text);
