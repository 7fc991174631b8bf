import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type NxproxyOptions, nxproxy } from '../../src/proxy/nxproxy.js';
import { openFiles } from '../support/aftermath.js';
import { manualClock } from '../support/manualClock.js';
import { soon } from '../support/real/bounds.js';
import { childrenOf, isAlive, lookAt } from '../support/real/processes.js';
import { type StubNxproxy, stubNxproxy } from '../support/stubNxproxy/stubNxproxy.js';
import { type StubScreen, stubScreen } from '../support/stubNxproxy/stubScreen.js';
import { eventually } from '../support/until.js';
import { aWorld, key, profile, run } from './support/aWorld.js';
import { cookie, fakeAgent } from './support/fakeAgent.js';

let stub: StubNxproxy;
let screen: StubScreen;
let agent: Awaited<ReturnType<typeof fakeAgent>>;
let left: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  stub = stubNxproxy();
  screen = await stubScreen();
  agent = await fakeAgent();
});
afterEach(async () => {
  await Promise.all(left.map((give) => give()));
  left = [];
  await screen.stop();
  await agent.stop();
  stub.remove();
});

const env = (more = {}) => stub.env({ DISPLAY: screen.display, ...more });
const runtimeFolder = () => env().XDG_RUNTIME_DIR ?? '';
function start(options: NxproxyOptions = {}, made = aWorld()) {
  const ran = run(nxproxy(made.world, { env: env(), ...options }), { port: agent.port });
  left.push(async () => {
    made.world.scope.hurry();
    await made.world.scope.close();
    ran.stop();
  });
  return { ...made, ...ran };
}
type Started = ReturnType<typeof start>;

/** Nothing of it is left: no process, no zombie, no folder, no note, nothing in the scope, no timer. */
async function expectNothing({ world, noted, of, armed }: Started) {
  await eventually('the scope to be empty', () => world.scope.open.length === 0);
  const pid = of('proxy.launched')?.pid;
  if (pid !== undefined) expect(lookAt(pid)).toBeUndefined();
  expect(readdirSync(runtimeFolder())).toEqual([]);
  expect([...noted]).toEqual([]);
  expect([...world.viewers]).toEqual([]);
  await eventually('no timer to be set', () => armed() === 0);
}

describe('a session on the screen', () => {
  test('is launched, up, and ended when it is told to, and leaves nothing', async () => {
    const proxy = start();
    const { pid } = await proxy.fact('proxy.launched');
    expect(proxy.world.viewers.get(key)).toBe(pid);
    await proxy.fact('proxy.up');
    proxy.ask('proxy.end');
    const { end } = await proxy.fact('proxy.ended');
    expect(end).toEqual({ how: 'ended' });
    expect(proxy.facts.map(({ type }) => type)).toEqual(['proxy.launched', 'proxy.up', 'proxy.ended']);
    await expectNothing(proxy);
    const report = await proxy.world.scope.close();
    expect(report.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual(
      expect.arrayContaining(['child closed', 'directory closed']),
    );
  });

  test('its options are readable by us alone, in a folder of ours alone, and gone when they were read', async () => {
    const proxy = start();
    await proxy.fact('proxy.up');
    const [seen] = stub.runs();
    expect(seen?.mode).toBe('600');
    const file = /options=([^:]+):50$/.exec(seen?.argv[1] ?? '')?.[1] ?? '';
    expect(seen?.argv).toEqual(['-S', `nx/nx,options=${file}:50`]);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    expect(dirname(dirname(file))).toBe(runtimeFolder());
    expect(seen?.optionsLine).toContain(`cookie=${cookie},port=${agent.port},`);
    expect(seen?.optionsLine).toContain(`root=${dirname(file)},`);
    expect(existsSync(file)).toBe(false);
  });

  test('the cookie is in no command line, environment, fact or note', async () => {
    const proxy = start();
    const { pid } = await proxy.fact('proxy.launched');
    await proxy.fact('proxy.up');
    for (const each of [pid, ...childrenOf(process.pid).map((child) => child.pid)]) {
      expect(lookAt(each)?.cmdline).not.toContain(cookie);
      expect(readFileSync(`/proc/${each}/environ`, 'latin1')).not.toContain(cookie);
    }
    expect(JSON.stringify([proxy.facts, proxy.everNoted])).not.toContain(cookie);
  });

  test('it knows of our environment what it needs and no more, and has a process group of its own', async () => {
    const proxy = start({
      env: env({ XAUTHORITY: '/x/auth', LANG: 'C.UTF-8', SECRET: 'no', LD_PRELOAD: '' }),
    });
    const { pid } = await proxy.fact('proxy.launched');
    await proxy.fact('proxy.up');
    const [seen] = stub.runs();
    expect(Object.keys(seen?.env ?? {}).sort()).toEqual(
      ['DISPLAY', 'HOME', 'LANG', 'NX_CLIENT', 'NX_ROOT', 'PATH', 'XAUTHORITY'].sort(),
    );
    expect(seen?.env).toMatchObject({
      NX_CLIENT: '/bin/true',
      DISPLAY: screen.display,
      XAUTHORITY: '/x/auth',
    });
    const group = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[2];
    expect(group).toBe(String(pid));
  });

  test('it is noted for the next start: the folder before it is made, the child with its start time', async () => {
    const proxy = start();
    const { pid } = await proxy.fact('proxy.launched');
    const [folder, child] = [...proxy.noted];
    expect(folder).toMatchObject({ kind: 'directory', path: expect.stringContaining(runtimeFolder()) });
    expect(child).toMatchObject({ kind: 'child', pid, startTime: lookAt(pid)?.startedAt });
    await proxy.fact('proxy.up');
    const command = child?.kind === 'child' ? child.command : '';
    expect(lookAt(pid)?.cmdline.endsWith(command)).toBe(true);
  });

  test('a session has a screen of its own, and a folder of its own at every run', async () => {
    const other = await stubScreen();
    const made = aWorld();
    const port = nxproxy(made.world, { env: env() });
    const runs = [0, 1].map(() => run(port, { port: agent.port, presentation: { screen: other.display } }));
    for (const each of runs) await each.fact('proxy.up');
    expect(new Set(stub.runs().map((seen) => seen.env.NX_ROOT)).size).toBe(2);
    expect(stub.runs().map((seen) => seen.env.DISPLAY)).toEqual([other.display, other.display]);
    for (const each of runs) each.stop();
    await eventually('both to be gone', () => made.world.scope.open.length === 0);
    expect(readdirSync(runtimeFolder())).toEqual([]);
    await other.stop();
  });
});

describe('how it ends', () => {
  test('the session ends: ended. The line breaks: cut', async () => {
    const suspended = start();
    await suspended.fact('proxy.up');
    agent.hangUp();
    expect((await suspended.fact('proxy.ended')).end).toEqual({ how: 'ended' });
    stub.behave({ onClose: 'cut' });
    const cut = start();
    await cut.fact('proxy.up');
    agent.reset();
    expect((await cut.fact('proxy.ended')).end).toMatchObject({
      how: 'cut',
      failure: { code: 'proxy.failed' },
    });
    await expectNothing(suspended);
    await expectNothing(cut);
  });

  test('after its last words on a broken line nobody waits for it', async () => {
    stub.behave({ onClose: 'cut', leaveMs: 60_000 });
    const { clock } = manualClock();
    const proxy = start({}, aWorld(clock));
    await proxy.fact('proxy.up');
    agent.reset();
    expect((await proxy.fact('proxy.ended')).end.how).toBe('cut');
    const report = await proxy.world.scope.close();
    expect(report.find(({ kind }) => kind === 'child')).toMatchObject({ outcome: 'closed' });
    await expectNothing(proxy);
  });

  test('FAULTS 11: kill -9 of it is seen within a second', async () => {
    const proxy = start();
    const { pid } = await proxy.fact('proxy.launched');
    await proxy.fact('proxy.up');
    const since = performance.now();
    process.kill(pid, 'SIGKILL');
    const { end } = await proxy.fact('proxy.ended');
    expect(performance.now() - since).toBeLessThan(soon(1_000));
    expect(end).toMatchObject({ how: 'killed', failure: { retryable: true } });
    expect(end.failure?.message).toContain('SIGKILL');
    await expectNothing(proxy);
  });

  test('killed, it takes the helper along that holds its stderr', async () => {
    stub.behave({ mode: 'keeper' });
    const proxy = start({}, aWorld(manualClock().clock));
    const { pid } = await proxy.fact('proxy.launched');
    await proxy.fact('proxy.up');
    const helpers = childrenOf(pid);
    expect(helpers).toHaveLength(1);
    process.kill(pid, 'SIGKILL');
    expect((await proxy.fact('proxy.ended')).end.how).toBe('killed');
    await eventually('the helper to be gone', () => helpers.every((each) => !isAlive(each.pid)));
  });

  test.each([
    ['nothing listens', {}, 'refused', 'proxy.failed'],
    [
      'the X display lets it not in',
      { mode: 'say', lines: ["Warning: X connection failed with error 'No protocol specified'."] },
      'screen',
      'screen.missing',
    ],
    [
      'an agent that does not know us',
      { mode: 'say', lines: ["Error: Couldn't negotiate a valid session with remote NX proxy."] },
      'cookie',
      'proxy.failed',
    ],
    ['an end without a word', { mode: 'exit' }, 'failed', 'proxy.failed'],
  ] as const)('%s: %s', async (what, behaviour, how, code) => {
    stub.behave(behaviour);
    if (what === 'nothing listens') await agent.stop();
    const proxy = start();
    const { end } = await proxy.fact('proxy.ended');
    expect(end).toMatchObject({ how, failure: { code } });
    await expectNothing(proxy);
    if (what === 'nothing listens') agent = await fakeAgent();
  });

  test('one that waits for a screen it cannot open, and for ever, is ended', async () => {
    const lines = ["Error: Connection to ':199' failed. Error is 2 'No such file or directory'."];
    stub.behave({ mode: 'hang', lines });
    writeFileSync(join(stub.folder, 'nxproxy'), hanging(lines[0] ?? ''));
    const proxy = start();
    const { end } = await proxy.fact('proxy.ended');
    expect(end).toMatchObject({ how: 'screen', failure: { code: 'screen.missing' } });
    await expectNothing(proxy);
  });

  test('without a picture within 20 s it is ended, and that is a failure', async () => {
    stub.behave({ mode: 'hang' });
    const { clock, pass } = manualClock();
    const proxy = start({}, aWorld(clock));
    await proxy.fact('proxy.launched');
    await eventually('the stub to run', () => stub.runs().length === 1);
    pass(19_999);
    expect(proxy.of('proxy.ended')).toBeUndefined();
    pass(1);
    const { end, at } = await proxy.fact('proxy.ended');
    expect(end).toMatchObject({ how: 'failed', failure: { code: 'proxy.failed' } });
    expect(end.failure?.message).toContain('20 s');
    expect(at).toBe(20_000);
    await expectNothing(proxy);
  });

  test('an hour of an idle picture is no fault', async () => {
    const { clock, pass } = manualClock();
    const proxy = start({}, aWorld(clock));
    await proxy.fact('proxy.up');
    pass(3_600_000);
    proxy.ask('proxy.end');
    expect((await proxy.fact('proxy.ended')).end.how).toBe('ended');
    expect(proxy.facts.map(({ type }) => type)).toEqual(['proxy.launched', 'proxy.up', 'proxy.ended']);
  });

  test.each(['flood', 'endless'] as const)(
    '%s on stderr: it is up all the same, and memory is not full of it',
    async (mode) => {
      stub.behave({ mode });
      const before = process.memoryUsage().heapUsed;
      const proxy = start();
      await proxy.fact('proxy.up');
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(32 * 1024 * 1024);
      proxy.ask('proxy.end');
      expect((await proxy.fact('proxy.ended')).end.how).toBe('ended');
    },
  );
});

describe('the way out', () => {
  test('the actor stops: SIGTERM, reaped, everything given back', async () => {
    const proxy = start();
    await proxy.fact('proxy.up');
    proxy.stop();
    await expectNothing(proxy);
    expect(proxy.of('proxy.ended')).toBeUndefined();
  });

  test('deaf to SIGTERM it is killed after 2 s, reaped, and the report says so', async () => {
    stub.behave({ mode: 'deaf' });
    const { clock, pass, armed } = manualClock();
    const proxy = start({}, aWorld(clock));
    const { pid } = await proxy.fact('proxy.launched');
    await proxy.fact('proxy.up');
    const before = armed();
    const closing = proxy.world.scope.close();
    await eventually('the grace to begin', () => armed() > before);
    pass(1_999);
    expect(isAlive(pid)).toBe(true);
    pass(1);
    const report = await closing;
    expect(report.find(({ kind }) => kind === 'child')).toMatchObject({ outcome: 'forced' });
    await expectNothing(proxy);
  });

  test('in a hurry it is killed at once', async () => {
    stub.behave({ mode: 'deaf' });
    const { clock } = manualClock();
    const proxy = start({}, aWorld(clock));
    await proxy.fact('proxy.up');
    proxy.world.scope.hurry();
    const report = await proxy.world.scope.close();
    expect(report.find(({ kind }) => kind === 'child')).toMatchObject({ outcome: 'forced' });
    expect(clock.now()).toBe(0);
    await expectNothing(proxy);
  });

  test('a hurry that comes while it is waited for', async () => {
    stub.behave({ mode: 'deaf' });
    const { clock, armed } = manualClock();
    const proxy = start({}, aWorld(clock));
    await proxy.fact('proxy.up');
    const before = armed();
    const closing = proxy.world.scope.close();
    await eventually('the grace to begin', () => armed() > before);
    proxy.world.scope.hurry();
    expect((await closing).find(({ kind }) => kind === 'child')).toMatchObject({ outcome: 'forced' });
    await expectNothing(proxy);
  });

  test('stopped (SIGSTOP) it hears a SIGTERM all the same', async () => {
    const proxy = start();
    const { pid } = await proxy.fact('proxy.launched');
    await proxy.fact('proxy.up');
    process.kill(pid, 'SIGSTOP');
    await eventually('it to stop', () => lookAt(pid)?.state === 'T');
    const report = await proxy.world.scope.close();
    expect(report.find(({ kind }) => kind === 'child')).toMatchObject({ outcome: 'closed' });
    await expectNothing(proxy);
  });

  test('proxy.kill needs no ears', async () => {
    stub.behave({ mode: 'deaf' });
    const proxy = start();
    await proxy.fact('proxy.up');
    proxy.ask('proxy.kill');
    expect((await proxy.fact('proxy.ended')).end).toEqual({ how: 'ended' });
    await expectNothing(proxy);
  });

  test('its parent told to end before anything is started starts nothing', async () => {
    const deaf = await stubScreen(Buffer.alloc(0));
    for (const way of ['request', 'stop', 'close'] as const) {
      const proxy = start({ env: env({ DISPLAY: deaf.display }) });
      await eventually('it to look at the screen', () => proxy.world.scope.open.length === 2);
      if (way === 'stop') proxy.stop();
      else if (way === 'close') await proxy.world.scope.close();
      else proxy.ask('proxy.end');
      if (way !== 'stop') expect((await proxy.fact('proxy.ended')).end).toEqual({ how: 'ended' });
      await expectNothing(proxy);
    }
    expect(stub.runs()).toEqual([]);
    await deaf.stop();
  });

  test('a scope in a hurry from the start: nothing stays', async () => {
    const made = aWorld();
    made.world.scope.of(profile).hurry();
    const proxy = start({}, made);
    await proxy.fact('proxy.ended');
    await expectNothing(proxy);
  });
});

describe('FAULTS 12: stopped for ten seconds', () => {
  test('it is told once, and again when it moves', async () => {
    const { clock, pass } = manualClock();
    const proxy = start({}, aWorld(clock));
    const { pid } = await proxy.fact('proxy.launched');
    await proxy.fact('proxy.up');
    process.kill(pid, 'SIGSTOP');
    await eventually('it to stop', () => lookAt(pid)?.state === 'T');
    pass(9_999);
    expect(proxy.of('proxy.stalled')).toBeUndefined();
    pass(2_001);
    expect(proxy.of('proxy.stalled')).toEqual({ type: 'proxy.stalled', forMs: 10_000 });
    pass(60_000);
    expect(proxy.facts.filter(({ type }) => type === 'proxy.stalled')).toHaveLength(1);
    process.kill(pid, 'SIGCONT');
    await eventually('it to run', () => lookAt(pid)?.state !== 'T');
    pass(2_000);
    expect(proxy.of('proxy.moving')).toBeDefined();
  });

  test('nine seconds are none', async () => {
    const { clock, pass } = manualClock();
    const proxy = start({}, aWorld(clock));
    const { pid } = await proxy.fact('proxy.launched');
    await proxy.fact('proxy.up');
    for (let n = 0; n < 3; n += 1) {
      process.kill(pid, 'SIGSTOP');
      await eventually('it to stop', () => lookAt(pid)?.state === 'T');
      pass(9_000);
      process.kill(pid, 'SIGCONT');
      await eventually('it to run', () => lookAt(pid)?.state !== 'T');
      pass(2_000);
    }
    expect(proxy.facts.map(({ type }) => type)).toEqual(['proxy.launched', 'proxy.up']);
  });
});

describe('FAULTS 13: what is missing is named, and nothing is tried twice', () => {
  const never = async (options: NxproxyOptions) => {
    const proxy = start(options);
    const { end } = await proxy.fact('proxy.ended');
    expect(proxy.of('proxy.launched') === undefined || end.how === 'missing').toBe(true);
    await expectNothing(proxy);
    return end;
  };

  test('no nxproxy in PATH, or none at that path, or one that may not be run', async () => {
    const nowhere = await never({ env: env({ PATH: '/nonexistent' }) });
    expect(nowhere).toMatchObject({ how: 'missing', failure: { code: 'proxy.missing', retryable: false } });
    expect(nowhere.failure?.message).toContain('/nonexistent');
    const absent = await never({ program: '/opt/nx/nxproxy' });
    expect(absent.failure?.message).toContain('/opt/nx/nxproxy');
    chmodSync(stub.path, 0o644);
    const locked = await never({ program: stub.path });
    expect(locked).toMatchObject({ how: 'missing' });
    expect(locked.failure?.message).toContain(stub.path);
  });

  test('one for another kind of machine', async () => {
    const other = Buffer.from('7f454c460201010000000000000000000200b700', 'hex');
    const own = readFileSync(process.execPath).readUInt16LE(18);
    if (own === 0xb7) other.writeUInt16LE(62, 18);
    writeFileSync(stub.path, other);
    const end = await never({});
    expect(end).toMatchObject({ how: 'missing', failure: { code: 'proxy.missing', retryable: false } });
    expect(end.failure?.message).toContain(`${stub.path} was built for`);
    expect(openFiles()).not.toContain(stub.path);
  });

  test('a file that is no program at all', async () => {
    writeFileSync(stub.path, '\0\0\0\0');
    const end = await never({});
    expect(end).toMatchObject({ how: 'missing' });
    expect(end.failure?.message).toContain(`${stub.path} is no program`);
  });

  test('no DISPLAY, or one where nobody is', async () => {
    const { DISPLAY: _, ...bare } = env();
    const none = await never({ env: bare });
    expect(none).toMatchObject({ how: 'screen', failure: { code: 'screen.missing', retryable: false } });
    expect(none.failure?.message).toContain('DISPLAY');
    const nobody = await never({ env: env({ DISPLAY: ':59534' }) });
    expect(nobody).toMatchObject({ how: 'screen', failure: { code: 'screen.missing' } });
    expect(stub.runs()).toEqual([]);
  });

  test('a session without a cookie', async () => {
    const made = aWorld();
    made.world.cookies.clear();
    const proxy = start({}, made);
    expect((await proxy.fact('proxy.ended')).end).toMatchObject({ how: 'failed' });
    await expectNothing(proxy);
  });
});

const hanging = (line: string) => `#!/bin/sh
echo "Info: Connecting to remote host '127.0.0.1:1'." >&2
echo "${line}" >&2
while :; do sleep 0.05; done
`;
