import ssh2, {
  type AuthContext,
  type KeyboardAuthContext,
  type ParsedKey,
  type PublicKeyAuthContext,
} from 'ssh2';
import type { FaultPlan } from './faultPlan.js';

export interface KeyboardQuestion {
  readonly prompt: string;
  readonly answer: string;
  /** Whether the client may show what is typed. @default false */
  readonly echo?: boolean;
}

/** One request of a client to be let in. Never what it said. */
export interface AuthAttempt {
  readonly method: string;
  readonly user: string;
  /** `probed`: a key was offered without a signature and would do. */
  readonly outcome: 'accepted' | 'refused' | 'probed';
}

export interface Credentials {
  readonly user: string;
  password: string | undefined;
  readonly authorizedKeys: readonly string[];
  readonly keyboardInteractive: readonly KeyboardQuestion[] | undefined;
}

type Methods = Parameters<AuthContext['reject']>[0];

/** Decides about each attempt and tells it to `record`. */
export function createDoor(known: Credentials, plan: FaultPlan, record: (attempt: AuthAttempt) => void) {
  const keys = known.authorizedKeys.map(parsePublic);
  const methods = [
    ...(keys.length > 0 ? ['publickey'] : []),
    ...(known.password === undefined ? [] : ['password']),
    ...(known.keyboardInteractive === undefined ? [] : ['keyboard-interactive']),
  ] as Methods;

  return (context: AuthContext) => {
    const settle = (outcome: AuthAttempt['outcome']) => {
      record({ method: context.method, user: context.username, outcome });
      if (outcome === 'refused') context.reject(methods);
      else context.accept();
    };
    const decide = (right: boolean) =>
      settle(right && context.username === known.user ? 'accepted' : 'refused');
    if (context.method === 'publickey') {
      const found = judgeKey(context, keys);
      if (found === 'probed' && context.username === known.user) settle('probed');
      else decide(found === 'accepted');
    } else if (context.method === 'password') {
      const right = known.password !== undefined && context.password === known.password;
      if (!right || plan.passwordExpired === undefined) decide(right);
      else
        context.requestChange(plan.passwordExpired, (changed) => {
          known.password = changed;
          plan.passwordExpired = undefined;
          decide(true);
        });
    } else if (context.method === 'keyboard-interactive' && known.keyboardInteractive !== undefined) {
      ask(context, known.keyboardInteractive, decide);
    } else {
      decide(false);
    }
  };
}

function judgeKey(context: PublicKeyAuthContext, keys: readonly ParsedKey[]): AuthAttempt['outcome'] {
  const key = keys.find((candidate) => candidate.getPublicSSH().equals(context.key.data));
  if (key === undefined) return 'refused';
  if (context.signature === undefined || context.blob === undefined) return 'probed';
  return key.verify(context.blob, context.signature, context.hashAlgo) === true ? 'accepted' : 'refused';
}

function ask(
  context: KeyboardAuthContext,
  questions: readonly KeyboardQuestion[],
  decide: (right: boolean) => void,
): void {
  const prompts = questions.map(({ prompt, echo = false }) => ({ prompt, echo }));
  context.prompt(prompts, (answers) => {
    // An attempt that was given up for another one is answered with an Error.
    if (!Array.isArray(answers)) return;
    decide(
      answers.length === questions.length && questions.every(({ answer }, at) => answer === answers[at]),
    );
  });
}

function parsePublic(text: string): ParsedKey {
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error)
    throw new Error(`The emulator cannot use this authorized key: ${parsed.message}`);
  return parsed;
}
