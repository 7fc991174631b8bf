import { randomBytes } from 'node:crypto';
import type { ProfileId } from '../../machines/vocabulary.js';
import type { WithdrawRequest } from '../protocol/request.js';
import { withdrawScript } from '../protocol/withdraw.js';
import type { World } from '../world.js';
import type { Connection } from './connection.js';
import { runOwned } from './owned.js';

/** Servers on which an agent died at once: such a start leaves its row, running and without an agent, until somebody ends it (seen). */
const untidy = new WeakSet<Connection>();

export const noteDeadRow = (connection: Connection): void => void untidy.add(connection);

/**
 * Ends the rows of agents that died at once. Only while no start is under way a row without an agent is surely such a one, so
 * whoever starts last does this.
 */
export async function endDeadRows(
  world: World,
  profile: ProfileId,
  connection: Connection,
  signal: AbortSignal,
): Promise<void> {
  if (!untidy.delete(connection)) return;
  const [marker, nobodys] = [hex(), hex()];
  // The withdrawal of a start that began nothing leaves only that to do.
  const request: WithdrawRequest = { verb: 'withdraw', marker, start: nobodys };
  const text = withdrawScript(request, seconds);
  const script = { name: 'The end of what failed starts left', marker, text, deadlineMs: seconds * 1_000 };
  // The session that was started is there all the same; the next start tries again.
  await runOwned(world, profile, script, signal).catch(() => noteDeadRow(connection));
}

const seconds = 20;
const hex = () => randomBytes(16).toString('hex');
