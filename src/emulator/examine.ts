import { sectionLine } from '../protocol/framing.js';
import type { ExamineRequest } from '../protocol/request.js';
import type { Run } from './commands.js';
import type { FrameWorld } from './frame.js';
import { printed, type Ran } from './ran.js';
import { show, type Terminal } from './terminal.js';

/** The sections of protocol/examine.ts: a server with sshfs. */
export async function answerExamine(
  { marker }: ExamineRequest,
  terminal: Terminal,
  run: Run,
  { store }: FrameWorld,
): Promise<void> {
  const section = async (name: string, ran: Ran) => {
    await show(ran, terminal);
    await terminal.print(sectionLine(marker, name, ran.code));
  };
  await section('clock', printed(`${Math.floor(store.world.now() / 1_000)}\n`));
  await section('limit', await run('x2gosessionlimit'));
  await section('fuse', printed('ready'));
  await section('programs', printed('sshfs\nfusermount3\n'));
}
