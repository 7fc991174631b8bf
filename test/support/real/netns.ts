import { randomBytes, randomInt } from 'node:crypto';
import { mustRun, run } from './run.js';

/** Packets that are lost: those to the far end, those from it, or all. */
export type Loss = 'there' | 'back' | 'both';

export interface Netns {
  /** The address inside; only this machine has a route to it. */
  readonly address: string;
  /** Runs the command that follows inside. */
  readonly inside: readonly string[];
  drop(loss: Loss): Promise<void>;
  heal(): Promise<void>;
  remove(): Promise<void>;
}

/** A network namespace behind a cable of its own (a veth pair), which can be cut without either end noticing. */
export async function makeNetns(): Promise<Netns> {
  const name = `x2g${randomBytes(4).toString('hex')}`;
  const net = `10.${randomInt(128, 255)}.${randomInt(0, 256)}`;
  const inside = ['nsenter', `--net=/run/netns/${name}`];
  const ip = (...args: string[]) => mustRun('ip', args);
  const [command = '', ...args] = inside;
  const within = (...words: string[]) => mustRun(command, [...args, ...words]);
  const remove = async () => {
    await run('ip', ['link', 'delete', `${name}h`]);
    await run('ip', ['netns', 'delete', name]);
  };
  try {
    await ip('netns', 'add', name);
    await ip('link', 'add', `${name}h`, 'type', 'veth', 'peer', 'name', `${name}s`, 'netns', name);
    await ip('address', 'add', `${net}.1/30`, 'dev', `${name}h`);
    await ip('link', 'set', `${name}h`, 'up');
    await within('ip', 'address', 'add', `${net}.2/30`, 'dev', `${name}s`);
    await within('ip', 'link', 'set', `${name}s`, 'up');
    await within('ip', 'link', 'set', 'lo', 'up');
  } catch (cause) {
    await remove();
    throw cause;
  }
  return {
    address: `${net}.2`,
    inside,
    drop: async (loss) => {
      if (loss !== 'back') await within('iptables', '-I', 'INPUT', '-i', `${name}s`, '-j', 'DROP');
      if (loss !== 'there') await within('iptables', '-I', 'OUTPUT', '-o', `${name}s`, '-j', 'DROP');
    },
    heal: async () => {
      await within('iptables', '-F');
    },
    remove,
  };
}
