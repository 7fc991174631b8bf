import { endLine, sectionLine } from '../protocol/framing.js';
import type {
  DesktopsRequest,
  ExamineRequest,
  FilesRequest,
  RunRequest,
  SurveyRequest,
} from '../protocol/request.js';
import { createCommands, type Run } from './commands.js';
import { answerEnding, type EndingRequest, type EndingWorld } from './endings.js';
import { answerErrand, type ErrandWorld } from './errands.js';
import { answerExamine } from './examine.js';
import type { Stdin } from './stdin.js';
import { answerSurvey } from './survey.js';
import { show, type Terminal } from './terminal.js';

export interface FrameWorld extends EndingWorld, ErrandWorld {}

/** A framed answer without a guard. */
export async function errand(
  request: RunRequest | FilesRequest,
  script: string,
  terminal: Terminal,
  world: FrameWorld,
): Promise<void> {
  await answerErrand(request, script, terminal, world);
  await terminal.print(endLine(request.marker, 0));
  terminal.exit(0);
}

/** A framed answer, for as long as the client is there. */
export async function frame(
  request: SurveyRequest | DesktopsRequest | ExamineRequest | EndingRequest,
  script: string,
  terminal: Terminal,
  stdin: Stdin,
  world: FrameWorld,
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
        : request.verb === 'examine'
          ? answerExamine(request, working, run, world)
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
