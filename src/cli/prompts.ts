import { clean } from '../protocol/text.js';
import type { Input, Output } from './io.js';

/** Where a person sits. */
export interface Terminal {
  readonly input: Input;
  readonly output: Output;
  /** Takes the question back. */
  readonly signal: AbortSignal;
}

/** One line of text, hidden unless `echo`. Undefined: cancelled. */
export async function putPrompt(
  words: readonly string[],
  echo: boolean,
  terminal: Terminal,
): Promise<string | undefined> {
  const { isCancel, password, text } = await import('@clack/prompts');
  const said = words.map((word) => clean(word).trim().replace(/:$/, ''));
  // "Password for alice" needs no "Password" after it.
  const message = said.filter((word, index) => !said.slice(0, index).some((before) => before.includes(word)));
  const answer = await (echo ? text : password)({
    ...terminal,
    message: message.filter(Boolean).join(' - '),
  });
  return isCancel(answer) ? undefined : (answer ?? '');
}

/** Yes or no; Enter alone is no. Undefined: cancelled. */
export async function putConfirmation(message: string, terminal: Terminal): Promise<boolean | undefined> {
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({ ...terminal, message, initialValue: false });
  return isCancel(answer) ? undefined : answer;
}
