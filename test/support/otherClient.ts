import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './real/eventually.js';
import { openSsh } from './real/openSsh.js';
import { type OtherProxy, startOtherProxy } from './real/otherProxy.js';
import { makeTempDir } from './real/owner.js';
import { isAlive } from './real/processes.js';
import type { Ran } from './real/run.js';
import { startXvfb } from './real/xvfb.js';
import type { RealServer } from './realServer.js';

export type StateWord =
  | 'STARTING'
  | 'RUNNING'
  | 'SUSPENDING'
  | 'SUSPENDED'
  | 'RESUMING'
  | 'TERMINATING'
  | 'TERMINATED';

export interface OtherSession {
  readonly session: string;
  readonly display: number;
  readonly cookie: string;
  readonly agentPid: number;
  readonly kind: 'application' | 'desktop';
  readonly ports: { readonly graphics: number; readonly sound: number; readonly files: number };
}

export interface StartOptions {
  readonly kind: 'application' | 'desktop';
  /** Words separated by single blanks; the server knows no quoting. */
  readonly command: string;
  /** false: the agent alone, without nxproxy and command; it stays STARTING. @default true */
  readonly attach?: boolean;
}

export interface OtherClient {
  /** `:N` of its own screen. */
  readonly display: string;
  exec(command: string): Promise<Ran>;
  startSession(options: StartOptions): Promise<OtherSession>;
  /** Asks for it; await `until(session, 'SUSPENDED')` to see it done. */
  suspend(session: OtherSession): Promise<void>;
  /** Resolves when this client's nxproxy has reached the agent: also takes it from a client that has it. */
  resume(session: OtherSession): Promise<OtherSession>;
  /** Resolves when the agent's process is gone. */
  terminate(session: OtherSession): Promise<void>;
  /** The rows of x2golistsessions, as they came. */
  list(): Promise<string[]>;
  /** The agent's own word, also for sessions of others; 'unknown' for a torn read, 'gone' without a file. */
  stateFile(session: { readonly session: string }): StateWord | 'unknown' | 'gone';
  until(session: { readonly session: string }, word: StateWord | 'gone', timeoutMs?: number): Promise<void>;
  proxyOf(session: OtherSession): OtherProxy | undefined;
  killProxy(session: OtherSession, signal?: NodeJS.Signals): Promise<void>;
  screenshot(path: string): void;
  /** Different colours on its screen: 1 when nothing is painted. */
  colours(): number;
  /** Ends what it runs here. Its sessions on the server stay, suspended by the loss of their proxy. */
  stop(): Promise<void>;
}

const words = 'STARTING RUNNING SUSPENDING SUSPENDED RESUMING TERMINATING TERMINATED'.split(' ');

/** A second X2Go client on OpenSSH, nxproxy and a screen of its own, which shares no code with the product. */
export async function startOtherClient(server: RealServer): Promise<OtherClient> {
  const dir = makeTempDir('client');
  const screen = await startXvfb(dir);
  const ssh = openSsh(server, server.writeKnownHosts(join(dir, 'known_hosts')));
  const proxies = new Map<string, OtherProxy>();

  const must = async (command: string, input = '') => {
    const ran = await ssh.exec(command, { timeoutMs: 90_000, input });
    if (ran.code !== 0) throw new Error(`${command}: exit ${ran.code ?? ran.signal}: ${ran.stderr}`);
    return ran.stdout;
  };
  const attach = async (session: OtherSession) => {
    await proxies.get(session.session)?.stop();
    const proxy = await startOtherProxy({
      dir,
      display: screen.display,
      sessionDisplay: session.display,
      cookie: session.cookie,
      forward: await ssh.forward(session.ports.graphics),
    });
    proxies.set(session.session, proxy);
  };
  const stateFile: OtherClient['stateFile'] = ({ session }) => {
    try {
      const word = readFileSync(`/tmp/.x2go-${server.user}/C-${session}/state`, 'utf8');
      return words.includes(word) ? (word as StateWord) : 'unknown';
    } catch {
      return 'gone';
    }
  };

  return {
    display: screen.display,
    exec: (command) => ssh.exec(command),
    startSession: async ({ kind, command, attach: attached = true }) => {
      const session = parseStarted(kind, await must(startCommand(kind, command)));
      if (!attached) return session;
      await attach(session);
      await must('exec /bin/sh -s', runCommand(session, command));
      return session;
    },
    suspend: async ({ session }) => {
      await must(`exec x2gosuspend-session ${session}`);
    },
    resume: async (session) => {
      const geometry = session.kind === 'desktop' ? '800x600' : "''";
      const text = await must(
        `exec env LC_ALL=C x2goresume-session ${session.session} ${geometry} lan 16m-jpeg-9 us pc105/us 1 both no`,
      );
      const port = (key: string) => Number(text.match(new RegExp(`^${key}=([0-9]+)$`, 'm'))?.[1]);
      const ports = { graphics: port('gr_port'), sound: port('sound_port'), files: port('fs_port') };
      if (!ports.graphics) throw new Error(`x2goresume-session said no graphics port: ${text}`);
      const resumed = { ...session, ports };
      await attach(resumed);
      return resumed;
    },
    terminate: async ({ session, agentPid }) => {
      await must(`exec x2goterminate-session ${session}`);
      await eventually(`agent ${agentPid} to end`, () => !isAlive(agentPid), { timeoutMs: 20_000 });
      await proxies.get(session)?.ended();
      proxies.delete(session);
    },
    list: async () => (await must('exec x2golistsessions')).split('\n').filter((line) => line !== ''),
    stateFile,
    until: async (session, word, timeoutMs = 20_000) => {
      const what = () => `state file of ${session.session} to say ${word}, it says ${stateFile(session)}`;
      await eventually(what, () => stateFile(session) === word, { timeoutMs });
    },
    proxyOf: ({ session }) => proxies.get(session),
    killProxy: async ({ session }, signal = 'SIGKILL') => {
      const proxy = proxies.get(session);
      if (!proxy) throw new Error(`no nxproxy of this client shows ${session}`);
      proxy.kill(signal);
      await proxy.ended();
    },
    screenshot: (path) => screen.screenshot(path),
    colours: () => screen.colours(),
    stop: async () => {
      await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
      await screen.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/**
 * One simple command and no wrapper shell: else a later listing kills the connection it was started on. LC_ALL because
 * fish sets LC_CTYPE=en_US.UTF-8; where that locale is missing, perl's warnings get into the server's arithmetic.
 */
function startCommand(kind: 'application' | 'desktop', command: string): string {
  const name = (command.split(' ')[0] ?? '').replace(/.*\//, '').replace(/[^A-Za-z0-9._-]/g, '');
  const [geometry, type] = kind === 'desktop' ? ['800x600', 'D'] : ["''", 'R'];
  return `exec env LC_ALL=C X2GO_XINERAMA=no x2gostartagent ${geometry} lan 16m-jpeg-9 unix-kde-depth_24 us pc105/us 1 ${type} ${name} both`;
}

function runCommand({ display, agentPid, session, ports, kind }: OtherSession, command: string): string {
  const text = command.replaceAll(' ', 'X2GO_SPACE_CHAR');
  const quoted = `'${text.replaceAll("'", "'\\''")}'`;
  const type = kind === 'desktop' ? 'D' : 'R';
  return `setsid x2goruncommand ${display} ${agentPid} ${session} ${ports.sound} ${quoted} none ${type} >/dev/null 2>&1 &\n`;
}

/** The seven lines of x2gostartagent. A noisy .bashrc without a final newline stands before the display number. */
function parseStarted(kind: 'application' | 'desktop', text: string): OtherSession {
  const [, cookie = '', agentPid, session = '', graphics, sound, files] = text
    .trimEnd()
    .split('\n')
    .slice(-7);
  const display = session.match(/-([0-9]{2,4})-[0-9]{9,12}_st/)?.[1];
  if (!display || !/^[0-9a-f]{32}$/i.test(cookie) || !/^[0-9]+$/.test(files ?? '')) {
    throw new Error(`x2gostartagent did not print its seven lines: ${text}`);
  }
  const ports = { graphics: Number(graphics), sound: Number(sound), files: Number(files) };
  return { session, display: Number(display), cookie, agentPid: Number(agentPid), kind, ports };
}
