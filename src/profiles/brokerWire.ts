import { X2GoError } from '../errors.js';
import { clean, truncate } from '../protocol/text.js';
import type { BrokerWire } from './broker.js';
import type { HttpBroker, SshBroker } from './brokerAddress.js';
import { type HttpAnswer, type HttpOptions, postForm } from './brokerHttp.js';
import { formOf, wordsOf } from './brokerRequest.js';

/** Over HTTP or HTTPS: one connection a question, redirects refused. */
export const httpWire =
  (broker: HttpBroker, options: HttpOptions): BrokerWire =>
  async (request, signal) => {
    const answer = await postForm(broker, formOf(broker, request), options, signal);
    const failure = failureOf(broker, request.user, answer);
    if (failure !== undefined) throw failure;
    return answer.text;
  };

function failureOf(
  { shown }: HttpBroker,
  user: string,
  { status, location }: HttpAnswer,
): X2GoError | undefined {
  if (status === 200) return undefined;
  if (status === 401 || status === 403)
    return new X2GoError('broker.refused', `The broker ${shown} refused ${clean(user)} (${status})`);
  if (status === 404 || status === 405)
    return new X2GoError('broker.missing', `There is no broker at ${shown} (${status})`);
  if (status >= 300 && status < 400) {
    const where = location === undefined ? '' : ` to ${truncate(clean(location), 200)}`;
    const why = `The broker ${shown} sends us on${where}, where a password is not taken unasked`;
    return new X2GoError('broker.redirected', why);
  }
  if (status >= 500)
    return new X2GoError('broker.unreachable', `The broker ${shown} is out of order (${status})`);
  return new X2GoError('broker.garbled', `The broker ${shown} answered with ${status}`);
}

/** Runs one command on the broker's host; each word reaches it as it is. Throws X2GoError. */
export type BrokerExec = (words: readonly string[], signal: AbortSignal) => Promise<BrokerRun>;
export interface BrokerRun {
  readonly code: number;
  readonly text: string;
}

/** Over SSH, by whatever runs commands there. */
export const sshWire =
  (broker: SshBroker, exec: BrokerExec): BrokerWire =>
  async (request, signal) => {
    if (request.task === 'setPassword')
      throw new X2GoError('usage.invalid', `A password cannot be changed over SSH: ask a broker over HTTPS`);
    const { code, text } = await exec(wordsOf(broker, request), signal);
    if (code === 0) return text;
    if (code === 126 || code === 127)
      throw new X2GoError('broker.missing', `There is no broker at ${broker.shown} that can be run`);
    // What it says on stderr is not shown: x2gobroker logs its next authentication id there (seen).
    throw new X2GoError('broker.garbled', `The broker ${broker.shown} ended with ${code}`);
  };
