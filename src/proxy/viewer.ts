import { fromCallback } from 'xstate';
import type {
  ProxyEnd,
  ProxyFact,
  ProxyInput,
  ProxyPort,
  ProxyRequest,
} from '../../machines/sessionPorts.js';
import { endsWithin } from '../endsWithin.js';
import { X2GoError } from '../errors.js';
import { proxyEnd } from '../protocol/nxproxyLog.js';
import { sessionKey } from '../protocol/sessionKey.js';
import type { Viewer, ViewerRun, World } from '../world.js';

/** What an app says is missing here is not tried again. */
function failed(cause: unknown): ProxyEnd {
  const why = `The viewer failed: ${cause instanceof Error ? cause.message : String(cause)}`;
  const code = cause instanceof X2GoError ? cause.code : undefined;
  if (code === 'proxy.missing') return proxyEnd('missing', why);
  return proxyEnd(code === 'screen.missing' ? 'screen' : 'failed', why);
}

/** How long the picture may take. */
const gateMs = 20_000;
/** How long it may take to end when it is asked to, and when it is to end at once. */
const graceMs = 2_000;
const lastMs = 500;

/** An app's own viewer for one session. Whatever it throws, or never does, the session's chart hears of its end. */
export const viewer = (world: World, view: Viewer): ProxyPort =>
  fromCallback<ProxyRequest, ProxyInput>(({ input, sendBack, receive }) => {
    const { clock, viewers } = world;
    const key = sessionKey(input.profile, input.session);
    const atOnce = new AbortController();
    let isStopped = false;
    let isOver = false;
    let isAsked = false;
    let run: ViewerRun | undefined;
    let ended: Promise<unknown> = Promise.resolve();
    let verdict: ProxyEnd | undefined;
    let gate: unknown;
    let { pid } = process;

    const send = (fact: ProxyFact) => {
      if (!isStopped) sendBack(fact);
    };
    const ask = () => {
      if (isAsked || isOver) return;
      isAsked = true;
      try {
        run?.end(atOnce.signal);
      } catch {
        // It is waited for all the same.
      }
    };
    const give = world.scope
      .of(input.profile)
      .of(input.session)
      .own('child', input.session, async (hurry) => {
        ask();
        if (!isOver && !hurry.aborted) await endsWithin(clock, ended, graceMs, hurry);
        const isForced = !isOver;
        if (isForced) {
          atOnce.abort();
          await endsWithin(clock, ended, lastMs);
        }
        const isGone = isOver;
        finish({ how: 'ended' });
        if (!isGone) return 'failed';
        return isForced ? 'forced' : 'closed';
      });
    const finish = (end: ProxyEnd) => {
      if (isOver) return;
      isOver = true;
      clock.clearTimeout(gate);
      if (viewers.get(key) === pid) viewers.delete(key);
      void give().then(() => send({ type: 'proxy.ended', end: verdict ?? end, at: clock.now() }));
    };
    /** It is of no use any more. */
    const giveUp = (why: ProxyEnd) => {
      if (isOver || isAsked) return;
      verdict = why;
      void give();
    };

    const launch = async (): Promise<void> => {
      const cookie = world.cookies.get(key);
      if (cookie === undefined) return finish(proxyEnd('failed', `No cookie is known of ${input.session}`));
      // Before it is called: it may connect at once.
      viewers.set(key, pid);
      run = view({ ...input, cookie });
      pid = run.pid ?? pid;
      viewers.set(key, pid);
      ended = run.ended.then(
        // Why there never was a picture is said in the same moment, and counts for more.
        () => new Promise(setImmediate).then(() => finish({ how: 'ended' })),
        (cause) => finish(isAsked ? { how: 'ended' } : failed(cause)),
      );
      send({ type: 'proxy.launched', pid, at: clock.now() });
      gate = clock.setTimeout(
        () => giveUp(proxyEnd('failed', `The viewer showed no picture within ${gateMs / 1_000} s`)),
        gateMs,
      );
      await run.up;
      clock.clearTimeout(gate);
      if (!isOver && verdict === undefined) send({ type: 'proxy.up', at: clock.now() });
    };
    receive((request) => {
      if (request.type === 'proxy.kill') atOnce.abort();
      ask();
    });
    launch().catch((cause) => {
      if (run === undefined) finish(failed(cause));
      else giveUp(failed(cause));
    });
    return () => {
      isStopped = true;
      void give();
    };
  });
