import type { Client } from 'ssh2';
import type { SessionOrder } from '../../../machines/orders.js';
import { endScript, readEnded } from '../../../src/protocol/endAgent.js';
import { isComplete } from '../../../src/protocol/framing.js';
import { killScript } from '../../../src/protocol/killing.js';
import { translateOrder } from '../../../src/protocol/order.js';
import { presentationWords } from '../../../src/protocol/presentation.js';
import { readResumed, resumeScript } from '../../../src/protocol/resumeAgent.js';
import { readRun, runScript } from '../../../src/protocol/runCommand.js';
import {
  readSessionFiles,
  type SessionFile,
  sessionFilesScript,
} from '../../../src/protocol/sessionFiles.js';
import { readStarted, startScript } from '../../../src/protocol/startAgent.js';
import { readWithdrawn, withdrawScript } from '../../../src/protocol/withdraw.js';
import { exec, newMarker, type Talk } from './client.js';

const application: SessionOrder = { kind: 'application', command: 'xterm' };

/** An order in the server's words; throws for one that cannot be said. */
export function wordsOf(order: SessionOrder = application) {
  const words = translateOrder(order);
  if (!words.ok) throw new Error(words.reason);
  return words.value;
}

/** Sends a script and leaves its channel open. */
export async function say(client: Client, script: string | undefined): Promise<Talk> {
  const talk = await exec(client);
  talk.channel.write(script ?? '');
  return talk;
}

const unframed = async (talk: Talk) => {
  await talk.closed;
  return { text: talk.out, complaint: talk.err, code: talk.code ?? -1 };
};
const framed = async (client: Client, marker: string, script: string | undefined) => {
  const talk = await say(client, script);
  await talk.until((out) => isComplete(marker, out));
  await talk.closed;
  return talk;
};

/** A session's life by the real scripts and their readers. */
export function createLife(client: Client) {
  const startRequest = (order?: SessionOrder, marker = newMarker()) => {
    const words = wordsOf(order);
    return { request: { verb: 'start', marker, type: words.type, command: words.name } as const, words };
  };
  const resumeWords = presentationWords({}, '');
  if (!resumeWords.ok) throw new Error(resumeWords.reason);

  /** x2gostartagent on its way: its channel, and what comes of it. */
  const begin = async (order?: SessionOrder, marker?: string) => {
    const { request, words } = startRequest(order, marker);
    const talk = await say(client, startScript(request, words));
    const done = unframed(talk).then((answer) => readStarted(request, answer));
    return { marker: request.marker, talk, done };
  };
  const beginResume = async (session: string, agentPid: number) => {
    const request = { verb: 'resume', marker: newMarker(), session } as const;
    const talk = await say(client, resumeScript(request, agentPid, resumeWords.value));
    return { request, talk, done: unframed(talk).then((answer) => readResumed(request, answer)) };
  };
  return {
    begin,
    beginResume,
    start: async (order?: SessionOrder, marker?: string) => (await begin(order, marker)).done,
    resume: async (session: string, agentPid: number) => (await beginResume(session, agentPid)).done,
    withdraw: async (start: string, seconds = 20) => {
      const request = { verb: 'withdraw', marker: newMarker(), start } as const;
      const talk = await framed(client, request.marker, withdrawScript(request, seconds));
      return readWithdrawn(request, talk.out, talk.err);
    },
    end: async (verb: 'suspend' | 'terminate', session: string, agent?: number) => {
      const request = { verb, marker: newMarker(), session, agent } as const;
      const talk = await framed(client, request.marker, endScript(request, 20));
      return readEnded(request, talk.out, talk.err);
    },
    kill: async (pid: number, words: string) => {
      const request = { verb: 'kill', marker: newMarker(), pid } as const;
      return framed(client, request.marker, killScript(request, words, 10));
    },
    run: async (session: string, command: string) => {
      const { type, name } = wordsOf({ kind: 'application', command });
      const request = { verb: 'run', marker: newMarker(), session, command: name } as const;
      const call = { display: 50, agentPid: 1, soundPort: 30_001, sound: true, type, run: command };
      const talk = await framed(client, request.marker, runScript(request, call));
      return readRun(request, command, talk.out, talk.err);
    },
    files: async (session: string, files: readonly SessionFile[]) => {
      const request = { verb: 'files', marker: newMarker(), session } as const;
      const talk = await framed(client, request.marker, sessionFilesScript(request, files));
      return readSessionFiles(request, talk.out, talk.err);
    },
  };
}
