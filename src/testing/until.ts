import type { FactType } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';
import type { Guardian } from '../guardian.js';
import type { GuardianEventOf } from '../records.js';

/** The next event of that kind, or the next one that is as wanted. Throws call.timedOut. */
export function until<Type extends FactType>(
  guardian: Pick<Guardian, 'on'>,
  event: Type,
  {
    where = () => true,
    timeout = 30_000,
  }: {
    readonly where?: (record: GuardianEventOf<Type>) => boolean;
    /** In ms of real time. @default 30_000 */
    readonly timeout?: number;
  } = {},
): Promise<GuardianEventOf<Type>> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      off();
    };
    const off = guardian.on(event, (record) => {
      if (!where(record)) return;
      done();
      resolve(record);
    });
    const timer = setTimeout(() => {
      done();
      reject(new X2GoError('call.timedOut', `There was no ${event} within ${timeout} ms`));
    }, timeout);
  });
}
