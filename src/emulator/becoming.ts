import type { ResumeRequest, StartRequest } from '../protocol/request.js';
import { type ResumeObstacle, resumeBeginLine } from '../protocol/resumeAgent.js';
import { startBeginLine } from '../protocol/startAgent.js';
import type { CommandName } from './faultPlan.js';
import type { Process, Processes } from './processes.js';
import { type FaultyWorld, type Ran, runCommand } from './ran.js';
import { resumeAgent } from './resumes.js';
import { serverTime } from './sessionStore.js';
import { beginStart, type StartWorld, startAgent } from './starts.js';
import { show, type Terminal } from './terminal.js';

/** Scripts that print their pid and become a command: its exit code is the channel's, and closing the channel does not end it. */
export interface BecomingWorld extends FaultyWorld, StartWorld {
  readonly processes: Processes;
}

export async function becomeStart(
  request: StartRequest,
  script: string,
  terminal: Terminal,
  world: BecomingWorld,
): Promise<void> {
  const { plan, processes, store } = world;
  const { hostName: server, now } = store.world;
  const process = processes.spawn(request.marker, true);
  const begin = { pid: process.pid, server, time: serverTime(now()), client: '127.0.0.1' };
  await terminal.print(startBeginLine(request.marker, begin));
  if (terminal.closed) {
    // Nothing is begun for nobody.
    process.end();
    return;
  }
  if (plan.commands.get('x2gostartagent')?.kind === 'hang') beginStart(request, script, world);
  await become('x2gostartagent', process, terminal, world, () =>
    // Killed while it was slow it begins nothing any more.
    processes.isAlive(process.pid) ? startAgent(request, script, world) : new Promise(() => {}),
  );
  const entry = store.all.find(({ start }) => start === request.marker);
  // Killed midway it leaves a row, and no agent comes.
  if (entry?.pid === undefined) entry?.cancel();
}

export async function becomeResume(
  request: ResumeRequest,
  script: string,
  terminal: Terminal,
  world: BecomingWorld,
): Promise<void> {
  const process = world.processes.spawn(request.marker);
  const obstacle = obstacleTo(request, script, world);
  await terminal.print(resumeBeginLine(request.marker, process.pid, obstacle));
  if (obstacle === undefined) {
    await become('x2goresume-session', process, terminal, world, () =>
      resumeAgent(request.session, world, () => world.processes.isAlive(process.pid)),
    );
  } else {
    process.end();
    terminal.exit(3);
  }
}

/** What the script sees before it becomes x2goresume-session, which would never return. */
function obstacleTo(
  { session }: ResumeRequest,
  script: string,
  { store }: BecomingWorld,
): ResumeObstacle | undefined {
  const pid = Number(/^alive ([0-9]+);/m.exec(script)?.[1]);
  if (!store.agentAlive(pid)) return 'gone';
  return store.find(session)?.state === 'STARTING' ? 'STARTING' : undefined;
}

async function become(
  name: CommandName,
  process: Process,
  terminal: Terminal,
  world: BecomingWorld,
  work: () => Promise<Ran>,
): Promise<void> {
  const ran = await Promise.race([runCommand(name, world, work), process.killed]);
  process.end();
  if (ran === undefined) {
    terminal.die();
    return;
  }
  await show(ran, terminal);
  terminal.exit(ran.code);
}
