import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nxproxy } from '../../src/proxy/nxproxy.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { type OtherClient, type OtherSession, startOtherClient } from '../support/otherClient.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/real/eventually.js';
import { type Forward, openSsh } from '../support/real/openSsh.js';
import { makeTempDir } from '../support/real/owner.js';
import { childrenOf, findProcesses, isAlive, lookAt } from '../support/real/processes.js';
import { parseStarted } from '../support/real/serverCommands.js';
import { startXvfb, type Xvfb } from '../support/real/xvfb.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { aWorld, key, run } from './support/aWorld.js';
import { compileProxy, runInProcess } from './support/ownProcess.js';

/** A start takes 4 s on a quiet machine, and 20 where much else runs. */
const timeout = 120_000;

describeReal('the real nxproxy, a real agent, a real screen', () => {
  let server: RealServer;
  let other: OtherClient;
  let screen: Xvfb;
  let dir: string;
  let forwards: Forward[] = [];
  beforeAll(async () => {
    dir = makeTempDir('proxied');
    for (const name of ['run', 'cache', 'home']) mkdirSync(join(dir, name), { mode: 0o700 });
    server = await startRealServer();
    other = await startOtherClient(server);
    screen = await startXvfb(dir);
  });
  afterAll(async () => {
    await Promise.all(forwards.map((forward) => forward.close()));
    forwards = [];
    await other?.stop();
    await screen?.stop();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const env = () => ({
    PATH: process.env.PATH ?? '',
    HOME: join(dir, 'home'),
    XDG_RUNTIME_DIR: join(dir, 'run'),
    XDG_CACHE_HOME: join(dir, 'cache'),
    DISPLAY: screen.display,
  });
  /** An agent that waits for us; on a slow link, as nxproxy keeps a cache there and a helper for it. */
  async function anAgent(): Promise<{ session: OtherSession; port: number; forward: Forward }> {
    const command =
      'exec env LC_ALL=C X2GO_XINERAMA=no x2gostartagent 800x600 adsl 16m-jpeg-9 unix-kde-depth_24 us pc105/us 0 D openbox both';
    const session = parseStarted('desktop', (await other.exec(command)).stdout);
    const ssh = openSsh(server, server.writeKnownHosts());
    const forward = await ssh.forward(session.ports.graphics);
    forwards.push(forward);
    return { session, port: forward.port, forward };
  }
  function show({ session, port }: { session: OtherSession; port: number }, cookie = session.cookie) {
    const made = aWorld();
    made.world.cookies.set(key, cookie);
    const proxy = run(nxproxy(made.world, { env: env() }), { display: session.display, port });
    return { ...made, ...proxy };
  }
  const paint = ({ display, session, agentPid, ports }: OtherSession) =>
    other.exec(
      `setsid x2goruncommand ${display} ${agentPid} ${session} ${ports.sound} xtermX2GO_SPACE_CHAR-geometryX2GO_SPACE_CHAR100x40 none D >/dev/null 2>&1 </dev/null & exit`,
    );

  test('a desktop comes onto the screen; told to end it goes, the agent suspends itself, nothing is left', {
    timeout,
  }, async () => {
    const agent = await anAgent();
    const proxy = show(agent);
    const { pid, at } = await proxy.fact('proxy.launched');
    const up = await proxy.fact('proxy.up', 30_000);
    expect(up.at - at).toBeLessThan(soon(5_000));
    for (const each of [pid, ...childrenOf(pid).map((child) => child.pid)]) {
      expect(lookAt(each)?.cmdline).not.toContain(agent.session.cookie);
      expect(readFileSync(`/proc/${each}/environ`, 'latin1')).not.toContain(agent.session.cookie);
    }
    expect(readdirSync(join(dir, 'run', readdirSync(join(dir, 'run'))[0] ?? ''))).not.toContain('options');
    await paint(agent.session);
    await eventually('colours on the screen', () => screen.colours() > 1, { timeoutMs: 30_000 });
    if (process.env.SCREENSHOT) screen.screenshot(process.env.SCREENSHOT);
    const since = performance.now();
    proxy.ask('proxy.end');
    expect((await proxy.fact('proxy.ended')).end).toEqual({ how: 'ended' });
    expect(performance.now() - since).toBeLessThan(soon(1_500));
    expect(readdirSync(join(dir, 'run'))).toEqual([]);
    expect(findProcesses(({ cmdline }) => cmdline.includes(dir) && cmdline.includes('nx/nx'))).toEqual([]);
    await other.until(agent.session, 'SUSPENDED');
    const kept = join(dir, 'cache', 'x2go-guardian', 'nx', 'cache-unix-kde-depth_24');
    expect(lstatSync(kept).isDirectory()).toBe(true);
    await other.terminate(agent.session);
  });

  longTest('killed, it takes its helper along', { timeout }, async () => {
    const agent = await anAgent();
    const killed = show(agent);
    const { pid } = await killed.fact('proxy.launched');
    await killed.fact('proxy.up', 30_000);
    const helpers = await eventually('the helper', () => {
      const found = childrenOf(pid);
      return found.length > 0 && found;
    });
    process.kill(pid, 'SIGKILL');
    expect((await killed.fact('proxy.ended')).end.how).toBe('killed');
    await eventually('the helper to be gone', () => helpers.every((each) => !isAlive(each.pid)));
    await other.terminate(agent.session);
    expect(readdirSync(join(dir, 'run'))).toEqual([]);
  });

  longTest('the line lost: cut, at once', { timeout }, async () => {
    const agent = await anAgent();
    const cut = show(agent);
    await cut.fact('proxy.up', 30_000);
    const since = performance.now();
    for (const each of agent.forward.pids()) process.kill(each, 'SIGKILL');
    expect((await cut.fact('proxy.ended')).end).toMatchObject({ how: 'cut' });
    expect(performance.now() - since).toBeLessThan(soon(1_000));
    expect(readdirSync(join(dir, 'run'))).toEqual([]);
    await other.terminate(agent.session);
  });

  longTest('a wrong cookie, and then nobody there: refused', { timeout }, async () => {
    const third = await anAgent();
    const stranger = show(third, '0'.repeat(32));
    expect((await stranger.fact('proxy.ended', 30_000)).end).toMatchObject({ how: 'refused' });
    const late = show(third);
    expect((await late.fact('proxy.ended', 30_000)).end).toMatchObject({ how: 'refused' });
    await other.terminate(third.session).catch(() => undefined);
    for (const each of [stranger, late]) expect(each.world.scope.open).toEqual([]);
    expect(readdirSync(join(dir, 'run'))).toEqual([]);
  });

  longTest('kill -9 of whoever runs it takes it along within a second', { timeout }, async () => {
    const agent = await anAgent();
    const own = runInProcess(
      compileProxy(makeTempDir('own')),
      { cookie: agent.session.cookie, port: agent.port, display: agent.session.display },
      env(),
    );
    await eventually(
      () => `it to be up: ${JSON.stringify(own.facts)} ${own.output()}`,
      () => own.facts.some(({ type }) => type === 'proxy.up'),
      { timeoutMs: 30_000 },
    );
    const { pid } = own.facts.find(({ type }) => type === 'proxy.launched') as unknown as { pid: number };
    const helpers = childrenOf(pid);
    const since = performance.now();
    // The tunnel is ours too: it goes with us.
    own.process.kill('SIGKILL');
    for (const each of agent.forward.pids()) process.kill(each, 'SIGKILL');
    await eventually('nxproxy to be gone', () => !isAlive(pid));
    const tookMs = performance.now() - since;
    expect(tookMs).toBeLessThan(soon(1_000));
    // It looks after its parent every few seconds.
    await eventually('its helper to be gone', () => helpers.every((each) => !isAlive(each.pid)), {
      timeoutMs: 40_000,
    });
    await other.terminate(agent.session);
  });
});
