import type { AuthContext } from 'ssh2';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { AskRequest } from '../../src/ssh/credentials.js';
import { openWorkshop } from './support/keys.js';
import { logIn } from './support/login.js';
import { startServer, type TestServer } from './support/server.js';

const workshop = openWorkshop();
const hostKey = workshop.makeKey('ed25519').pem;
afterAll(() => workshop.close());

let server: TestServer | undefined;
afterEach(() => server?.close());
const start = async (authenticate: (context: AuthContext) => void) => {
  server = await startServer([hostKey], authenticate);
  return server;
};
const refuse =
  (...offered: ('publickey' | 'password' | 'keyboard-interactive')[]) =>
  (context: AuthContext) =>
    context.reject(offered);
const asked: AskRequest[] = [];
const answering =
  (...answers: string[]) =>
  async (request: AskRequest) => {
    asked.push(request);
    return request.prompts.map((_, index) => answers[index] ?? '');
  };
afterEach(() => {
  asked.length = 0;
});

/** A server that takes keyboard-interactive alone and goes through these rounds of prompts. */
const startAsking = (...rounds: { prompts: { prompt: string; echo: boolean }[]; answers: string[] }[]) =>
  start((context) => {
    if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
    const round = (index: number) => {
      const now = rounds[index];
      if (now === undefined) return context.accept();
      context.prompt(now.prompts, 'Title\x1b[2J', 'Instruction\u202e', (answers) => {
        server?.secrets.push(...answers);
        if (answers.join() === now.answers.join()) round(index + 1);
        else context.reject(['keyboard-interactive']);
      });
    };
    round(0);
  });
const hidden = { prompt: 'Password: ', echo: false };
const code = { prompt: 'Code\x07: ', echo: true };

test('exactly one hidden prompt is answered with the password', async () => {
  const { port, seen } = await startAsking({ prompts: [hidden], answers: ['secret'] });
  expect((await logIn(port, { password: 'secret' })).error).toBe(undefined);
  expect(seen).toEqual(['none', 'keyboard-interactive']);
});

test.each([
  ['two prompts', [hidden, hidden]],
  ['a visible prompt', [code]],
])('%s: nothing is sent when nobody can be asked', async (_, prompts) => {
  const { port, secrets } = await startAsking({ prompts, answers: ['x'] });
  const { error, attempts } = await logIn(port, { password: 'secret' }, 'alice');
  expect(secrets).toEqual([]);
  expect(attempts).toEqual([]);
  expect(error?.code).toBe('auth.noMethod');
  expect(error?.message).toContain(`asks alice "Title [2J Instruction ${prompts[0]?.prompt.slice(0, 4)}`);
  expect(error?.message).not.toMatch(/[\x00-\x1f\u202e]/);
});

test('a person is asked everything else, with the controls taken out', async () => {
  const { port } = await startAsking(
    { prompts: [hidden], answers: ['secret'] },
    { prompts: [code, hidden], answers: ['123', 'new'] },
  );
  expect((await logIn(port, { password: 'secret', ask: answering('123', 'new') })).error).toBe(undefined);
  expect(asked).toEqual([
    {
      kind: 'keyboard-interactive',
      title: 'Title [2J',
      instruction: 'Instruction',
      prompts: [
        { text: 'Code :', echo: true },
        { text: 'Password:', echo: false },
      ],
    },
  ]);
});

test('the password is sent once: refused as password, keyboard-interactive does not repeat it', async () => {
  const { port, seen, secrets } = await start((context) => {
    if (context.method === 'keyboard-interactive')
      context.prompt([hidden], (answers) => secrets.push(...answers));
    else context.reject(['password', 'keyboard-interactive']);
  });
  const { error } = await logIn(port, { password: 'secret' });
  expect(seen).toEqual(['none', 'password']);
  expect(secrets).toEqual(['secret']);
  expect(error?.code).toBe('auth.refused');
});

test('refused as keyboard-interactive, the password method does not repeat it; a person may still answer', async () => {
  const { port, seen, secrets } = await start((context) => {
    if (context.method !== 'keyboard-interactive')
      return context.reject(['password', 'keyboard-interactive']);
    context.prompt([hidden], (answers) => {
      secrets.push(...answers);
      if (answers[0] === 'typed') context.accept();
      else context.reject(['password', 'keyboard-interactive']);
    });
  });
  const order = ['keyboard-interactive', 'password'] as const;
  expect((await logIn(port, { password: 'stale', order, ask: answering('typed') })).error).toBe(undefined);
  expect(seen).toEqual(['none', 'keyboard-interactive', 'keyboard-interactive']);
  expect(secrets).toEqual(['stale', 'typed']);
});

test('a person answered wrongly: not asked again', async () => {
  const { port } = await startAsking({ prompts: [code], answers: ['right'] });
  const { error } = await logIn(port, { password: 'x', ask: answering('wrong') });
  expect(error?.code).toBe('auth.refused');
  expect(asked).toHaveLength(1);
});

test('without a stored password a person is asked, only where the server takes one', async () => {
  const { port, secrets } = await start((context) => {
    if (context.method === 'password' && context.password === 'typed') context.accept();
    else context.reject(['password']);
  });
  expect((await logIn(port, { ask: answering('typed') }, 'alice')).error).toBe(undefined);
  expect(secrets).toEqual(['typed']);
  expect(asked).toEqual([
    {
      kind: 'password',
      title: 'Password for alice',
      instruction: '',
      prompts: [{ text: 'Password: ', echo: false }],
    },
  ]);
  await server?.close();
  const keysOnly = await start(refuse('publickey'));
  await logIn(keysOnly.port, { ask: answering('typed') });
  expect(asked).toHaveLength(1);
});

test.each<[string, () => Promise<string[]>]>([
  ['rejects', () => Promise.reject(new Error('^C'))],
  ['gives too few answers', async () => []],
  ['gives no text', async () => [1 as never]],
])('a question that %s is a cancellation: nothing more is sent', async (_, ask) => {
  const { port, seen, secrets } = await start(refuse('password', 'keyboard-interactive'));
  const { error } = await logIn(port, { ask });
  expect(seen).toEqual(['none']);
  expect(secrets).toEqual([]);
  expect(error?.code).toBe('auth.refused');
  expect(error?.message).toContain('was not answered');
  await server?.close();
  const asking = await startAsking({ prompts: [code], answers: ['x'] });
  const cancelled = await logIn(asking.port, { ask });
  expect(asking.secrets).toEqual([]);
  expect(cancelled.error?.message).toContain('Code :" was not answered');
});

test('a password that has expired is told by name: the questions of PAM', async () => {
  const { port, secrets } = await startAsking(
    { prompts: [hidden], answers: ['secret'] },
    { prompts: [{ prompt: 'Current password: ', echo: false }], answers: ['x'] },
  );
  const { error } = await logIn(port, { password: 'secret' });
  expect(error?.code).toBe('auth.passwordExpired');
  expect(secrets).toEqual(['secret']);
});

test('an answer that comes after the connection has ended disturbs nobody', async () => {
  let answer: (texts: string[]) => void = () => undefined;
  const late = new Promise<string[]>((resolve) => {
    answer = resolve;
  });
  const { port, secrets } = await start((context) => {
    if (context.method === 'none') context.reject(['password']);
    else context.accept();
  });
  const ask = () => {
    server?.connections.at(-1)?.end();
    return late;
  };
  const { error } = await logIn(port, { ask });
  expect(error?.code).toBe('auth.refused');
  answer(['typed']);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(secrets).toEqual([]); // and no unhandled rejection, which vitest would report
});
