import { confirm, isCancel, password, text } from '@clack/prompts';
import { clean } from '../protocol/text.js';
import type { AskRequest } from '../ssh/credentials.js';
import type { Ending } from './ending.js';
import type { Input, Io, Output } from './io.js';

/** What can be asked of the person at the terminal, for one profile. */
export interface Questions {
  secret(profile: string): (request: AskRequest) => Promise<readonly string[]>;
  host(profile: string): (question: { readonly message: string }) => Promise<boolean>;
}

/** Makes room on the screen for a question, and takes it back. */
export interface Stage {
  pause(): void;
  resume(): void;
}

interface Terminal {
  readonly input: Input;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/**
 * One question at a time, on the terminal and never on a stdout that is for programs. Ctrl-C in a question is a signal
 * to the command. Undefined where there is nobody to ask.
 */
export function openQuestions(
  io: Io,
  ending: Ending,
  options: { readonly json: boolean; readonly nonInteractive: boolean; readonly passwordStdin: boolean },
  stage: Stage,
): Questions | undefined {
  if (options.nonInteractive || options.passwordStdin || io.stdin.isTTY !== true) return undefined;
  const output = [io.stderr, ...(options.json ? [] : [io.stdout])].find(({ isTTY }) => isTTY === true);
  if (output === undefined) return undefined;
  const terminal: Terminal = { input: io.stdin, output, signal: ending.asked };

  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(put: () => Promise<T>): Promise<T> => {
    const turn = last.then(async () => {
      ending.asked.throwIfAborted();
      return put();
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  const ask = async <T>(question: () => Promise<T | symbol>): Promise<T> => {
    stage.pause();
    try {
      return answered(await question());
    } finally {
      stage.resume();
    }
  };
  const answered = <T>(answer: T | symbol): T => {
    if (!isCancel(answer)) return answer as T;
    if (!ending.asked.aborted) ending.signal('SIGINT');
    throw new Error('cancelled');
  };

  /** What was typed once opens the door again when a line was lost. One-time codes are asked anew. */
  const remembered = new Map<string, readonly string[]>();
  return {
    secret: (profile) => (request) =>
      inTurn(async () => {
        const key = keyOf(profile, request);
        const before = key === undefined ? undefined : remembered.get(key);
        if (before) return before;
        const answers: string[] = [];
        for (const prompt of request.prompts) {
          answers.push(await ask(() => put(prompt, profile, request, terminal)));
        }
        if (key !== undefined) remembered.set(key, answers);
        return answers;
      }),
    host: (profile) => (question) =>
      inTurn(async () => {
        const message = `${clean(profile)}: ${clean(question.message)}\nConnect, and remember this key?`;
        return ask<boolean>(() => confirm({ ...terminal, message, initialValue: false }));
      }),
  };
}

/** A passphrase opens the same key for every profile. */
const keyOf = (profile: string, { kind, title }: AskRequest): string | undefined =>
  kind === 'passphrase' ? `${kind} ${title}` : kind === 'password' ? `${kind} ${profile}` : undefined;

function put(
  prompt: AskRequest['prompts'][number],
  profile: string,
  { title, instruction }: AskRequest,
  terminal: Terminal,
): Promise<string | symbol> {
  const message = [clean(profile), clean(title), clean(instruction), clean(prompt.text).trim()]
    .filter((part) => part !== '')
    .join(' - ');
  return prompt.echo ? text({ ...terminal, message }) : password({ ...terminal, message });
}
