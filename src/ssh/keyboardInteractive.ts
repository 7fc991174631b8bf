import type { KeyboardInteractiveAuthMethod } from 'ssh2';
import { type Ask, type AskRequest, answersOf, printable } from './credentials.js';

/** Why an authentication ended before the server refused it. */
export interface DeadEnd {
  readonly kind: 'unanswerable' | 'expired' | 'cancelled';
  /** What the server asked or said. */
  readonly text: string;
}

export interface KeyboardInteractiveOptions {
  readonly username: string;
  /** The stored password, handed out once for one automatic answer; undefined when it was used up. */
  takePassword(): Promise<string | undefined>;
  readonly ask: Ask | undefined;
  /** Called instead of an answer. */
  giveUp(end: DeadEnd): void;
}

/**
 * Answers the server's questions: exactly one hidden prompt with the stored password, everything else by a person.
 * Where nobody can answer, nothing is sent at all: an empty answer would count as a wrong one.
 */
export function keyboardInteractive(options: KeyboardInteractiveOptions): KeyboardInteractiveAuthMethod {
  const { username, giveUp } = options;
  return {
    type: 'keyboard-interactive',
    username,
    prompt(name, instructions, _language, asked, finish) {
      const prompts = asked.map(({ prompt, echo }) => ({ text: printable(prompt), echo: echo === true }));
      const request = { title: printable(name), instruction: printable(instructions), prompts };
      answerTo(options, request)
        .then((answer) => {
          if ('kind' in answer) giveUp(answer);
          else finish([...answer]);
        })
        // The connection ended while the person was typing; whoever owns it knows.
        .catch(() => undefined);
    },
  };
}

async function answerTo(
  { ask, takePassword }: KeyboardInteractiveOptions,
  request: Omit<AskRequest, 'kind'>,
): Promise<readonly string[] | DeadEnd> {
  const { title, instruction, prompts } = request;
  const password = prompts.length === 1 && prompts[0]?.echo === false ? await takePassword() : undefined;
  if (password !== undefined) return [password];
  const text = [title, instruction, ...prompts.map((prompt) => prompt.text)].filter(Boolean).join(' ');
  if (ask === undefined) return { kind: saysExpired(text) ? 'expired' : 'unanswerable', text };
  const answers = await answersOf(ask, { kind: 'keyboard-interactive', ...request });
  return answers ?? { kind: 'cancelled', text };
}

/** PAM has no message of its own for an expired password: it asks for a new one, in words. */
const saysExpired = (text: string) =>
  /expired|new password|change (your|the) password|password change|current password/i.test(text);
