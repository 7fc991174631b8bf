import type { HttpBroker, SshBroker } from './brokerAddress.js';

/** One question to a broker. Holds secrets: it goes to the wire and nowhere else. */
export interface BrokerRequest {
  readonly task: 'list' | 'select' | 'setPassword' | 'test';
  readonly user: string;
  readonly password?: string;
  readonly authId?: string;
  /** The profile to select. */
  readonly profile?: string;
  readonly newPassword?: string;
}

const tasks = {
  list: 'listsessions',
  select: 'selectsession',
  setPassword: 'setpass',
  test: 'testcon',
} as const;

/** The form that is posted. */
export function formOf({ dialect }: HttpBroker, request: BrokerRequest): string {
  const isJson = dialect === 'json';
  const { user, password, authId, profile, newPassword } = request;
  const form = new URLSearchParams({ task: taskOf(isJson, request.task), user });
  if (password !== undefined) form.set('password', password);
  if (authId !== undefined) form.set('authid', authId);
  if (profile !== undefined) form.set(isJson ? 'profile-id' : 'sid', profile);
  if (newPassword !== undefined) form.set('newpass', newPassword);
  return form.toString();
}

// x2gobroker answers testcon with nothing in JSON (seen): a list is as good a test, and says more.
const taskOf = (isJson: boolean, task: BrokerRequest['task']): string =>
  isJson && (task === 'list' || task === 'test') ? 'listprofiles' : tasks[task];

/** The command that is run on the broker's host, for one shell to quote. A password is no part of it: SSH has logged us in. */
export function wordsOf({ program }: SshBroker, request: BrokerRequest): readonly string[] {
  const { task, user, authId, profile } = request;
  return [
    program,
    ...['--task', tasks[task]],
    ...['--user', user],
    ...(authId === undefined ? [] : ['--authid', authId]),
    ...(profile === undefined ? [] : ['--sid', profile]),
  ];
}
