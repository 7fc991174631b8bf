import { fromCallback } from 'xstate';
import type {
  ProxyEnd,
  ProxyFact,
  ProxyInput,
  ProxyPort,
  ProxyRequest,
} from '../../machines/sessionPorts.js';
import { X2GoError } from '../errors.js';
import { nxArguments } from '../protocol/nxOptions.js';
import { type Exit, endOf, hear, proxyEnd, untold } from '../protocol/nxproxyLog.js';
import { sessionKey } from '../protocol/sessionKey.js';
import type { World } from '../world.js';
import { Child } from './child.js';
import { childEnvironment } from './childEnvironment.js';
import { localScreen } from './localScreen.js';
import { processStat } from './processStat.js';
import { type Environment, findNxproxy, whyNotRunnable } from './programs.js';
import { endFor } from './proxyEnds.js';
import { ProxyFolder } from './proxyFolder.js';
import { watchForStops } from './stopWatch.js';
import { nameWindow } from './windowTitle.js';

export interface NxproxyOptions {
  /** A path, or a name to look for in PATH. @default 'nxproxy' */
  readonly program?: string;
  /** Where PATH, DISPLAY, XDG_RUNTIME_DIR and the like are taken from. @default process.env */
  readonly env?: Environment;
  /** How long the picture may take: 0.3 s where all is well. @default 20_000 ms */
  readonly gateMs?: number;
  /** How long nxproxy may take to end once it is asked to: 1 s where all is well. @default 2_000 ms */
  readonly graceMs?: number;
}

/** nxproxy for one session, from its start until it is reaped. */
export const nxproxy = (world: World, options: NxproxyOptions = {}): ProxyPort =>
  fromCallback<ProxyRequest, ProxyInput>(({ input, sendBack, receive }) => {
    const { program = 'nxproxy', env = process.env, gateMs = 20_000, graceMs = 2_000 } = options;
    const { clock, viewers } = world;
    const scope = world.scope.of(input.profile).of(input.session);
    const key = sessionKey(input.profile, input.session);
    const ending = new AbortController();
    let isStopped = false;
    let folder: ProxyFolder | undefined;
    let child: Child | undefined;
    let path = program;
    let story = untold;
    let verdict: ProxyEnd | undefined;
    let release = () => {};

    const send = (fact: ProxyFact) => {
      if (!isStopped) sendBack(fact);
    };
    // Given back in reverse: nothing of the folder goes while nxproxy may still use it.
    const giveFolder = scope.own('directory', input.session, () => {
      folder?.remove();
      return 'closed';
    });
    const giveChild = scope.own('child', input.session, (hurry) => {
      ending.abort();
      return child === undefined ? 'closed' : child.end(hurry);
    });
    const finish = async (end: ProxyEnd) => {
      release();
      await giveChild();
      await giveFolder();
      send({ type: 'proxy.ended', end, at: clock.now() });
    };
    /** It is of no use any more, and does not know. */
    const giveUp = (end: ProxyEnd) => {
      verdict ??= end;
      void giveChild();
    };

    const onLine = (line: string) => {
      const before = story;
      story = hear(before, line);
      if (!before.up && story.up) {
        folder?.forgetCookie();
        send({ type: 'proxy.up', at: clock.now() });
        void nameWindow(input, { env, clock, signal: ending.signal });
      }
      const told = endOf(story, { code: null, signal: null, ours: child?.isAsked ?? false });
      // With a screen that it cannot open it hangs (tried).
      if (story.trouble?.how === 'screen') giveUp(told);
      if (story.trouble?.how === 'cut') {
        verdict ??= told;
        child?.bury();
      }
    };
    const onEnd = (exit: Exit) => {
      const unrunnable = story.spoke || exit.ours || exit.signal ? undefined : whyNotRunnable(path);
      const end = unrunnable === undefined ? endOf(story, exit) : proxyEnd('missing', unrunnable);
      void finish(verdict ?? end);
    };

    const launch = async (): Promise<void> => {
      path = findNxproxy(program, env);
      const display = input.presentation.screen ?? env.DISPLAY ?? '';
      await localScreen(display, { env, clock, signal: ending.signal });
      ending.signal.throwIfAborted();
      const cookie = world.cookies.get(key);
      if (cookie === undefined) throw new X2GoError('proxy.failed', `No cookie is known of ${input.session}`);
      folder = new ProxyFolder(world.journal, env);
      folder.fill({ ...input, cookie, clipboard: input.presentation.clipboard ?? 'both' }, env);
      const args = nxArguments(folder.optionsFile, input.display);
      child = new Child({
        path,
        args,
        env: childEnvironment(env, display, folder.path),
        clock,
        graceMs,
        onLine,
        onEnd,
        onError: (cause) => void finish(endFor(cause, path)),
      });
      if (child.pid !== undefined) begin(child.pid, [path, ...args].join(' '));
    };
    const begin = (pid: number, command: string) => {
      viewers.set(key, pid);
      const { startTime } = processStat(pid) ?? {};
      const since = startTime === undefined ? {} : { startTime };
      const strike = world.journal.note({ kind: 'child', pid, command, ...since });
      const unwatch = watchForStops(pid, clock, {
        stalled: (forMs) => send({ type: 'proxy.stalled', forMs }),
        moving: () => send({ type: 'proxy.moving' }),
      });
      const gate = clock.setTimeout(() => {
        if (!story.up) giveUp(proxyEnd('failed', `There was no picture within ${gateMs / 1_000} s`));
      }, gateMs);
      release = () => {
        clock.clearTimeout(gate);
        unwatch();
        strike();
        if (viewers.get(key) === pid) viewers.delete(key);
      };
      send({ type: 'proxy.launched', pid, at: clock.now() });
    };

    receive((request) => {
      if (child === undefined) return ending.abort();
      if (request.type === 'proxy.end') child.ask();
      else child.kill();
    });
    launch().catch((cause) => finish(ending.signal.aborted ? { how: 'ended' } : endFor(cause, path)));
    return () => {
      isStopped = true;
      void giveChild().then(giveFolder);
    };
  });
