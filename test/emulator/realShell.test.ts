import type { Client } from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { isComplete } from '../../src/protocol/framing.js';
import { watchScript } from '../../src/protocol/stateWatch.js';
import { desktopsScript, surveyScript } from '../../src/protocol/survey.js';
import { connect, exec, fullSurvey, newMarker, ran } from './support/client.js';
import { RealShell, type Stub } from './support/realShell.js';

let emulator: Emulator;
let client: Client;
const shells: RealShell[] = [];

beforeEach(async () => {
  emulator = await startEmulator({ now: () => 1_795_371_806_000 });
  client = await connect(emulator);
});
afterEach(async () => {
  client.end();
  await emulator.stop();
  for (const shell of shells.splice(0)) shell.dispose();
});

/** No process has a number above the kernel's highest. */
const nobody = 4_194_999;

const livingAs = (pids: readonly number[], alive: number) => (text: string) =>
  pids.reduce((now, pid) => now.replaceAll(new RegExp(`\\b${pid}\\b`, 'g'), String(alive)), text);

/** Agents of the emulator have numbers of its own; here they are those of living and of impossible processes. */
function translation(sessions: readonly string[]) {
  const views = sessions.map((session) => emulator.sessions.get(session));
  const pids = (alive: boolean) =>
    views.filter(({ agentAlive }) => agentAlive === alive).map(({ record }) => record.agentPid ?? 0);
  const living = livingAs(pids(true), process.pid);
  const dead = livingAs(pids(false), nobody);
  return (text: string) => dead(living(text));
}

/** The emulator's plain commands as stubs, and its state files, for a real shell. */
async function mirror(sessions: readonly string[], translate: (text: string) => string): Promise<RealShell> {
  const names = ['x2golistsessions', 'x2golistshadowsessions', 'x2gofeaturelist', 'x2goversion'];
  const stubs: Record<string, Stub> = {};
  for (const name of names) stubs[name] = { stdout: translate((await ran(client, name)).out) };
  const mounts: Record<string, string> = {};
  for (const session of sessions) mounts[session] = (await ran(client, `x2golistmounts ${session}`)).out;
  const shell = new RealShell({ ...stubs, x2golistmounts: { stdout: '', of: mounts } });
  shells.push(shell);
  for (const session of sessions) shell.state(session, emulator.sessions.get(session).state);
  return shell;
}

async function emulated(
  script: string,
  done: (out: string) => boolean,
): Promise<{ out: string; code: number }> {
  const talk = await exec(client);
  talk.channel.write(script);
  await talk.until(done);
  await talk.closed;
  return { out: talk.out, code: talk.code ?? -1 };
}

test('a survey equals the one of /bin/sh byte for byte', async () => {
  const { sessions } = emulator;
  const all = [
    sessions.start({ command: 'xterm' }),
    sessions.start({ kind: 'desktop' }),
    sessions.start({ kind: 'shadow' }),
    sessions.start({ kind: 'published' }),
    sessions.start({ command: 'xclock' }),
  ];
  const [app = '', desktop = '', , published = '', torn = ''] = all;
  sessions.addMount(app, '/home/local/a b');
  sessions.addMount(app, '/srv/ü');
  sessions.suspend(desktop);
  sessions.killAgent(published);
  sessions.writeState(torn, '');
  const translate = translation(all);
  const shell = await mirror(all, translate);
  const agents = all.map((session) => sessions.get(session).record.agentPid ?? 0);
  const marker = newMarker();
  for (const request of [
    fullSurvey(marker, agents),
    { ...fullSurvey(marker), identity: false },
    { ...fullSurvey(marker, agents.slice(0, 1)), mounts: false },
    { ...fullSurvey(marker, agents), shadows: false },
    { ...fullSurvey(marker), identity: false, mounts: false, shadows: false },
    { ...fullSurvey(marker), sessions: false, mounts: false },
  ]) {
    const script = surveyScript(request, 10);
    const here = await emulated(script, (out) => isComplete(marker, out));
    expect(translate(here.out)).toBe((await shell.run(translate(script))).out);
    expect(here.code).toBe(0);
  }
});

test('a survey of a server without sessions equals the one of /bin/sh', async () => {
  const shell = await mirror([], (text) => text);
  const request = fullSurvey();
  const here = await emulated(surveyScript(request, 10), (out) => isComplete(request.marker, out));
  expect(here.out).toBe((await shell.run(surveyScript(request, 10))).out);
});

test('a survey of broken rows equals the one of /bin/sh', async () => {
  const rows = 'noise\n|a-b_stRx|||R|\n99|x-1_stRy_dp24|1|h|S\n4194999|z_st|\n\n\n';
  const shell = new RealShell({
    x2golistsessions: { stdout: rows, code: 3 },
    x2golistshadowsessions: { stdout: 'tail without newline' },
    x2golistmounts: { stdout: 'nothing\n', code: 9 },
  });
  shells.push(shell);
  emulator.faults.garbage('x2golistsessions', rows);
  emulator.faults.garbage('x2golistshadowsessions', 'tail without newline');
  emulator.faults.garbage('x2golistmounts', 'nothing\n');
  const request = { ...fullSurvey(), identity: false };
  const here = await emulated(surveyScript(request, 10), (out) => isComplete(request.marker, out));
  const there = (await shell.run(surveyScript(request, 10))).out;
  // A garbled command of the emulator exits 0; the stubs carry codes to show where they end up.
  expect(here.out).toBe(
    there.replace(' sessions 3\n', ' sessions 0\n').replace(/(mounts:\S+) 9\n/, '$1 0\n'),
  );
});

test('a survey where X2Go is missing equals the one of /bin/sh', async () => {
  const shell = new RealShell();
  shells.push(shell);
  emulator.faults.missing();
  const request = fullSurvey();
  const here = await emulated(surveyScript(request, 10), (out) => isComplete(request.marker, out));
  expect(here.out).toBe((await shell.run(surveyScript(request, 10))).out);
  expect(here.out).toContain(' sessions 127\n');
});

test('a list of desktops equals the one of /bin/sh', async () => {
  emulator.sessions.start();
  emulator.desktops.push({ user: 'bob', display: 0 });
  const shell = new RealShell({ x2golistdesktops: { stdout: 'alice@:50\nbob@:0\n' } });
  shells.push(shell);
  const script = desktopsScript({ verb: 'desktops', marker: newMarker() }, 10);
  const here = await emulated(script, (out) => / end 0\n$/.test(out));
  expect(here.out).toBe((await shell.run(script)).out);
});

test('a stdin that ends with the script ends the survey, as the guard of the real one does', async () => {
  const request = { ...fullSurvey(), identity: false };
  const shell = new RealShell({
    x2golistsessions: { stdout: '', seconds: 5 },
    x2golistshadowsessions: { stdout: '' },
  });
  shells.push(shell);
  emulator.faults.slow('x2golistsessions', 5_000);
  const talk = await exec(client);
  talk.channel.end(surveyScript(request, 10));
  await talk.closed;
  const there = await shell.run(surveyScript(request, 10), { eofAfterMs: 300 });
  expect(talk.out).toBe(there.out);
  expect([talk.code, there.code]).toEqual([0, 0]);
});

test('a watch equals the one of /bin/sh line for line', async () => {
  const { sessions } = emulator;
  const first = sessions.start({ command: 'a' });
  // Displays beyond 99 come before the others in the shell's order of names.
  for (let n = 0; n < 50; n++) sessions.endApplication(sessions.start());
  const all = [first, sessions.start({ kind: 'desktop' }), sessions.start()];
  const [one = '', two = '', three = ''] = all;
  sessions.killAgent(three);
  const pids = all.map((session) => sessions.get(session).record.agentPid ?? 0);
  const translate = translation(all);
  const shell = await mirror(all, translate);
  const request = { verb: 'watch' as const, marker: newMarker() };

  const there = shell.start(watchScript(request));
  let out = '';
  there.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const talk = await exec(client);
  talk.channel.write(watchScript(request));
  const steps = [
    () => {},
    () => {},
    () => sessions.suspend(one),
    () => sessions.writeState(two, 'RUNNINGTING'),
    () => sessions.writeState(two, ''),
    () => sessions.writeState(one, 'TERMINATED'),
    () => sessions.writeState(one, 'RESUMING'),
  ];
  const both = async (end: string) => {
    await talk.until((text) => text.endsWith(end));
    await expect.poll(() => out.endsWith(end), { timeout: 5_000, interval: 5 }).toBe(true);
    expect(translate(talk.out)).toBe(out);
  };
  await both(' begin 0\n');
  for (const [at, step] of steps.entries()) {
    step();
    for (const session of all) shell.state(session, sessions.get(session).state);
    const named = at < 3 ? pids : [...pids.slice(0, at % 3), 'x'];
    talk.channel.write(`${[at, ...named].join(' ')}\n`);
    there.stdin.write(translate(`${[at, ...named].join(' ')}\n`));
    await both(`t ${at}\n`);
  }
  talk.channel.end();
  there.stdin.end();
  await talk.closed;
});
