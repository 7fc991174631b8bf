import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { besides } from '../test/support/guarded.js';
import { type OtherClient, startOtherClient } from '../test/support/otherClient.js';
import { endChild, hasEnded } from '../test/support/real/child.js';
import { eventually } from '../test/support/real/eventually.js';
import { startOtherProxy } from '../test/support/real/otherProxy.js';
import { run } from '../test/support/real/run.js';
import { parseStarted, runCommand, startCommand } from '../test/support/real/serverCommands.js';
import { startXvfb, type Xvfb } from '../test/support/real/xvfb.js';
import { type RealServer, startRealServer } from '../test/support/realServer.js';

const rounds = Number(process.env.ROUNDS ?? 3);
const main = fileURLToPath(new URL('../dist/bin/x2go-guardian.js', import.meta.url));
const python = existsSync('/usr/bin/pyhoca-cli');

interface Peer {
  readonly name: string;
  /** From its process start to the window, and its end; the time is taken at the window. */
  start(): Promise<{ readonly windowMs: number; end(): Promise<unknown> }>;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Takes the time until the screen shows something. */
async function timeToWindow(screen: Xvfb, begin: () => unknown): Promise<number> {
  await eventually('an empty screen', () => screen.colours() === 1, { timeoutMs: 20_000 });
  const began = performance.now();
  await begin();
  await eventually('a window', () => screen.colours() > 1, { timeoutMs: 60_000, everyMs: 20 });
  return performance.now() - began;
}

function command(server: RealServer, screen: Xvfb, args: readonly string[]): ChildProcess {
  const home = besides(server, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true });
  server.writeKnownHosts(join(home, '.ssh', 'known_hosts'));
  const [file = '', ...rest] = args;
  return spawn(file, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // What this machine's own settings make node load at its start is nobody else's.
    env: { PATH: process.env.PATH, HOME: home, DISPLAY: screen.display, XDG_RUNTIME_DIR: home },
  });
}

/** The server's own commands, run on the server by the user, and nxproxy beside them: no SSH, no client. */
function floor(server: RealServer, client: OtherClient, screen: Xvfb, dir: string): Peer {
  const asUser = (text: string) =>
    run('setpriv', [
      ...['--reuid', String(server.uid), '--regid', String(server.uid), '--init-groups'],
      ...['env', '-i', `HOME=${server.home}`, `USER=${server.user}`, 'SHELL=/bin/sh'],
      ...['PATH=/usr/local/bin:/usr/bin:/bin', 'SSH_CLIENT=127.0.0.1 1 2', '/bin/sh', '-c', text],
    ]);
  return {
    name: 'the server’s own commands and nxproxy',
    start: async () => {
      let session: ReturnType<typeof parseStarted> | undefined;
      let proxy: Awaited<ReturnType<typeof startOtherProxy>> | undefined;
      const windowMs = await timeToWindow(screen, async () => {
        session = parseStarted('application', (await asUser(startCommand('application', 'xterm'))).stdout);
        const forward = { port: session.ports.graphics, pids: () => [], close: async () => undefined };
        const { display: sessionDisplay, cookie } = session;
        proxy = await startOtherProxy({ dir, display: screen.display, sessionDisplay, cookie, forward });
        await asUser(runCommand(session, 'xterm'));
      });
      return {
        windowMs,
        end: async () => {
          await client.exec(`x2goterminate-session ${session?.session}`);
          await proxy?.stop();
        },
      };
    },
  };
}

function child(name: string, screen: Xvfb, launch: () => ChildProcess): Peer {
  return {
    name,
    start: async () => {
      let process: ChildProcess | undefined;
      let said = '';
      const windowMs = await timeToWindow(screen, () => {
        process = launch();
        process.stderr?.on('data', (chunk) => {
          said += chunk;
        });
        process.stdout?.resume();
      }).catch((cause) => {
        throw new Error(`${name}: ${said}`, { cause });
      });
      return { windowMs, end: () => (process ? endChild(process, 10_000) : Promise.resolve()) };
    },
  };
}

test('from command to window: ours, the floor and pyhoca-cli, and a listing from process start', async () => {
  const server = await startRealServer();
  const dir = besides(server, 'screen');
  mkdirSync(dir);
  const screen = await startXvfb(dir);
  const client = await startOtherClient(server);
  const target = `${server.user}@${server.host}:${server.port}`;
  const login = ['-i', server.keyFile];
  const node = process.env.COMMAND_NODE ?? process.execPath;
  const ours = ['start', target, '--command', 'xterm', '--no-sound', '--on-exit', 'terminate', '--json'];
  const theirs = [
    '--server',
    server.host,
    '-p',
    String(server.port),
    '-u',
    server.user,
    '--password',
    server.password,
    '--force-password',
  ];
  const pyhoca = ['/usr/bin/python3', '/usr/bin/pyhoca-cli', ...theirs];
  const peers: Peer[] = [
    floor(server, client, screen, dir),
    child('x2go-guardian start', screen, () => command(server, screen, [node, main, ...ours, ...login])),
    ...(python
      ? [
          child('pyhoca-cli', screen, () =>
            command(server, screen, [
              ...pyhoca,
              '-N',
              '-c',
              'xterm',
              '--sound',
              'none',
              '--terminate-on-ctrl-c',
            ]),
          ),
        ]
      : []),
  ];
  const times = new Map<string, number[]>();
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const peer of peers) {
        const { windowMs, end } = await peer.start();
        times.set(peer.name, [...(times.get(peer.name) ?? []), windowMs]);
        await end();
        for (const row of await client.list())
          await client.exec(`x2goterminate-session ${row.split('|')[1]}`);
      }
    }
    const listings: [string, () => ChildProcess][] = [
      [
        'ssh host x2golistsessions',
        () =>
          command(server, screen, [
            ...['ssh', '-p', String(server.port), ...login, '-o', 'BatchMode=yes'],
            ...['-o', `UserKnownHostsFile=${server.writeKnownHosts()}`, `${server.user}@${server.host}`],
            'x2golistsessions',
          ]),
      ],
      [
        'x2go-guardian sessions',
        () => command(server, screen, [node, main, 'sessions', target, '--json', ...login]),
      ],
      ...(python
        ? [
            ['pyhoca-cli -L', () => command(server, screen, [...pyhoca, '-L'])] as [
              string,
              () => ChildProcess,
            ],
          ]
        : []),
    ];
    for (let round = 0; round < rounds * 3; round += 1) {
      for (const [name, launch] of listings) {
        const began = performance.now();
        const process = launch();
        process.stdout?.resume();
        process.stderr?.resume();
        await eventually(name, () => hasEnded(process), { timeoutMs: 30_000, everyMs: 2 });
        times.set(name, [...(times.get(name) ?? []), performance.now() - began]);
      }
    }
    const of = (name: string) => median(times.get(name) ?? []);
    const base = of(peers[0]?.name ?? '');
    const listing = of('ssh host x2golistsessions');
    for (const [name, values] of times) {
      const beside = peers.some((peer) => peer.name === name) ? base : listing;
      const all = values.map((ms) => Math.round(ms)).join(' ');
      console.log(
        `${name}: ${Math.round(median(values))} ms, ${(median(values) / beside).toFixed(2)} x (${all})`,
      );
    }
    if (!python) console.log('missing: pyhoca-cli');
    expect(of('x2go-guardian start') / base).toBeLessThan(1.15);
    if (python) expect(of('x2go-guardian start') / of('pyhoca-cli')).toBeLessThan(0.75);
    expect(of('x2go-guardian sessions') / listing).toBeLessThan(1);
  } finally {
    await client.stop();
    await screen.stop();
    await server.stop();
  }
});
