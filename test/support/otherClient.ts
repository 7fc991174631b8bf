import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './real/eventually.js';
import { openSsh } from './real/openSsh.js';
import { type OtherProxy, startOtherProxy } from './real/otherProxy.js';
import { makeTempDir } from './real/owner.js';
import { isAlive } from './real/processes.js';
import type { Ran } from './real/run.js';
import {
  type OtherSession,
  parseResumed,
  parseStarted,
  resumeCommand,
  runCommand,
  type SessionKind,
  startCommand,
} from './real/serverCommands.js';
import { startXvfb } from './real/xvfb.js';
import type { RealServer } from './realServer.js';

export type { OtherSession } from './real/serverCommands.js';

export type StateWord =
  | 'STARTING'
  | 'RUNNING'
  | 'SUSPENDING'
  | 'SUSPENDED'
  | 'RESUMING'
  | 'TERMINATING'
  | 'TERMINATED';

export interface StartOptions {
  readonly kind: SessionKind;
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
      const resumed = parseResumed(session, await must(resumeCommand(session)));
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
