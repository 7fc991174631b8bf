import { sectionLine } from '../protocol/framing.js';
import type { FilesRequest, RunRequest } from '../protocol/request.js';
import type { CommandWorld } from './commands.js';
import { paces } from './paces.js';
import { printed, type Ran, refused, runCommand } from './ran.js';
import type { Steps } from './steps.js';
import { show, type Terminal } from './terminal.js';

export interface ErrandWorld extends CommandWorld {
  readonly steps: Steps;
  /** Programs that are not installed there. */
  readonly missingCommands: readonly string[];
}

/** The scripts that have no guard: what comes over stdin, its end included, does not stop them. */
export async function answerErrand(
  request: RunRequest | FilesRequest,
  script: string,
  terminal: Terminal,
  world: ErrandWorld,
): Promise<void> {
  const ran = request.verb === 'run' ? await run(request, script, world) : writeFiles(request, script, world);
  await show(ran, terminal);
  await terminal.print(sectionLine(request.marker, request.verb, ran.code));
}

/** How long the script waits for a word of x2goruncommand. */
const patience = 10_000;
const noSuchProgram = 1;
const notFound = 127;
const unfound = refused(noSuchProgram, '');

/** x2goruncommand is detached: of all that it says, only these two codes come back. */
async function run(request: RunRequest, script: string, world: ErrandWorld): Promise<Ran> {
  const { store, steps, walker, missingCommands, plan } = world;
  const entry = store.find(request.session);
  const command = commandIn(script) ?? request.command;
  const begin = async () => {
    await walker.delay(paces.commands.x2goruncommand);
    entry?.commands.push(command);
    const [program = ''] = command.split(' ');
    if (!missingCommands.includes(program.replace(/.*\//, ''))) return printed('');
    if (entry) walker.walk(entry, steps.terminate(entry));
    return unfound;
  };
  if (plan.missing) return refused(notFound, '');
  const ran = await walker.within(patience, runCommand('x2goruncommand', world, begin));
  return refused(ran === unfound ? noSuchProgram : 0, '');
}

/** The fifth word of x2goruncommand, with its blanks. */
function commandIn(script: string): string | undefined {
  const words = /^.*\bsetsid 'x2goruncommand' (.*) >\/dev\/null/m.exec(script)?.[1];
  const quoted = words?.match(/'(?:[^']|'\\'')*'/g)?.[4];
  return quoted?.slice(1, -1).replaceAll("'\\''", "'").replaceAll('X2GO_SPACE_CHAR', ' ');
}

const fileIn = /base64 -d >\.\/([A-Za-z0-9._-]+)\.part;.*\n([A-Za-z0-9+/=\n]*)\nCONTENT\n/g;

function writeFiles({ session }: FilesRequest, script: string, { store }: ErrandWorld): Ran {
  const entry = store.find(session);
  const folder = `/home/${store.world.user}/.x2go/C-${session}`;
  if (entry?.state === undefined) return refused(2, `/bin/sh: 1: cd: can't cd to ${folder}\n`);
  for (const [, name = '', content = ''] of script.matchAll(fileIn))
    entry.files.set(name, Buffer.from(content, 'base64'));
  return printed('');
}
