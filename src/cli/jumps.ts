import { InvalidArgumentError } from 'commander';
import { checkProfile } from '../checkProfile.js';
import type { SshConfig, SshTarget } from '../profiles/sshConfig.js';
import { readJumps } from '../profiles/sshConfigSettings.js';
import type { Chosen } from './chosen.js';
import { placeOf } from './sshConfig.js';

/** The hops of --jump, nearest first; none of them for `none`. */
export function jumpsFrom(text: string): readonly SshTarget[] {
  const read = readJumps(text);
  if ('reason' in read) throw new InvalidArgumentError(`${read.reason}.`);
  return read.jumps;
}

/** A profile of a file, led over the hops of --jump in place of its own. They are looked up as ssh does. Throws config.invalid. */
export function overJumps(chosen: Chosen, config: SshConfig): Chosen {
  // What ssh's configuration knows has been led over them already.
  if (chosen.ssh !== undefined) return chosen;
  const { host, port, user } = chosen.profile;
  const { via } = config.route({ host, user, ...(port === undefined ? {} : { port }) });
  return { ...chosen, profile: checkProfile({ ...chosen.profile, via: via.map(placeOf) }), hops: via };
}
