import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { soon } from '../support/real/bounds.js';
import { makeTempDir } from '../support/real/owner.js';
import { childrenOf, isAlive, lookAt } from '../support/real/processes.js';
import { type StubNxproxy, stubNxproxy } from '../support/stubNxproxy/stubNxproxy.js';
import { type StubScreen, stubScreen } from '../support/stubNxproxy/stubScreen.js';
import { eventually } from '../support/until.js';
import { cookie, fakeAgent } from './support/fakeAgent.js';
import { compileProxy, type OwnProcess, type Plan, runInProcess } from './support/ownProcess.js';

const isLinux = process.platform === 'linux' && existsSync('/usr/bin/setpriv');

describe.runIf(isLinux)('in a process of its own', () => {
  let dir: string;
  let script: string;
  let stub: StubNxproxy;
  let screen: StubScreen;
  let agent: Awaited<ReturnType<typeof fakeAgent>>;
  let begun: OwnProcess[] = [];
  beforeAll(() => {
    dir = makeTempDir('own');
    script = compileProxy(dir);
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  beforeEach(async () => {
    stub = stubNxproxy();
    screen = await stubScreen();
    agent = await fakeAgent();
  });
  afterEach(async () => {
    for (const each of begun) each.process.kill('SIGKILL');
    begun = [];
    await screen.stop();
    await agent.stop();
    stub.remove();
  });
  const start = (plan: Partial<Plan> = {}, prefix: readonly string[] = []) => {
    const env = stub.env({ DISPLAY: screen.display });
    const own = runInProcess(script, { cookie, display: 50, port: agent.port, ...plan }, env, prefix);
    begun.push(own);
    return own;
  };
  const seen = (own: OwnProcess, type: string) =>
    eventually(
      `${type}: ${JSON.stringify(own.facts)} ${own.output()}`,
      () => own.facts.some((fact) => fact.type === type),
      15_000,
    );

  test('FAULTS 5: kill -9 of it takes nxproxy along within a second, even one that hears no SIGTERM', async () => {
    stub.behave({ mode: 'deaf' });
    const own = start();
    await seen(own, 'proxy.up');
    const { pid } = own.facts.find(({ type }) => type === 'proxy.launched') as unknown as { pid: number };
    expect(isAlive(pid)).toBe(true);
    const since = performance.now();
    own.process.kill('SIGKILL');
    await eventually('nxproxy to be gone', () => !isAlive(pid));
    expect(performance.now() - since).toBeLessThan(soon(1_000));
  });

  test("a terminal's Ctrl-C, which goes to its whole process group, does not reach nxproxy", async () => {
    const own = start({}, ['setsid']);
    await seen(own, 'proxy.up');
    const { pid } = own.facts.find(({ type }) => type === 'proxy.launched') as unknown as { pid: number };
    process.kill(-(own.process.pid ?? 0), 'SIGINT');
    await seen(own, 'interrupted');
    expect(isAlive(pid)).toBe(true);
    expect(own.facts.map(({ type }) => type)).not.toContain('proxy.ended');
  });

  test('FAULTS 49: with too few file descriptors it says so by name, and leaves nothing', async () => {
    const ends: string[] = [];
    for (let free = 0; free <= 12; free += 2) {
      const own = start({ free }, ['prlimit', '--nofile=48']);
      const isOver = () => own.facts.some(({ type }) => type === 'proxy.up' || type === 'proxy.ended');
      await eventually(`an end: ${JSON.stringify(own.facts)} ${own.output()}`, isOver, 15_000);
      const end = own.facts.find(({ type }) => type === 'proxy.ended')?.end as
        | { how: string; failure: { code: string; message: string } }
        | undefined;
      ends.push(end?.failure.code ?? 'up');
      if (end === undefined) continue;
      expect(end).toMatchObject({ how: 'failed', failure: { code: 'local.exhausted', retryable: true } });
      expect(end.failure.message).toContain('EMFILE');
      if (own.process.exitCode === null) await once(own.process, 'exit');
      expect(childrenOf(own.process.pid ?? 0)).toEqual([]);
      expect(readdirSync(stub.env().XDG_RUNTIME_DIR ?? '')).toEqual([]);
    }
    // Both places: looking at the screen, and spawning.
    expect(ends.filter((code) => code === 'local.exhausted').length).toBeGreaterThan(1);
    expect(ends.at(-1)).toBe('up');
    expect(lookAt(process.pid)).toBeDefined();
  });
});
