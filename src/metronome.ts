import { fromCallback } from 'xstate';
import type { MetronomeFact, MetronomeInput, MetronomePort } from '../machines/ports.js';
import type { World } from './world.js';

/** A tick this many intervals late did not just wait for its turn. */
const sleptIntervals = 2;

/**
 * The beat of one profile. The nth tick is due at a fixed moment, so that lateness does not add up. After a sleep of
 * the machine (the time since boot moved on without the monotonic one) or of this process, the missed ticks are one wake.
 */
export const metronome = (world: World): MetronomePort =>
  fromCallback(({ input, sendBack }) => {
    const { clock, sinceBoot } = world;
    const { profile, intervalMs, offsetMs } = input as MetronomeInput;
    const send = (fact: MetronomeFact) => sendBack(fact);
    let due = clock.now() + offsetMs + intervalMs;
    let last = { at: clock.now(), boot: sinceBoot() };
    let timer: unknown;

    const wait = () => {
      timer = clock.setTimeout(beat, Math.max(0, due - clock.now()));
    };
    const beat = () => {
      const now = { at: clock.now(), boot: sinceBoot() };
      // Node's timers may ring a fraction of a millisecond early: that is no tick of its own.
      if (now.at < due) return wait();
      const sleptMs = now.boot - last.boot - (now.at - last.at);
      const gapMs = Math.round(Math.max(now.at - due, sleptMs));
      last = now;
      if (gapMs > sleptIntervals * intervalMs) send({ type: 'clock.woke', gapMs });
      send({ type: 'clock.ticked', at: now.at });
      due += intervalMs * (1 + Math.floor((now.at - due) / intervalMs));
      wait();
    };
    // Not in the profile's scope: that one is settled whenever a line is lost, and the beat goes on.
    const give = world.scope.own('timer', `metronome ${profile}`, () => {
      clock.clearTimeout(timer);
      return 'closed';
    });
    wait();
    return () => void give();
  });
