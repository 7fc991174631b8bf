import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionOrder } from '../../machines/orders.js';
import type { Outcome } from '../../machines/ports.js';
import type { SessionRecord } from '../../machines/vocabulary.js';
import { readSessionFiles, sessionFilesScript } from '../../src/protocol/sessionFiles.js';
import { sessionKey } from '../../src/protocol/sessionKey.js';
import { endAgent } from '../../src/ssh/endAgent.js';
import { resumeAgent } from '../../src/ssh/resumeAgent.js';
import { runCommand } from '../../src/ssh/runCommand.js';
import { startAgent } from '../../src/ssh/startAgent.js';
import { survey } from '../../src/ssh/survey.js';
import { withdraw } from '../../src/ssh/withdraw.js';
import { type CallWorld, openCallWorld, profile } from '../support/callWorld.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/real/eventually.js';
import { openSsh } from '../support/real/openSsh.js';
import { type OtherProxy, startOtherProxy } from '../support/real/otherProxy.js';
import { makeTempDir } from '../support/real/owner.js';
import { isAlive, lookAt, processesOf, signal } from '../support/real/processes.js';
import { mustRun, run } from '../support/real/run.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

const xterm: SessionOrder = { kind: 'application', command: 'xterm -geometry 60x20', link: 'lan' };
const deadlineMs = soon(30_000);
const moments = 50;

describeReal('the server calls of a session', () => {
  let server: RealServer;
  let client: OtherClient;
  let calls: CallWorld;
  let operations = 0;
  const dirs: string[] = [];

  beforeAll(async () => {
    server = await startRealServer();
    client = await startOtherClient(server);
    calls = await openCallWorld(server);
  });
  afterAll(async () => {
    await calls?.close();
    await client?.stop();
    await server?.stop();
    for (const dir of dirs) rmSync(dir, { recursive: true });
  });

  const told = <Value>({ outcome }: { outcome: Outcome<Value> }): Value => {
    if (!outcome.ok) throw new Error(`${outcome.failure.code}: ${outcome.failure.message}`);
    return outcome.value;
  };
  const codeOf = ({ outcome }: { outcome: Outcome<unknown> }) => (outcome.ok ? 'ok' : outcome.failure.code);
  const start = async (order: SessionOrder, operation = `start-${++operations}`) =>
    told(await calls.call(startAgent(calls.world), { profile, operation, order, deadlineMs }));
  const end = (session: string, how: 'suspend' | 'terminate', agentPid?: number) =>
    calls.call(endAgent(calls.world), { profile, session, how, agentPid, deadlineMs });
  const list = async () => {
    const input = { profile, identity: false, sessions: true, mounts: false, shadows: true, agents: [] };
    const { listing } = await calls.call(survey(calls.world), { ...input, deadlineMs });
    if (!listing?.ok) throw new Error(listing?.failure.message);
    return listing.value;
  };
  const runIn = (record: SessionRecord, order: SessionOrder) => {
    const { session, display, agentPid = 0, ports } = record;
    const where = { profile, session, display, agentPid, soundPort: ports?.sound ?? 0, sound: false };
    return calls.call(runCommand(calls.world), { ...where, order, deadlineMs });
  };
  const resume = (record: SessionRecord, within = deadlineMs) => ({
    profile,
    session: record.session,
    kind: record.kind,
    agentPid: record.agentPid ?? 0,
    presentation: {},
    deadlineMs: within,
  });
  const newDir = () => {
    const dir = makeTempDir('calls');
    dirs.push(dir);
    return dir;
  };
  const attach = async (record: SessionRecord, port = record.ports?.graphics ?? 0): Promise<OtherProxy> => {
    const ssh = openSsh(server, server.writeKnownHosts());
    return startOtherProxy({
      dir: newDir(),
      display: client.display,
      sessionDisplay: record.display,
      cookie: calls.world.cookies.get(sessionKey(profile, record.session)) ?? '',
      forward: await ssh.forward(port),
    });
  };
  const agents = () =>
    processesOf(server.uid).filter(({ cmdline }) => /^\S*x2goagent |^\S*nxagent /.test(cmdline));
  const programs = (name: string) =>
    processesOf(server.uid).filter(({ cmdline }) => cmdline.startsWith(name));
  const starts = () => programs('/bin/bash /usr/bin/x2gostartagent');
  const until = (record: SessionRecord, word: Parameters<OtherClient['until']>[1]) =>
    client.until(record, word, soon(20_000));

  longTest('a session is started, run, suspended, resumed and ended', async () => {
    const record = await start(xterm);
    expect(record).toMatchObject({ kind: 'application', user: server.user, command: 'xterm', status: 'R' });
    expect(JSON.stringify(record)).not.toMatch(/[0-9a-f]{32}/);
    const cookie = calls.world.cookies.get(sessionKey(profile, record.session));
    expect(cookie).toMatch(/^[0-9a-f]{32}$/);

    const { sessions } = await list();
    const { ageSeconds, createdAt, changedAt, ...listed } = sessions[0] ?? expect.fail('nothing is listed');
    expect(record).toMatchObject(listed);
    expect(calls.world.cookies.get(sessionKey(profile, record.session))).toBe(cookie);

    const proxy = await attach(record);
    await until(record, 'RUNNING');
    expect(codeOf(await runIn(record, xterm))).toBe('ok');
    await eventually('xterm', () => programs('xterm').length > 0);
    expect(programs('xterm')[0]?.cmdline).toBe('xterm -geometry 60x20');

    expect(told(await end(record.session, 'suspend', record.agentPid))).toEqual({ alive: true });
    await until(record, 'SUSPENDED');
    await proxy.ended();

    const ports = told(await calls.call(resumeAgent(calls.world), resume(record)));
    const again = await attach(record, ports.graphics);
    await until(record, 'RUNNING');

    expect(told(await end(record.session, 'terminate', record.agentPid))).toEqual({ alive: false });
    expect(agents()).toEqual([]);
    expect((await list()).sessions).toEqual([]);
    expect([...calls.world.cookies]).toEqual([]);
    await again.ended();
  });

  longTest(
    'no shell of ours stays between sshd and the agent: a listing does not kill the connection',
    async () => {
      const record = await start(xterm);
      const note = readFileSync(`/tmp/.x2go-${server.user}/C-${record.session}/sshd.pid`, 'utf8');
      const pid = Number(/[0-9]+/.exec(note)?.[0]);
      expect(lookAt(pid)).toMatchObject({ uid: 0, comm: 'sshd' });
      const proxy = await attach(record);
      await until(record, 'RUNNING');
      proxy.kill('SIGTERM');
      await until(record, 'SUSPENDED');
      // The listing finds it suspended where the data base says running, and kills what sshd.pid names.
      expect((await list()).sessions[0]?.status).toBe('S');
      expect((await list()).sessions).toHaveLength(1);
      expect(calls.world.connections.get(profile)?.isReady).toBe(true);
      await proxy.ended();
      expect(told(await end(record.session, 'terminate'))).toEqual({ alive: false });
      expect(agents()).toEqual([]);
    },
  );

  longTest('a program that is not there is said to be missing', async () => {
    const order: SessionOrder = { kind: 'application', command: 'no-such-program --flag' };
    const record = await start(order);
    const proxy = await attach(record);
    const { outcome } = await runIn(record, order);
    expect(outcome).toMatchObject({
      ok: false,
      failure: { code: 'command.notFound', message: 'There is no program no-such-program on the server' },
    });
    await proxy.stop();
    expect(told(await end(record.session, 'terminate', record.agentPid))).toEqual({ alive: false });
  });

  longTest('an agent that never met its proxy is not resumed, nor is one that is gone', async () => {
    const record = await start(xterm);
    expect(codeOf(await calls.call(resumeAgent(calls.world), resume(record)))).toBe('agent.failed');
    for (const agent of agents()) signal(agent.pid, 'SIGKILL');
    await eventually('the agents to be gone', () => agents().length === 0 && !isAlive(record.agentPid ?? 0));
    await eventually('the zombie to be gone', () => lookAt(record.agentPid ?? 0) === undefined);
    expect(codeOf(await calls.call(resumeAgent(calls.world), resume(record)))).toBe('session.ended');
    expect(told(await end(record.session, 'terminate'))).toEqual({ alive: false });
    expect((await list()).sessions).toEqual([]);
  });

  longTest('an unknown session has no agent that lives', async () => {
    const session = `${server.user}-77-1795371806_stRxterm_dp24`;
    expect(told(await end(session, 'suspend'))).toEqual({ alive: false });
    // A pid that belongs to something else by now is left alone.
    const { stdout } = await client.exec('setsid sleep 60 >/dev/null 2>&1 </dev/null & echo $!');
    const stranger = Number(stdout);
    expect(told(await end(session, 'terminate', stranger))).toEqual({ alive: false });
    expect(isAlive(stranger)).toBe(true);
    signal(stranger, 'SIGKILL');
  });

  longTest('an agent that outlives two terminations is ended all the same', async () => {
    const record = await start(xterm);
    // Deaf to everything but SIGKILL.
    for (const { pid } of agents()) signal(pid, 'SIGSTOP');
    expect(told(await end(record.session, 'terminate'))).toEqual({ alive: false });
    expect(agents()).toEqual([]);
    expect((await list()).sessions).toEqual([]);
  });

  longTest('a resume that is given up ends the command on the server', async () => {
    const record = await start(xterm);
    const proxy = await attach(record);
    await until(record, 'RUNNING');
    // It suspends what runs first, which takes seconds.
    const stop = calls.begin(resumeAgent(calls.world), resume(record));
    const running = () =>
      processesOf(server.uid).filter(({ cmdline }) => cmdline.includes('x2goresume-session'));
    await eventually('the resume to run', () => running().length > 0);
    stop();
    await eventually('the resume to be gone', () => running().length === 0);
    await eventually('nothing of it to be open', () =>
      calls.world.scope.open.every(({ kind }) => kind !== 'channel'),
    );

    const outcome = await calls.call(resumeAgent(calls.world), resume(record, 1_200));
    expect(codeOf(outcome)).toBe('command.timedOut');
    expect(running()).toEqual([]);
    told(await end(record.session, 'terminate', record.agentPid));
    expect(agents()).toEqual([]);
    await proxy.stop();
  });

  longTest(
    'a start that is cut at any moment leaves nothing once it is withdrawn, and others are left alone',
    async () => {
      const bystander = await client.startSession({ kind: 'application', command: 'xterm' });
      const others = new Set(agents().map(({ pid }) => pid));
      const seen = new Set<string>();
      for (let moment = 0; moment < moments; moment += 1) {
        const operation = `cut-${moment}`;
        const stop = calls.begin(startAgent(calls.world), { profile, operation, order: xterm, deadlineMs });
        await pause((moment * 2_400) / moments);
        if (starts().length > 0) seen.add('starting');
        if (agents().length > others.size) seen.add('agent');
        stop();
        expect(codeOf(await calls.call(withdraw(calls.world), { profile, operation, deadlineMs }))).toBe(
          'ok',
        );
        expect(starts()).toEqual([]);
        expect(agents().filter(({ pid }) => !others.has(pid))).toEqual([]);
        expect((await list()).sessions.map(({ session }) => session)).toEqual([bystander.session]);
        expect(agents()).toHaveLength(others.size);
      }
      expect(seen).toContain('starting');
      await client.terminate(bystander);
    },
    moments * soon(16_000),
  );

  longTest(
    'of a start that was killed midway the row goes too, and of one that was never sent there is nothing',
    async () => {
      const operation = 'killed';
      const stop = calls.begin(startAgent(calls.world), { profile, operation, order: xterm, deadlineMs });
      await eventually(
        'a row without an agent',
        async () => (await list()).sessions.some(({ agentPid }) => agentPid === undefined),
        { timeoutMs: soon(10_000), everyMs: 1 },
      );
      for (const { pid } of starts()) signal(pid, 'SIGKILL');
      stop();
      const rows = (await list()).sessions.filter(({ agentPid }) => agentPid === undefined);
      expect(rows).toHaveLength(1);
      expect(codeOf(await calls.call(withdraw(calls.world), { profile, operation, deadlineMs }))).toBe('ok');
      expect((await list()).sessions).toEqual([]);
      const never = { profile, operation: 'never', deadlineMs };
      expect(codeOf(await calls.call(withdraw(calls.world), never))).toBe('ok');
    },
  );

  longTest('a start that hangs on the server is ended there', async () => {
    const operation = 'hangs';
    const stop = calls.begin(startAgent(calls.world), { profile, operation, order: xterm, deadlineMs });
    await eventually('x2gostartagent', () => starts().length > 0);
    for (const { pid } of starts()) signal(pid, 'SIGSTOP');
    stop();
    const input = { profile, operation, deadlineMs: soon(15_000) };
    expect(codeOf(await calls.call(withdraw(calls.world), input))).toBe('ok');
    expect(starts()).toEqual([]);
    expect(agents()).toEqual([]);
    expect((await list()).sessions).toEqual([]);
  });

  longTest('a desktop of our own is shown a second time, without leave to touch it', async () => {
    const openbox: SessionOrder = { kind: 'desktop', command: 'openbox', geometry: '640x480' };
    const desktop = await start(openbox);
    const proxy = await attach(desktop);
    await until(desktop, 'RUNNING');
    expect(codeOf(await runIn(desktop, openbox))).toBe('ok');
    const target = { user: server.user, display: desktop.display };
    const shadow = await start({ kind: 'shadow', desktop: target, mode: 'view' });
    expect(shadow).toMatchObject({ kind: 'shadow', user: server.user });
    const { cmdline } = lookAt(shadow.agentPid ?? 0) ?? expect.fail('no agent');
    expect(cmdline).toContain(`-shadow :${desktop.display} -shadowmode 0`);
    expect((await list()).sessions.map(({ session }) => session).sort()).toEqual(
      [desktop.session, shadow.session].sort(),
    );
    expect(told(await end(shadow.session, 'terminate', shadow.agentPid))).toEqual({ alive: false });
    expect(told(await end(desktop.session, 'terminate'))).toEqual({ alive: false });
    expect((await list()).sessions).toEqual([]);
    await proxy.ended();
  });

  test('files reach the session folder, for its user alone and without anybody seeing them in an argument', async () => {
    const record = await start(xterm);
    const ssh = openSsh(server, server.writeKnownHosts());
    const content = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    const request = { verb: 'files', marker: 'a'.repeat(32), session: record.session } as const;
    const input = sessionFilesScript(request, [
      { name: '.pulse-cookie', content },
      { name: 'empty', content: Buffer.alloc(0) },
    ]);
    const folder = `/tmp/.x2go-${server.user}/C-${record.session}`;
    for (const _ of ['new', 'again']) {
      const { stdout, stderr } = await ssh.exec('exec /bin/sh -s', { input: input ?? '' });
      expect(readSessionFiles(request, stdout, stderr)).toEqual({ ok: true, value: undefined });
      expect(readFileSync(`${folder}/.pulse-cookie`)).toEqual(content);
      expect(statSync(`${folder}/.pulse-cookie`).mode & 0o777).toBe(0o600);
      expect(statSync(`${folder}/empty`).size).toBe(0);
    }
    told(await end(record.session, 'terminate', record.agentPid));
  });

  longTest('FAULTS 42: a home without room is a failure with a name, and leaves no session', async () => {
    const operation = 'full';
    const kept = newDir();
    await mustRun('cp', ['-a', join(server.home, '.ssh'), kept]);
    const owner = `uid=${server.uid},mode=755`;
    await mustRun('mount', ['-t', 'tmpfs', '-o', `size=64k,${owner}`, 'tmpfs', server.home]);
    try {
      await mustRun('cp', ['-a', join(kept, '.ssh'), server.home]);
      writeFileSync(join(server.home, 'filling'), Buffer.alloc(4_096));
      await run('dd', ['if=/dev/zero', `of=${join(server.home, 'filling')}`, 'bs=4k']);
      const input = { profile, operation, order: xterm, deadlineMs };
      const { outcome } = await calls.call(startAgent(calls.world), input);
      expect(outcome).toMatchObject({
        ok: false,
        failure: { code: 'agent.failed', message: expect.stringContaining('is its disk full?') },
      });
      expect(codeOf(await calls.call(withdraw(calls.world), { profile, operation, deadlineMs }))).toBe('ok');
      expect(agents()).toEqual([]);
      expect((await list()).sessions).toEqual([]);
    } finally {
      await mustRun('umount', ['--lazy', server.home]);
    }
  });
});
