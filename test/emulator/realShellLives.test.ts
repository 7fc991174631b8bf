import type { Client } from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { endScript, readEnded } from '../../src/protocol/endAgent.js';
import { examineScript, readExamined } from '../../src/protocol/examine.js';
import { isComplete } from '../../src/protocol/framing.js';
import { killScript } from '../../src/protocol/killing.js';
import { presentationWords } from '../../src/protocol/presentation.js';
import { resumeScript } from '../../src/protocol/resumeAgent.js';
import { runScript } from '../../src/protocol/runCommand.js';
import { sessionFilesScript } from '../../src/protocol/sessionFiles.js';
import { startScript } from '../../src/protocol/startAgent.js';
import { connect, newMarker } from './support/client.js';
import { say, wordsOf } from './support/life.js';
import { RealShell, type Stub } from './support/realShell.js';

let emulator: Emulator;
let client: Client;
const shells: RealShell[] = [];
beforeEach(async () => {
  emulator = await startEmulator({ now: () => 1_795_371_806_000, missingCommands: ['nosuch'] });
  client = await connect(emulator);
});
afterEach(async () => {
  client.end();
  await emulator.stop();
  for (const shell of shells.splice(0)) shell.dispose();
});

/** Nobody's pid: higher than any that the kernel gives out. */
const nobody = 4_194_999;

function realShell(commands: Record<string, Stub> = {}): RealShell {
  const shell = new RealShell(commands);
  shells.push(shell);
  return shell;
}

async function emulated(script: string): Promise<{ out: string; code: number | null | undefined }> {
  const marker = /^\{ : \S+ \S+ ([0-9a-f]{32})/.exec(script)?.[1] ?? '';
  const talk = await say(client, script);
  await Promise.race([talk.until((out) => isComplete(marker, out)), talk.closed]);
  await talk.closed;
  return { out: talk.out, code: talk.code };
}

test.each(['suspend', 'terminate'] as const)(
  '%s of an agent that is gone equals the one of /bin/sh',
  async (verb) => {
    const session = emulator.sessions.start();
    emulator.sessions.killAgent(session);
    const shell = realShell({ [`x2go${verb}-session`]: { stdout: '' } });
    const script = endScript({ verb, marker: newMarker(), session, agent: nobody }, 20);
    expect(await emulated(script)).toEqual(await shell.run(script));
  },
);

test.each(['suspend', 'terminate'] as const)(
  '%s where X2Go is missing equals the one of /bin/sh',
  async (verb) => {
    const session = emulator.sessions.start();
    emulator.sessions.killAgent(session);
    emulator.faults.missing();
    const script = endScript({ verb, marker: newMarker(), session, agent: undefined }, 20);
    const here = await emulated(script);
    expect(here).toEqual(await realShell().run(script));
    expect(here.out).toContain(' command 127\n');
  },
);

test('a suspend that leaves its agent alive equals the one of /bin/sh', async () => {
  const session = emulator.sessions.start();
  const shell = realShell({ 'x2gosuspend-session': { stdout: 'a hook speaks\n', code: 7 } });
  shell.agent(session);
  const script = endScript({ verb: 'suspend', marker: newMarker(), session, agent: nobody }, 20);
  const { out, code } = await emulated(script);
  const there = await shell.run(script);
  // The stub carries a text and a code to show where they end up.
  expect({ out, code }).toEqual({
    code: there.code,
    out: there.out.replace('a hook speaks\n', '').replace(' command 7\n', ' command 0\n'),
  });
  expect(out).toContain('alive');
});

test.each(['STARTING', 'RUNNING', 'RESUMING', 'SUSPENDING', ''])(
  'a termination of what nobody is to use equals the one of /bin/sh: called off in state "%s"',
  async (state) => {
    const session = emulator.sessions.start();
    emulator.sessions.writeState(session, state);
    const shell = realShell({ 'x2goterminate-session': { stdout: 'it was ended\n' } });
    shell.agent(session);
    shell.state(session, state);
    const request = {
      verb: 'terminate',
      marker: newMarker(),
      session,
      agent: nobody,
      unlessUsed: true,
    } as const;
    const here = await emulated(endScript(request, 20));
    expect(here).toEqual(await shell.run(endScript(request, 20)));
    expect(readEnded(request, here.out, '')).toMatchObject({ failure: { code: 'session.takenOver' } });
  },
);

test.each(['SUSPENDED', 'RUNNING', undefined])(
  'and done where no agent lives, or it is suspended (%s)',
  async (state) => {
    const session = emulator.sessions.start();
    const shell = realShell({ 'x2goterminate-session': { stdout: 'it was ended\n' } });
    shell.state(session, state);
    const request = {
      verb: 'terminate',
      marker: newMarker(),
      session,
      agent: nobody,
      unlessUsed: true,
    } as const;
    const { out } = await shell.run(endScript(request, 20));
    expect(out).toContain('it was ended');
    expect(readEnded(request, out, '')).toEqual({ ok: true, value: { alive: false } });
  },
);

test('the examination tells what /bin/sh finds', async () => {
  const request = { verb: 'examine', marker: newMarker() } as const;
  const shell = realShell({ x2gosessionlimit: { stdout: 'LIMIT\n' }, sshfs: { stdout: '' } });
  const before = Math.floor(Date.now() / 1_000);
  const { out } = await shell.run(examineScript(request, 10));
  const read = readExamined(request, out, '');
  expect(read).toMatchObject({ ok: true, value: { sessionLimit: 'reached', programs: ['sshfs'] } });
  if (read.ok) expect(read.value.clockSeconds).toBeGreaterThanOrEqual(before);
});

test('a kill of nobody equals the one of /bin/sh', async () => {
  const script = killScript({ verb: 'kill', marker: newMarker(), pid: nobody }, 'x2goresume-session s', 10);
  expect(await emulated(script)).toEqual(await realShell().run(script));
});

test('files equal those of /bin/sh, and so does what is said about them', async () => {
  const session = emulator.sessions.start();
  const shell = realShell();
  shell.state(session, 'RUNNING');
  const files = [
    { name: '.pulse-cookie', content: Buffer.from(Array.from({ length: 256 }, (_, at) => 255 - at)) },
    { name: 'a.conf', content: Buffer.from('x=1\n') },
    { name: 'empty', content: Buffer.alloc(0) },
  ];
  const script = sessionFilesScript({ verb: 'files', marker: newMarker(), session }, files) ?? '';
  expect(await emulated(script)).toEqual(await shell.run(script));
  const kept = emulator.sessions.get(session).files;
  for (const { name, content } of files) {
    expect(kept[name]).toEqual(content);
    expect(shell.read(session, name)).toEqual(content);
  }
});

test('files for a folder that is gone equal those of /bin/sh', async () => {
  const session = emulator.sessions.start();
  emulator.sessions.endApplication(session);
  const script = sessionFilesScript({ verb: 'files', marker: newMarker(), session }, []) ?? '';
  const here = await emulated(script);
  expect(here).toEqual(await realShell().run(script));
  expect(here.out).toContain(' files 2\n');
});

test.each([
  ['a program', 'xterm -e top', 'exec xterm -e top\n'],
  ['a program that is not there', 'nosuch', 'X2GORUNCOMMAND ERR NOEXEC:nosuch\n'],
])('running %s equals the one of /bin/sh', async (_, command, said) => {
  const session = emulator.sessions.start();
  const shell = realShell({ x2goruncommand: { stdout: '' } });
  shell.state(session, 'RUNNING');
  shell.write(session, 'cmdoutput', said);
  const request = { verb: 'run', marker: newMarker(), session, command: 'xterm' } as const;
  const call = { display: 50, agentPid: 1, soundPort: 1, sound: false, type: 'R', run: command } as const;
  const script = runScript(request, call);
  expect(await emulated(script)).toEqual(await shell.run(script));
});

test('a start prints as /bin/sh does what x2gostartagent prints', async () => {
  const words = wordsOf();
  const request = { verb: 'start', marker: newMarker(), type: words.type, command: words.name } as const;
  const script = startScript(request, words);
  const here = await emulated(script);
  const [record] = emulator.sessions.list();
  const seven = here.out.slice(here.out.indexOf('\n', 1) + 1);
  const there = await realShell({ x2gostartagent: { stdout: seven } }).run(script);
  const form = (text: string) =>
    text.replace(/ begin [0-9]+ \S+ [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8} /, ' begin PID HOST TIME ');
  expect({ ...here, out: form(here.out) }).toEqual({ ...there, out: form(there.out) });
  expect(seven).toContain(record?.session);
  expect(form(here.out)).toContain(' begin PID HOST TIME 127.0.0.1\n');
});

test('a resume prints as /bin/sh does what x2goresume-session prints, or why it was not begun', async () => {
  const shown = presentationWords({}, '');
  if (!shown.ok) throw new Error(shown.reason);
  const pidless = (text: string) => text.replace(/ begin [0-9]+\n/, ' begin PID\n');
  const both = async (session: string, prepare: (shell: RealShell) => number | undefined) => {
    const { graphics, sound, files } = emulator.sessions.get(session).record.ports ?? {};
    const shell = realShell({
      'x2goresume-session': { stdout: `gr_port=${graphics}\nsound_port=${sound}\nfs_port=${files}\n` },
    });
    shell.state(session, emulator.sessions.get(session).state);
    const pid = emulator.sessions.get(session).record.agentPid ?? 0;
    const request = { verb: 'resume', marker: newMarker(), session } as const;
    const here = await emulated(resumeScript(request, pid, shown.value));
    const there = await shell.run(resumeScript(request, prepare(shell) ?? nobody, shown.value));
    expect({ ...here, out: pidless(here.out) }).toEqual({ ...there, out: pidless(there.out) });
    return here.out;
  };
  const asleep = emulator.sessions.start();
  emulator.sessions.suspend(asleep);
  expect(await both(asleep, (shell) => shell.agent(asleep))).toContain('gr_port=');
  const waiting = emulator.sessions.start({ attach: false });
  expect(await both(waiting, (shell) => shell.agent(waiting))).toContain(' obstacle STARTING\n');
  emulator.sessions.killAgent(asleep);
  expect(await both(asleep, () => undefined)).toContain(' obstacle gone\n');
});
