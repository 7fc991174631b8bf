import { randomBytes } from 'node:crypto';
import type { ClientChannel } from 'ssh2';
import { fromCallback } from 'xstate';
import type { WatchFact, WatchInput, WatchPort, WatchRequest } from '../../machines/ports.js';
import type { AgentState, SessionId } from '../../machines/vocabulary.js';
import { toFailure, X2GoError } from '../errors.js';
import { parseAgentState } from '../protocol/agentState.js';
import { isSessionId } from '../protocol/sessionName.js';
import { parseWatchLine, watchScript } from '../protocol/stateWatch.js';
import type { Outcome } from '../scope.js';
import type { World } from '../world.js';
import { connectionOf } from './owned.js';

/** How long the loop may take to answer one tick, or to begin: longer than a stall that heals. */
const answerDeadline = 10_000;
/** How long the quick pace is kept after a change. */
const busyFor = 3_000;
/** What one frame may hold, all in all. */
const longestFrame = 1024 * 1024;
/** How long the remote shell may take to end once its stdin is closed. */
const politeEnd = 500;

/** The long-lived channel that reports what the agents do: we tick, it answers. */
export const stateWatch = (world: World): WatchPort =>
  fromCallback<WatchRequest, WatchInput>(({ input, sendBack, receive }) => {
    const { clock } = world;
    const marker = randomBytes(16).toString('hex');
    const stopped = new AbortController();
    const send = (fact: WatchFact) => {
      if (!stopped.signal.aborted) sendBack(fact);
    };
    let channel: ClientChannel | undefined;
    let agents: readonly number[] = [];
    let timer: unknown;
    let tick = 0;
    let changedAt = Number.NEGATIVE_INFINITY;
    let rest = '';
    let begun = false;
    let frame: { states: Record<SessionId, AgentState>; gone: number[] } | undefined;

    const give = world.scope.of(input.profile).own('watch', input.profile, (hurry) => {
      stopped.abort();
      clock.clearTimeout(timer);
      return channel === undefined ? 'closed' : endChannel(channel, hurry);
    });
    const fail = (cause: unknown) => {
      send({ type: 'watch.failed', failure: toFailure(cause) });
      void give();
    };

    /** One tick is on its way at any time; its answer sets the next one. */
    const ask = () => {
      if (stopped.signal.aborted) return;
      tick += 1;
      channel?.write(`${tick} ${agents.join(' ')}\n`);
      expectAnswer();
    };
    const expectAnswer = () => {
      clock.clearTimeout(timer);
      timer = clock.setTimeout(
        () =>
          fail(
            new X2GoError(
              'command.timedOut',
              `the state watch gave no answer within ${answerDeadline / 1_000} s`,
            ),
          ),
        answerDeadline,
      );
    };
    /** What was just told may have ended this watch: then nothing is set any more. */
    const rests = () => {
      clock.clearTimeout(timer);
      if (stopped.signal.aborted) return;
      const busy = clock.now() - changedAt < busyFor;
      timer = clock.setTimeout(ask, busy ? input.busyPaceMs : input.idlePaceMs);
    };

    const readLine = (line: string) => {
      if (!begun) {
        if (line !== `${marker} begin 0`) return;
        begun = true;
        send({ type: 'watch.opened' });
        return ask();
      }
      const read = parseWatchLine(line);
      switch (read.kind) {
        case 'changed':
          frame = { states: {}, gone: [] };
          return;
        case 'state': {
          const state = parseAgentState(read.word);
          if (frame && state && isSessionId(read.session)) frame.states[read.session] = state;
          return;
        }
        case 'gone':
          frame?.gone.push(read.agent);
          return;
        case 'tick':
          if (read.tick !== tick) return;
          if (frame) {
            changedAt = clock.now();
            send({ type: 'watch.changed', ...frame, at: clock.now() });
            frame = undefined;
          }
          return rests();
        case 'noise':
          return;
      }
    };
    const read = (chunk: Buffer) => {
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > longestFrame)
        fail(new X2GoError('command.tooLong', 'the state watch answered without end'));
      for (const line of lines) if (!stopped.signal.aborted) readLine(line);
    };

    const open = async (): Promise<unknown> => {
      const yieldPlace = () =>
        fail(new X2GoError('channel.refused', 'the server grants no other channel beside the watch'));
      const slot = await connectionOf(world, input.profile).open(stopped.signal, yieldPlace);
      channel = slot.channel;
      channel.on('close', () => {
        slot.free();
        fail(new X2GoError('channel.refused', 'the state watch ended on the server'));
      });
      channel.on('error', fail);
      channel.on('data', read);
      channel.stderr.resume();
      if (stopped.signal.aborted) return channel.destroy();
      channel.write(watchScript({ verb: 'watch', marker }));
      expectAnswer();
    };
    receive((request) => {
      agents = request.agents;
    });
    open().catch((cause) => {
      if (!stopped.signal.aborted) fail(cause);
    });
    return () => void give();

    /** Its stdin ends, so its loop ends, so the channel closes: nothing of it stays on the server. */
    function endChannel(ending: ClientChannel, hurry: AbortSignal): Promise<Outcome> | Outcome {
      if (ending.closed || ending.destroyed) return 'closed';
      return new Promise((resolve) => {
        const done = (outcome: Outcome) => {
          clock.clearTimeout(late);
          hurry.removeEventListener('abort', cut);
          resolve(outcome);
        };
        const cut = () => {
          ending.close();
          done(hurry.aborted ? 'forced' : 'cut');
        };
        const late = clock.setTimeout(cut, politeEnd);
        hurry.addEventListener('abort', cut, { once: true });
        ending.once('close', () => done('closed'));
        ending.removeAllListeners('data');
        ending.resume();
        ending.end();
      });
    }
  });
