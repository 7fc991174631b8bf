import type { SessionId } from '../../machines/vocabulary.js';
import { monotonicClock } from '../clock.js';
import { pause } from '../endsWithin.js';
import type { OwnSession } from './demoOurs.js';
import type { DemoWorld } from './demoWorld.js';

type Act = readonly [afterMs: number, happens: () => unknown];

/** As slow as a real server. */
const realistic = 1;

/** Addresses of the people who use these servers, from the ranges for documentation. */
const home = '192.0.2.17';
const laptop = '198.51.100.4';
const train = '203.0.113.80';

const minutes = 60_000;

/** What runs when the curtain rises: it stays. */
export function setStage({ office, lab, setBack }: DemoWorld) {
  office.sessions.pace = 0;
  lab.sessions.pace = 0;
  setBack(1_583 * minutes);
  const plots = lab.sessions.start({ command: 'octave', client: laptop });
  setBack(192 * minutes);
  const desktop = office.sessions.start({ kind: 'desktop', command: 'mate-session', client: home });
  setBack(47 * minutes);
  const mail = office.sessions.start({ command: 'thunderbird', client: home });
  setBack(0);
  office.sessions.addMount(desktop, '/home/alice/Documents');
  office.sessions.pace = realistic;
  lab.sessions.pace = realistic;
  return { desktop, mail, plots };
}

/**
 * One round of a working day in a minute and a half: a session that we run, and people who are not us. It ends as it
 * began, so that the next round can follow. Times are between one act and the next.
 */
export function demoActs(
  { office, lab }: DemoWorld,
  stage: ReturnType<typeof setStage>,
  ours: OwnSession,
): readonly Act[] {
  let browser: SessionId = '';
  let simulation: SessionId = '';
  return [
    [500, () => ours.start()],
    [
      1_500,
      () => {
        browser = office.sessions.start({ command: 'firefox', client: home });
      },
    ],
    [5_000, () => lab.sessions.suspend(stage.plots)],
    [4_000, () => ours.suspend()],
    // Somebody logs in from elsewhere and takes the desktop along.
    [2_000, () => office.sessions.takeOver(stage.desktop, { client: train })],
    [
      6_000,
      () => {
        simulation = lab.sessions.start({ kind: 'desktop', command: 'xfce4-session', client: laptop });
      },
    ],
    [3_000, () => ours.resume()],
    // Silence: the line may heal, and does.
    [4_000, () => office.faults.silence()],
    [9_000, () => office.faults.heal()],
    [4_000, () => lab.sessions.resume(stage.plots, { client: home })],
    // A line is cut, and nobody listens for a while. What we run there is brought back.
    [5_000, () => lab.faults.refuse()],
    [7_000, () => lab.faults.heal()],
    [6_000, () => office.sessions.endApplication(browser)],
    [4_000, () => office.sessions.suspend(stage.mail)],
    [5_000, () => lab.sessions.terminate(simulation)],
    [3_000, () => ours.terminate()],
    [5_000, () => office.sessions.resume(stage.mail, { client: laptop })],
    [6_000, () => undefined],
  ];
}

/** Plays the acts over and over until told to stop. What an act throws ends the play and is thrown. */
export async function play(acts: readonly Act[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const [afterMs, happens] of acts) {
      await pause(monotonicClock, afterMs, signal);
      if (signal.aborted) return;
      await happens();
    }
  }
}
