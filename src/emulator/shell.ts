import type { ServerChannel } from 'ssh2';
import { beginLine, endLine, sectionLine } from '../protocol/framing.js';
import {
  type DesktopsRequest,
  type FilesRequest,
  parseRequestLine,
  type RunRequest,
  type SurveyRequest,
} from '../protocol/request.js';
import { execString } from '../protocol/script.js';
import { type BecomingWorld, becomeResume, becomeStart } from './becoming.js';
import { createCommands, type Run } from './commands.js';
import { answerEnding, type EndingRequest, type EndingWorld } from './endings.js';
import { answerErrand, type ErrandWorld } from './errands.js';
import type { CommandName } from './faultPlan.js';
import { misbehave } from './ran.js';
import { openStdin, type Stdin } from './stdin.js';
import { answerSurvey } from './survey.js';
import { cutting, openTerminal, show, type Terminal } from './terminal.js';
import { createWatchLoop } from './watchLoop.js';

export interface ShellWorld extends BecomingWorld, EndingWorld, ErrandWorld {
  /** Told of each script's verb and each plain command's name. */
  served(verb: string): void;
}

/** The user's login shell with one exec string: our scripts over stdin, or one plain command. */
export async function runShell(
  channel: ServerChannel,
  command: string,
  cut: () => void,
  world: ShellWorld,
): Promise<void> {
  const terminal = openTerminal(channel, cut);
  const stdin = openStdin(channel);
  await terminal.print(world.plan.noise);
  if (world.plan.noLogin !== undefined) {
    await terminal.print(world.plan.noLogin);
    terminal.exit(1);
  } else if (command === execString) {
    await runScript(terminal, stdin, world);
  } else {
    await runPlain(terminal, command, world);
  }
}

async function runPlain(terminal: Terminal, command: string, world: ShellWorld): Promise<void> {
  const [name = '', ...args] = command
    .replace(/^exec /, '')
    .trim()
    .split(/ +/);
  world.served(name);
  const ran = await createCommands(world)(name as CommandName, ...args);
  await show(ran, terminal);
  terminal.exit(ran.code);
}

async function runScript(terminal: Terminal, stdin: Stdin, world: ShellWorld): Promise<void> {
  const script = await stdin.script();
  if (terminal.closed) return;
  const request =
    script === undefined ? undefined : parseRequestLine(script.replace(/^\{ /, '').split('\n', 1)[0] ?? '');
  if (request === undefined) {
    terminal.complain('/bin/sh: this is an emulator: it only knows the scripts of x2go-guardian\n');
    terminal.exit(2);
    return;
  }
  world.served(request.verb);
  const wrong = world.plan.commands.get(request.verb);
  const instead = wrong === undefined ? undefined : await misbehave(wrong, world.timers);
  if (instead !== undefined) {
    await show(instead, terminal);
    terminal.exit(instead.code);
    return;
  }
  const heard = wrong?.kind === 'cut' ? cutting(terminal, wrong.after) : terminal;
  if (request.verb === 'start') return becomeStart(request, script ?? '', heard, world);
  if (request.verb === 'resume') return becomeResume(request, script ?? '', heard, world);
  await heard.print(beginLine(request.marker));
  if (request.verb === 'watch') await watch(heard, stdin, world);
  else if (request.verb === 'run' || request.verb === 'files')
    await errand(request, script ?? '', heard, world);
  else await frame(request, script ?? '', heard, stdin, world);
}

/** Without the guard of the others. */
async function errand(
  request: RunRequest | FilesRequest,
  script: string,
  terminal: Terminal,
  world: ShellWorld,
): Promise<void> {
  await answerErrand(request, script, terminal, world);
  await terminal.print(endLine(request.marker, 0));
  terminal.exit(0);
}

async function frame(
  request: SurveyRequest | DesktopsRequest | EndingRequest,
  script: string,
  terminal: Terminal,
  stdin: Stdin,
  world: ShellWorld,
): Promise<void> {
  const commands = createCommands(world);
  // The script's guard: whatever comes over stdin now, its end included, ends the work (TERM: 128 + 15).
  const ended = stdin.line().then(() => 143);
  const working = guarded(terminal, ended);
  const isOver = () => working.closed;
  const run: Run = (...call) => (isOver() ? new Promise(() => {}) : commands(...call));
  const work =
    request.verb === 'survey'
      ? answerSurvey(request, working, run, world.store)
      : request.verb === 'desktops'
        ? listDesktops(request, working, run)
        : answerEnding(request, script, working, { run, isOver }, world);
  const code = await Promise.race([ended, work.then(() => 0)]);
  await terminal.print(endLine(request.marker, code));
  terminal.exit(0);
}

async function listDesktops({ marker }: DesktopsRequest, terminal: Terminal, run: Run): Promise<void> {
  const ran = await run('x2golistdesktops');
  await show(ran, terminal);
  await terminal.print(sectionLine(marker, 'desktops', ran.code));
}

/** The terminal for as long as the work may run. */
function guarded(terminal: Terminal, ended: Promise<unknown>): Terminal {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const print = async (text: string | Buffer) => {
    // A turn of the loop, so that an end of stdin that came together with the script is seen first, as by the real guard.
    await new Promise(setImmediate);
    if (!over) await terminal.print(text);
  };
  return {
    ...terminal,
    get closed() {
      return over;
    },
    print,
  };
}

async function watch(terminal: Terminal, stdin: Stdin, world: ShellWorld): Promise<void> {
  const answer = createWatchLoop(world.store);
  for (;;) {
    const line = await stdin.line();
    if (line === undefined || terminal.closed) break;
    // Also a watch that has begun well may go wrong.
    const wrong = world.plan.commands.get('watch');
    const instead = wrong === undefined ? undefined : await misbehave(wrong, world.timers);
    if (instead === undefined) await terminal.print(answer(line));
    else await show(instead, terminal);
    if (instead !== undefined && instead.code !== 0) {
      terminal.exit(instead.code);
      return;
    }
  }
  terminal.exit(0);
}
