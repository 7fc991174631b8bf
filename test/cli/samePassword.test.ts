import { expect, test } from 'vitest';
import { SamePassword } from '../../src/cli/samePassword.js';
import type { AskRequest } from '../../src/ssh/credentials.js';

const password: AskRequest = {
  kind: 'password',
  title: '',
  instruction: '',
  prompts: [{ text: 'Password: ', echo: false }],
};
const code: AskRequest = { ...password, kind: 'keyboard-interactive' };

function twoLogins() {
  let asked = 0;
  const person = async () => {
    asked += 1;
    if (asked === 3) throw new Error('cancelled');
    return [`answer ${asked}`];
  };
  const shared = new SamePassword();
  return { hop: shared.of('office', 'hop', person), target: shared.of('office', 'target', person) };
}

test('one answer is for both, and each has it once', async () => {
  const { hop, target } = twoLogins();
  expect(await hop(password)).toEqual(['answer 1']);
  expect(await target(password)).toEqual(['answer 1']);
  // It was refused there: a person is asked anew, and that is told to both again.
  expect(await target(password)).toEqual(['answer 2']);
  expect(await hop(password)).toEqual(['answer 2']);
  await expect(hop(password)).rejects.toThrow('cancelled');
  expect(await target(password)).toEqual(['answer 4']);
});

test("a one-time code is nobody else's", async () => {
  const { hop, target } = twoLogins();
  expect(await hop(code)).toEqual(['answer 1']);
  expect(await target(code)).toEqual(['answer 2']);
});
