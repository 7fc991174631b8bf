import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

export interface CpuGroup {
  /** What this process starts from now on belongs to the group, and so does what that starts. */
  take(pid: number): void;
  /** CPU time of all that ever ran in it, in ms. */
  usedMs(): number;
  /** Gives its processes back, and goes. */
  remove(): void;
}

const v1 = '/sys/fs/cgroup/cpuacct';
const root = existsSync(`${v1}/cpuacct.usage`) ? v1 : '/sys/fs/cgroup';

/** A control group of our own: the kernel's account of CPU time, short-lived processes included. */
export function makeCpuGroup(): CpuGroup {
  const dir = `${root}/x2go-bench-${randomBytes(4).toString('hex')}`;
  mkdirSync(dir);
  return {
    take: (pid) => writeFileSync(`${dir}/cgroup.procs`, String(pid)),
    usedMs: () => {
      if (root === v1) return Number(readFileSync(`${dir}/cpuacct.usage`, 'utf8')) / 1e6;
      const usec = readFileSync(`${dir}/cpu.stat`, 'utf8').match(/^usage_usec ([0-9]+)$/m)?.[1];
      return Number(usec) / 1e3;
    },
    remove: () => {
      for (const pid of readFileSync(`${dir}/cgroup.procs`, 'utf8').trim().split('\n')) {
        if (pid !== '') writeFileSync(`${root}/cgroup.procs`, pid);
      }
      rmdirSync(dir);
    },
  };
}
