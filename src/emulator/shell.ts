import type { ServerChannel } from 'ssh2';
import { beginLine } from '../protocol/framing.js';
import { parseRequestLine } from '../protocol/request.js';
import { execString } from '../protocol/script.js';
import { type BecomingWorld, becomeResume, becomeStart } from './becoming.js';
import { createCommands } from './commands.js';
import type { CommandName } from './faultPlan.js';
import { errand, type FrameWorld, frame } from './frame.js';
import { misbehave } from './ran.js';
import { openStdin, type Stdin } from './stdin.js';
import { cutting, openTerminal, show, type Terminal } from './terminal.js';
import { createWatchLoop } from './watchLoop.js';

export interface ShellWorld extends BecomingWorld, FrameWorld {
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
