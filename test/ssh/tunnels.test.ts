import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { TunnelInput, TunnelName } from '../../machines/sessionPorts.js';
import { X2GoError } from '../../src/errors.js';
import { sessionKey } from '../../src/protocol/sessionKey.js';
import type { Rider } from '../../src/world.js';
import { type CallWorld, openCallWorld, profile } from '../support/callWorld.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { manualClock } from '../support/manualClock.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/real/eventually.js';
import { makeTempDir } from '../support/real/owner.js';
import { mustRun } from '../support/real/run.js';
import { findFreePort } from '../support/real/sshd.js';
import { isListening } from '../support/real/traces.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { dialTo, listen, readAll, riderTo, runTunnel } from './support/tunnels.js';

const MiB = 1024 * 1024;
const bulk = (process.env.LONG ? 1024 : 64) * MiB;
const noRider: Rider = { prepare: async () => Promise.reject(new X2GoError('sound.missing', 'no sound')) };

const isOpen = (file: number): boolean => {
  try {
    return readlinkSync(`/proc/self/fd/${file}`) !== '';
  } catch {
    return false;
  }
};

describeReal('tunnels over a real sshd', () => {
  let server: RealServer;
  let calls: CallWorld;
  let session: string;
  const cleanUps: (() => unknown)[] = [];
  const afterwards = <T>(value: T, clean: (value: T) => unknown): T => {
    cleanUps.push(() => clean(value));
    return value;
  };

  beforeAll(async () => {
    server = await startRealServer();
    calls = await openCallWorld(server);
    session = `${server.user}-50-1700000000_stRxterm_dp24`;
  });
  afterEach(async () => {
    for (const clean of cleanUps.splice(0).reverse()) await clean();
    await eventually('nothing to be left', () => open().length === 0);
  });
  afterAll(async () => {
    await calls?.close();
    await server?.stop();
  });

  const open = () =>
    calls.world.scope.open
      .filter(({ kind }) => kind === 'listener' || kind === 'forward')
      .map(({ kind, id }) => `${kind} ${id}`);
  const inputOf = (tunnel: TunnelName, serverPort: number, of = session): TunnelInput => ({
    profile,
    session: of,
    tunnel,
    serverPort,
  });
  const program = async (take: (socket: Socket) => void) =>
    afterwards(await listen(take), (it) => it.close());
  const graphics = (serverPort: number) =>
    afterwards(runTunnel(calls.world, inputOf('graphics', serverPort)), (it) => it.stop());
  const sound = (serverPort: number, rider: Rider, of = session) =>
    afterwards(
      runTunnel({ ...calls.world, riders: { sound: rider } }, inputOf('sound', serverPort, of)),
      (it) => it.stop(),
    );
  const echo = (socket: Socket) => void socket.pipe(socket);

  test('64 MiB there and back arrive as they were sent, read slowly, each end ending on its own', async () => {
    const agent = await program((socket) => {
      const hash = createHash('sha256');
      let got = 0;
      socket.on('data', (chunk) => {
        hash.update(chunk);
        got += chunk.length;
        if (got % 7 !== 0) return;
        socket.pause();
        setTimeout(() => socket.resume(), 1);
      });
      // Only now, after the other end has said all it has, does this one begin.
      socket.on('end', async () => {
        const block = Buffer.alloc(MiB, hash.digest());
        for (let sent = 0; sent < bulk; sent += MiB) if (!socket.write(block)) await once(socket, 'drain');
        socket.end();
      });
    });
    const tunnel = graphics(agent.port);
    const { port } = await tunnel.until('tunnel.opened');
    const viewer = await dialTo(port);
    const hash = createHash('sha256');
    for (let sent = 0; sent < bulk; sent += MiB) {
      const block = randomBytes(MiB);
      hash.update(block);
      if (!viewer.write(block)) await once(viewer, 'drain');
    }
    viewer.end();
    const expected = createHash('sha256');
    const block = Buffer.alloc(MiB, hash.digest());
    for (let sent = 0; sent < bulk; sent += MiB) expected.update(block);
    const came = createHash('sha256');
    let got = 0;
    viewer.on('data', (chunk) => {
      came.update(chunk);
      got += chunk.length;
      if (got % 5 !== 0) return;
      viewer.pause();
      setTimeout(() => viewer.resume(), 1);
    });
    await once(viewer, 'end');
    expect(got).toBe(bulk);
    expect(came.digest('hex')).toBe(expected.digest('hex'));
    expect(tunnel.facts.at(-1)).toBe(await tunnel.until('tunnel.ended'));
    expect(tunnel.last('tunnel.traffic')).toMatchObject({
      sent: bulk,
      received: bulk,
      refused: 0,
      channels: 0,
    });
  }, 600_000);

  test('the listener is closed behind its one connection, and whoever comes with it is turned away', async () => {
    const agent = await program(echo);
    const tunnel = graphics(agent.port);
    const { port } = await tunnel.until('tunnel.opened');
    expect(isListening(port)).toBe(true);
    const viewer = await dialTo(port);
    viewer.write('hello');
    expect(String((await once(viewer, 'data'))[0])).toBe('hello');
    expect(isListening(port)).toBe(false);
    viewer.destroy();
    await tunnel.until('tunnel.ended');
  });

  test('FAULTS 53: 100 connections of another user are refused before ours, which is served', async () => {
    const agent = await program(echo);
    const tunnel = graphics(agent.port);
    const { port } = await tunnel.until('tunnel.opened');
    const script = `const { connect } = require('node:net'); let open = 0, closed = 0;
      for (let n = 0; n < 100; n += 1) connect(${port}, '127.0.0.1', () => { open += 1; }).on('error', () => {})
        .on('close', () => { closed += 1; if (closed === 100) console.log(open); });`;
    const stranger = await mustRun('setpriv', [
      ...[
        '--reuid',
        String(server.uid),
        '--regid',
        '65534',
        '--clear-groups',
        process.execPath,
        '-e',
        script,
      ],
    ]);
    expect(Number(stranger)).toBeGreaterThan(0);
    const viewer = await dialTo(port);
    viewer.write('hello');
    expect(String((await once(viewer, 'data'))[0])).toBe('hello');
    await eventually('100 refusals', () => tunnel.last('tunnel.traffic')?.refused === 100);
    expect(tunnel.last('tunnel.failed')).toBeUndefined();
  });

  test('only the viewer’s own process, or a child of it, comes in', async () => {
    const agent = await program(echo);
    const tunnel = graphics(agent.port);
    const { port } = await tunnel.until('tunnel.opened');
    // A shell whose child connects when it is told to.
    const dial = `require('node:net').connect(${port}, '127.0.0.1').on('data', (data) => process.stdout.write(data)).write('ours')`;
    const shell = spawn('sh', ['-c', `read go; "${process.execPath}" -e "${dial}"; true`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    afterwards(shell, (it) => it.kill());
    const key = sessionKey(profile, session);
    calls.world.viewers.set(key, shell.pid ?? 0);
    afterwards(key, (it) => calls.world.viewers.delete(it));
    const stranger = await dialTo(port);
    expect((await readAll(stranger)).length).toBe(0);
    shell.stdin.end('go\n');
    expect(String((await once(shell.stdout, 'data'))[0])).toBe('ours');
    await eventually('a refusal', () => tunnel.last('tunnel.traffic')?.refused === 1);
  });

  test('a viewer that does not come within 10 s finds nobody', async () => {
    const time = manualClock();
    const tunnel = afterwards(
      runTunnel({ ...calls.world, clock: time.clock }, inputOf('graphics', 40_000)),
      (it) => it.stop(),
    );
    const { port } = await tunnel.until('tunnel.opened');
    const passes = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 500) {
        await eventually('a timer', () => time.armed() > 0);
        time.pass(500);
      }
    };
    await passes(9_500);
    expect(isListening(port)).toBe(true);
    await passes(500);
    const over = await tunnel.until('tunnel.failed');
    expect(over.failure.code).toBe('tunnel.unused');
    await eventually('no listener', () => !isListening(port));
    expect(time.armed()).toBe(0);
  });

  test('nobody listens at the agent’s port: said, and nothing stays', async () => {
    const tunnel = graphics(await findFreePort());
    const { port } = await tunnel.until('tunnel.opened');
    const viewer = await dialTo(port);
    expect((await tunnel.until('tunnel.failed')).failure.code).toBe('tunnel.failed');
    expect((await readAll(viewer)).length).toBe(0);
  });

  test('through a reverse tunnel a slow reader here gets every byte as it was sent there', async () => {
    const came = createHash('sha256');
    let got = 0;
    let finish = () => {};
    const read = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const end = await program((socket) => {
      socket.on('data', (chunk) => {
        came.update(chunk);
        got += chunk.length;
        if (got % 11 !== 0) return;
        socket.pause();
        setTimeout(() => socket.resume(), 1);
      });
      socket.on('end', () => {
        socket.end();
        finish();
      });
    });
    const port = await findFreePort();
    const tunnel = sound(port, riderTo({ host: '127.0.0.1', port: end.port }));
    await tunnel.until('tunnel.opened');
    const there = await dialTo(port);
    const sent = createHash('sha256');
    for (let written = 0; written < bulk; written += MiB) {
      const block = randomBytes(MiB);
      sent.update(block);
      if (!there.write(block)) await once(there, 'drain');
    }
    there.end();
    await read;
    expect(got).toBe(bulk);
    expect(came.digest('hex')).toBe(sent.digest('hex'));
    await eventually('no channel', () => tunnel.last('tunnel.traffic')?.channels === 0);
    expect(tunnel.last('tunnel.traffic')).toMatchObject({ received: bulk, sent: 0, refused: 0 });
  }, 600_000);

  test('1,000 connections over two reverse tunnels never meet the other one’s end', async () => {
    const answer = (word: string) => (socket: Socket) => {
      socket.once('data', (chunk) => socket.end(`${word} ${chunk}`));
    };
    const names = ['red', 'blue'] as const;
    const tunnels = await Promise.all(
      names.map(async (word, n) => {
        const end = await program(answer(word));
        const port = await findFreePort();
        const of = session.replace('-50-', `-5${n}-`);
        const tunnel = sound(port, riderTo({ host: '127.0.0.1', port: end.port }), of);
        await tunnel.until('tunnel.opened');
        return { word, port, tunnel };
      }),
    );
    const ask = async (n: number) => {
      const { word, port } = tunnels[n % 2] as (typeof tunnels)[number];
      const socket = await dialTo(port);
      socket.write(String(n));
      expect(String(await readAll(socket))).toBe(`${word} ${n}`);
      socket.end();
    };
    let next = 0;
    const worker = async () => {
      while (next < 1_000) await ask(next++);
    };
    await Promise.all(Array.from({ length: 20 }, worker));
    for (const { tunnel } of tunnels) {
      await eventually('no channel', () => tunnel.last('tunnel.traffic')?.channels === 0);
      expect(tunnel.last('tunnel.traffic')).toMatchObject({ refused: 0 });
    }
  }, 60_000);

  test('the ride’s files are in the session’s folder before the tunnel is open, for nobody else’s eyes', async () => {
    const real = `/tmp/.x2go-${server.user}/C-${session}`;
    mkdirSync(`${server.home}/.x2go`, { recursive: true });
    await mustRun('sh', [...['-c', `mkdir -p ${real} && ln -sfn ${real} ${server.home}/.x2go/C-${session}`]]);
    await mustRun('chown', ['-R', server.user, `/tmp/.x2go-${server.user}`, `${server.home}/.x2go`]);
    afterwards(real, () => rmSync(`/tmp/.x2go-${server.user}`, { recursive: true, force: true }));
    const content = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const end = await program(echo);
    let folder = '';
    const rider: Rider = {
      prepare: async (place) => {
        folder = place.folder;
        return { to: { host: '127.0.0.1', port: end.port }, files: [{ name: '.pulse-cookie', content }] };
      },
    };
    const port = await findFreePort();
    const tunnel = sound(port, rider);
    expect((await tunnel.until('tunnel.opened')).port).toBe(port);
    expect(folder).toBe(real);
    expect(readFileSync(join(real, '.pulse-cookie')).equals(content)).toBe(true);
    expect(statSync(join(real, '.pulse-cookie')).mode & 0o777).toBe(0o600);
  });

  test('paused, new channels are refused and open ones rest; resumed, nothing is missing', async () => {
    const dir = afterwards(makeTempDir('ride'), (it) => rmSync(it, { recursive: true }));
    const path = join(dir, 'socket');
    const end = afterwards(await listen(echo, { path }), (it) => it.close());
    expect(end.port).toBe(0);
    const port = await findFreePort();
    const tunnel = sound(port, riderTo({ path }));
    await tunnel.until('tunnel.opened');
    const first = await dialTo(port);
    first.write('one');
    expect(String((await once(first, 'data'))[0])).toBe('one');
    tunnel.ask('tunnel.pause');
    first.write('two');
    expect((await readAll(await dialTo(port))).length).toBe(0);
    await eventually('the refusal', () => tunnel.last('tunnel.traffic')?.refused === 1);
    expect(first.readableLength).toBe(0);
    expect(tunnel.last('tunnel.traffic')?.sent).toBe(3);
    const said = once(first, 'data');
    tunnel.ask('tunnel.resume');
    expect(String((await said)[0])).toBe('two');
  });

  test('FAULTS 50: a port that somebody has is told from a server that forwards nothing', async () => {
    const end = await program(echo);
    const rider = riderTo({ host: '127.0.0.1', port: end.port });
    const taken = sound(end.port, rider);
    expect((await taken.until('tunnel.failed')).failure.code).toBe('tunnel.portTaken');
    const strict = afterwards(await startRealServer({ sshdConfig: 'DisableForwarding yes' }), (it) =>
      it.stop(),
    );
    const other = afterwards(await openCallWorld(strict), (it) => it.close());
    const denied = runTunnel(
      { ...other.world, riders: { sound: rider } },
      inputOf('sound', await findFreePort()),
    );
    expect((await denied.until('tunnel.failed')).failure.code).toBe('tunnel.denied');
    const local = runTunnel(other.world, inputOf('graphics', end.port));
    await dialTo((await local.until('tunnel.opened')).port);
    expect((await local.until('tunnel.failed')).failure.code).toBe('tunnel.denied');
    for (const run of [denied, local]) run.stop();
    expect(other.world.connections.get(profile)?.isReady).toBe(true);
  }, 60_000);

  test('no local end: said, and the server is asked for nothing', async () => {
    const port = await findFreePort();
    const tunnel = sound(port, noRider);
    expect((await tunnel.until('tunnel.failed')).failure.code).toBe('sound.missing');
    expect(isListening(port)).toBe(false);
  });

  longTest(
    'FAULTS 54: a local end that does not read is told of, by what the kernel keeps for it too',
    async () => {
      const sleepers: Socket[] = [];
      const end = afterwards(
        await listen((socket) => sleepers.push(socket), { pauseOnConnect: true }),
        (it) => it.close(),
      );
      const port = await findFreePort();
      const tunnel = sound(port, riderTo({ host: '127.0.0.1', port: end.port }));
      await tunnel.until('tunnel.opened');
      const client = await dialTo(port);
      client.write(Buffer.alloc(1_000));
      const began = performance.now();
      const stalled = await tunnel.until('tunnel.stalled', soon(15_000));
      expect(stalled.forMs).toBeGreaterThanOrEqual(10_000);
      expect(performance.now() - began).toBeGreaterThanOrEqual(10_000);
      for (const socket of sleepers) socket.resume();
      await tunnel.until('tunnel.moving');
    },
    60_000,
  );

  test('FAULTS 49: a process that has used up its files says so, at the listening and at the viewer’s coming', async () => {
    const agent = await program(echo);
    const living = graphics(agent.port);
    const viewer = await dialTo((await living.until('tunnel.opened')).port);
    viewer.write('before');
    expect(String((await once(viewer, 'data'))[0])).toBe('before');
    const waiting = graphics(agent.port);
    await waiting.until('tunnel.opened');

    const limits = async (soft: string) => {
      shell.stdin.write(`prlimit --pid ${process.pid} --nofile=${soft}: && echo\n`);
      await once(shell.stdout, 'data');
    };
    const shell = spawn('sh', { stdio: ['pipe', 'pipe', 'inherit'] });
    afterwards(shell, (it) => it.stdin.end());
    const before = /Max open files +([0-9]+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? '1024';
    // Files get the lowest free number, so a limit at that number forbids every new one.
    let lowest = 0;
    while (isOpen(lowest)) lowest += 1;
    await limits(String(lowest));
    try {
      const began = performance.now();
      const late = runTunnel(calls.world, inputOf('graphics', agent.port));
      expect((await late.until('tunnel.failed')).failure.code).toBe('local.exhausted');
      expect((await waiting.until('tunnel.failed')).failure.code).toBe('local.exhausted');
      expect(performance.now() - began).toBeLessThan(soon(1_000));
      viewer.write('after');
      expect(String((await once(viewer, 'data'))[0])).toBe('after');
      late.stop();
    } finally {
      await limits(before);
    }
    expect(living.last('tunnel.failed')).toBeUndefined();
  });

  test('a reverse tunnel that is stopped listens no more on the server; its line ended, it says so', async () => {
    const end = await program(echo);
    const port = await findFreePort();
    const tunnel = sound(port, riderTo({ host: '127.0.0.1', port: end.port }));
    await tunnel.until('tunnel.opened');
    expect(isListening(port)).toBe(true);
    const client = await dialTo(port);
    client.write('x');
    await once(client, 'data');
    tunnel.stop();
    await eventually('no listener there', () => !isListening(port));
    await eventually('no socket here', () => end.sockets.size === 0);
    await eventually('nothing open', () => open().length === 0);

    const other = await openCallWorld(server);
    const agent = await program(echo);
    const runs = [
      runTunnel(other.world, inputOf('graphics', agent.port)),
      runTunnel(
        { ...other.world, riders: { sound: riderTo({ host: '127.0.0.1', port: end.port }) } },
        inputOf('sound', port),
      ),
    ];
    for (const run of runs) await run.until('tunnel.opened');
    other.world.connections.get(profile)?.socket.destroy();
    for (const run of runs) expect((await run.until('tunnel.failed')).failure.code).toBe('ssh.closed');
    for (const run of runs) run.stop();
    await other.close();
  });

  test('stopped at any moment, nothing is left: no listener here or there, no socket, no timer', async () => {
    const end = await program(echo);
    const agent = await program(echo);
    for (const delay of [0, 1, 2, 3, 5, 8, 13, 21, 34]) {
      const port = await findFreePort();
      const runs = [
        runTunnel(calls.world, inputOf('graphics', agent.port)),
        runTunnel(
          { ...calls.world, riders: { sound: riderTo({ host: '127.0.0.1', port: end.port }) } },
          inputOf('sound', port),
        ),
      ];
      const [first] = runs;
      const dialing = first
        ?.until('tunnel.opened')
        .then(({ port: here }) => dialTo(here))
        .catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, delay));
      for (const run of runs) run.stop();
      await eventually('nothing open', () => open().length === 0);
      await eventually('no listener there', () => !isListening(port));
      const opened = first?.last('tunnel.opened');
      if (opened !== undefined) {
        await eventually('no listener here', () => !isListening(opened.port));
        (await dialing)?.destroy();
      }
    }
    await eventually('no socket at the agent', () => agent.sockets.size === 0);
  });
});
