/** What a person or a program gives us to prove who they are. Secrets: never in input, context, events or logs. */

export type AuthMethodName = 'publickey' | 'agent' | 'password' | 'keyboard-interactive';

/** A key given by its contents. */
export interface InlineIdentity {
  readonly privateKey: string | Buffer;
  readonly passphrase?: string;
  /** What messages call it. @default 'the given private key' */
  readonly label?: string;
}

/** A question for a person. The texts may come from the server; control characters are already taken out. */
export interface AskRequest {
  readonly kind: 'password' | 'passphrase' | 'keyboard-interactive';
  readonly title: string;
  readonly instruction: string;
  readonly prompts: readonly { readonly text: string; readonly echo: boolean }[];
}

/** One answer for each prompt. A rejection, or another number of answers, means: cancelled. */
export type Ask = (request: AskRequest) => Promise<readonly string[]>;

export interface Credentials {
  /** Keys that were named, by path or by contents. One that cannot be used is an error, never passed over. */
  readonly identities?: readonly (string | InlineIdentity)[];
  /** Paths that are tried when they hold a usable key, and passed over when they do not. */
  readonly defaultIdentities?: readonly string[];
  /** Short for one named identity. */
  readonly privateKey?: string | Buffer;
  /** For the keys that bring none of their own. */
  readonly passphrase?: string;
  /** The path of a key agent's socket. */
  readonly agent?: string;
  /** Of the agent's keys only these, by the paths of their files: itself or with .pub a public key. @default all */
  readonly agentKeys?: readonly string[];
  /**
   * The path of the socket of a key agent that the session's programs may use, as ssh's ForwardAgent: so may whoever is root
   * on the server, as long as the line lasts. Never shown to a hop. @default none
   */
  readonly forwardAgent?: string;
  /** Told when the server does not take the agent; everything else goes on. */
  readonly agentRefused?: (message: string) => void;
  readonly password?: string;
  readonly ask?: Ask;
  /**
   * A password or passphrase that was asked for and accepted is kept in memory, so that a reconnect asks nobody. It is
   * dropped when it is refused (then it is asked for once more), at disconnect, and at the end. False: the password is
   * asked for before each reconnect. The answers to a server's own questions (one-time codes) are never kept.
   * @default true
   */
  readonly remember?: boolean;
  /** The methods to use, in this order; what is left out is not used. @default publickey, agent, password, keyboard-interactive */
  readonly order?: readonly AuthMethodName[];
}

/** Text of the server's, fit for a terminal and one line: C0, C1 and bidi controls become blanks. */
export function printable(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu, ' ')
    .trim();
}

/** A person's answers, or undefined when there are none to be had. */
export async function answersOf(ask: Ask, request: AskRequest): Promise<readonly string[] | undefined> {
  try {
    const answers: unknown = await ask(request);
    const complete = Array.isArray(answers) && answers.length === request.prompts.length;
    return complete && answers.every((answer) => typeof answer === 'string') ? answers : undefined;
  } catch {
    return undefined;
  }
}
