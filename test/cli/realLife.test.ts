import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { complaints } from '../schema/support/eventSchema.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { eventually } from '../support/real/eventually.js';
import { findProcesses } from '../support/real/processes.js';
import { startXvfb, type Xvfb } from '../support/real/xvfb.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { agentsOf } from '../support/showing.js';
import { Cli, type Line, linesOf, mainFile, Place, runCli } from './support/cli.js';
import { hasTmux, Terminal } from './support/terminal.js';

describeReal('the command runs sessions on a real X2Go server', () => {
  let server: RealServer;
  let client: OtherClient;
  let screen: Xvfb;
  let place: Place;
  let there: readonly string[];

  beforeAll(async () => {
    server = await startRealServer();
    client = await startOtherClient(server);
    place = new Place();
    mkdirSync(place.file('x'));
    screen = await startXvfb(place.file('x'));
    const target = `${server.user}@${server.host}:${server.port}`;
    there = [target, '-i', server.keyFile, '--known-hosts', server.writeKnownHosts()];
  });
  afterAll(async () => {
    await screen?.stop();
    await client?.stop();
    await server?.stop();
    place?.[Symbol.dispose]();
  });

  /** A test that failed leaves nothing to the next one. */
  afterEach(async () => {
    for (const { child } of clis.splice(0)) child.kill('SIGKILL');
    for (const row of await client.list()) await client.exec(`x2goterminate-session ${row.split('|')[1]}`);
    await eventually('no agent', () => agentsOf(server.uid).length === 0, { timeoutMs: 30_000 });
    await runCli(['reap'], place);
    rmSync(place.state, { recursive: true, force: true });
  });

  const clis: Cli[] = [];
  const run = (words: readonly string[]) => {
    const cli = new Cli([...words, '--json'], place, onScreen());
    clis.push(cli);
    return cli;
  };
  const onScreen = () => ({ env: place.env({ DISPLAY: screen.display }) });
  const listed = async () => (await client.list()).map((row) => row.split('|'));
  const statusOf = async (session: string) => (await listed()).find(([, name]) => name === session)?.[4];
  const start = (...more: readonly string[]) =>
    run(['start', ...there, '--command', 'xterm', '--no-sound', ...more]);
  const shown = async (cli: Cli) => String((await cli.event('session.started')).session);
  /** Those that paint on our screen; each has a helper for a while. */
  const proxies = () => {
    const all = findProcesses(
      ({ comm, pid }) => comm === 'nxproxy' && environmentOf(pid).includes(`DISPLAY=${screen.display}\0`),
    );
    return all.filter(({ ppid }) => !all.some(({ pid }) => pid === ppid));
  };

  test('FAULTS 1: start puts an xterm on the screen; SIGTERM suspends it, says so, and leaves nothing', async () => {
    const cli = start();
    const session = await shown(cli);
    await eventually('the xterm on the screen', () => screen.colours() > 1);
    expect(await statusOf(session)).toBe('R');
    cli.child.kill('SIGTERM');
    const { code, stdout, stderr } = await cli.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = linesOf(stdout);
    expect(lines.flatMap(complaints)).toEqual([]);
    const events = lines.map(({ event }) => event);
    expect(events.filter((event) => event === 'session.progress')).toHaveLength(5);
    expect(events.indexOf('session.suspended')).toBeGreaterThan(events.indexOf('guardian.terminating'));
    expect(lines.find(({ event }) => event === 'session.suspended')).toMatchObject({ session, by: 'me' });
    const begun = lines.find(({ event }) => event === 'session.started') as Line;
    const phases = Object.values(begun.phases as Record<string, number>);
    expect(phases).toHaveLength(5);
    expect(begun.tookMs).toBeGreaterThan(Math.max(...phases));
    expect(lines.at(-1)).toMatchObject({ event: 'guardian.terminated' });
    expect(await statusOf(session)).toBe('S');
    expect(proxies()).toEqual([]);
    expect(readdirSync(place.runtime)).toEqual([]);
    await runCli(['terminate', ...there, session], place);
  });

  longTest('--on-exit terminate: nothing of it is left on the server', async () => {
    const cli = start('--on-exit', 'terminate');
    const session = await shown(cli);
    cli.child.kill('SIGINT');
    expect((await cli.ended).code).toBe(0);
    expect(cli.lines).toContainEqual(
      expect.objectContaining({ event: 'session.terminated', session, by: 'me' }),
    );
    expect(await statusOf(session)).toBeUndefined();
    expect(agentsOf(server.uid)).toEqual([]);
  });

  longTest(
    'suspended, resumed, waited for and ended by other commands: each one ends with 0',
    {
      timeout: 120_000,
    },
    async () => {
      const first = start();
      const session = await shown(first);
      const wait = new Cli(['wait', ...there, session, '--state', 'suspended'], place);
      expect(await runCli(['suspend', ...there, session], place)).toMatchObject({ code: 0, stderr: '' });
      const ended = await first.ended;
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' });
      expect(first.lines).toContainEqual(
        expect.objectContaining({ event: 'session.suspended', session, by: 'other' }),
      );
      expect(await wait.ended).toMatchObject({ code: 0, stdout: `${session}: suspended\n` });

      const second = run(['resume', ...there, '--newest', '--no-sound']);
      expect(await second.event('session.resumed')).toMatchObject({ session, by: 'me' });
      expect(await statusOf(session)).toBe('R');
      // Taken over by a third one: the second has nothing to show any more.
      // An agent that is on its way passes over what it is asked.
      await client.until({ session }, 'RUNNING');
      const third = run(['resume', ...there, session, '--no-sound']);
      await third.event('session.resumed');
      expect((await second.ended).code).toBe(0);
      expect(proxies()).toHaveLength(1);

      expect(await runCli(['terminate', ...there, session], place)).toMatchObject({ code: 0, stderr: '' });
      const last = await third.ended;
      expect({ code: last.code, stderr: last.stderr }).toEqual({ code: 0, stderr: '' });
      expect(third.lines).toContainEqual(expect.objectContaining({ event: 'session.terminated', session }));
      expect([...first.lines, ...second.lines, ...third.lines].flatMap(complaints)).toEqual([]);
      expect(await statusOf(session)).toBeUndefined();
      expect(proxies()).toEqual([]);
    },
  );

  longTest('79: a command that is not there; nothing of the start is left', async () => {
    const words = ['start', ...there, '--command', 'nobody-has-this', '--no-sound', '--json'];
    const { code, stdout, stderr } = await runCli(words, place, { env: { DISPLAY: screen.display } });
    expect(code).toBe(79);
    expect(stderr).toContain('nobody-has-this');
    expect(linesOf(stdout).at(-1)).toMatchObject({ failure: { code: 'command.notFound' } });
    expect(linesOf(stdout).flatMap(complaints)).toEqual([]);
    expect(await listed()).toEqual([]);
    expect(agentsOf(server.uid)).toEqual([]);
  });

  test('69: a line that cannot be had is not waited for', async () => {
    const [, ...access] = there;
    const words = ['start', 'nobody@127.0.0.1:1', ...access, '--command', 'xterm', '--json'];
    const { code, stdout, stderr } = await runCli(words, place, { env: { DISPLAY: screen.display } });
    expect(code).toBe(69);
    expect(stderr).toContain('nobody listens there');
    expect(linesOf(stdout).at(-1)).toMatchObject({ failure: { code: 'ssh.refused' } });
  });

  longTest(
    'FAULTS 5: kill -9: reap tells of the session, resume adopts it, and reap has nothing more to tell',
    async () => {
      const cli = start();
      const session = await shown(cli);
      cli.child.kill('SIGKILL');
      await cli.ended;
      await eventually('its nxproxy to go', () => proxies().length === 0);
      const { code, stdout } = await runCli(['reap', '--json'], place);
      expect(code).toBe(0);
      expect(linesOf(stdout)).toContainEqual(
        expect.objectContaining({
          event: 'reap.ended',
          kind: 'session',
          id: session,
          outcome: 'left',
          profile: there[0],
        }),
      );
      expect(readdirSync(place.runtime)).toEqual([]);
      const adopted = run(['resume', ...there, session, '--no-sound']);
      await adopted.event('session.resumed');
      adopted.child.kill('SIGHUP');
      expect((await adopted.ended).code).toBe(0);
      expect(await runCli(['reap'], place)).toMatchObject({ code: 0, stdout: 'Nothing was left here.\n' });
      await runCli(['terminate', ...there, session], place);
    },
  );

  longTest(
    'share shows a desktop that another client runs, and its end ends nothing of the other one',
    async () => {
      const desktop = await client.startSession({ kind: 'desktop', command: 'openbox' });
      const display = Number(desktop.session.split('-').at(-2));
      const cli = run(['share', ...there, `:${display}`, '--view', '--no-sound']);
      const session = await shown(cli);
      expect(session).toContain(`0XSHAD${server.user}XSHADPP${display}`);
      cli.child.kill('SIGTERM');
      const { code, stderr } = await cli.ended;
      expect({ code, stderr, last: cli.lines.at(-1) }).toMatchObject({ code: 0, stderr: '' });
      expect(cli.lines.flatMap(complaints)).toEqual([]);
      expect(client.stateFile(desktop)).toBe('RUNNING');
      await client.terminate(desktop);
    },
  );

  longTest('on a terminal progress is one line, which gives way to how long it took', async () => {
    if (!hasTmux) return;
    using terminal = new Terminal(place, 180, 20, { DISPLAY: screen.display });
    const words = [process.execPath, mainFile, 'start', ...there, '--command', 'xterm', '--no-sound'];
    terminal.type(`clear; ${words.join(' ')}; echo "it ended: $?"`);
    const bar = await terminal.until('its progress', (text) => / % {2}starting the agent/.test(text));
    expect(bar.match(/ % /g)).toHaveLength(1);
    const text = await terminal.until('the start', (seen) => seen.includes(' started in '));
    expect(text).not.toMatch(/ % /);
    expect(text).toMatch(
      / started in [\d.]+ s \(agent [\d.]+ m?s, tunnel .*, viewer .*, picture .*, command /s,
    );
    terminal.key('C-c');
    const end = await terminal.until('the end', (seen) => seen.includes('it ended: 0'));
    expect(end).toMatch(/Ended: SIGINT\. Everything of ours is closed\./);
    expect(terminal.modes).toBe('cursor 1 alternate 0');
    await runCli(['terminate', ...there, '--newest'], place);
  });
});

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}
