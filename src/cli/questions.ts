import { clean } from '../protocol/text.js';
import type { AskRequest } from '../ssh/credentials.js';
import type { Ending } from './ending.js';
import type { Io } from './io.js';
import { putConfirmation, putPrompt, type Terminal } from './prompts.js';

/** What can be asked of the person at the terminal, for one profile. */
export interface Questions {
  secret(profile: string): (request: AskRequest) => Promise<readonly string[]>;
  host(profile: string): (question: { readonly message: string }) => Promise<boolean>;
  /** Throws when it is cancelled. */
  confirm(message: string): Promise<boolean>;
}

/** Makes room on the screen for a question, and takes it back. */
export interface Stage {
  pause(): void;
  resume(): void;
}

interface When {
  readonly json?: boolean;
  readonly nonInteractive?: boolean;
  readonly passwordStdin?: boolean;
}

/**
 * One question at a time, on the terminal and never on a stdout that is for programs. Ctrl-C in a question is a signal
 * to the command. Undefined where there is nobody to ask.
 */
export function openQuestions(io: Io, ending: Ending, when: When, stage: Stage): Questions | undefined {
  if (when.nonInteractive || when.passwordStdin || io.stdin.isTTY !== true) return undefined;
  const output = [io.stderr, ...(when.json ? [] : [io.stdout])].find(({ isTTY }) => isTTY === true);
  if (output === undefined) return undefined;
  const terminal: Terminal = { input: io.stdin, output, signal: ending.asked };

  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(put: () => Promise<T>): Promise<T> => {
    const turn = last.then(() => {
      ending.asked.throwIfAborted();
      return put();
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  const ask = async <T>(question: () => Promise<T | undefined>): Promise<T> => {
    stage.pause();
    try {
      const answer = await question();
      if (answer !== undefined) return answer;
      if (!ending.asked.aborted) ending.signal('SIGINT');
      throw new Error('cancelled');
    } finally {
      stage.resume();
    }
  };

  /** A passphrase opens the same key for every profile. */
  const remembered = new Map<string, readonly string[]>();
  return {
    secret: (profile) => (request) =>
      inTurn(async () => {
        const key = request.kind === 'passphrase' ? request.title : undefined;
        const before = key === undefined ? undefined : remembered.get(key);
        if (before) return before;
        const answers: string[] = [];
        for (const prompt of request.prompts) {
          const words = [profile, request.title, request.instruction, prompt.text];
          answers.push(await ask(() => putPrompt(words, prompt.echo, terminal)));
        }
        if (key !== undefined) remembered.set(key, answers);
        return answers;
      }),
    host: (profile) => (question) =>
      inTurn(() => {
        const text = `${clean(profile)}: ${clean(question.message)}\nConnect, and remember this key?`;
        return ask(() => putConfirmation(text, terminal));
      }),
    confirm: (message) => inTurn(() => ask(() => putConfirmation(message, terminal))),
  };
}
