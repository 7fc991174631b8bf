import { sectionLine } from '../protocol/framing.js';
import type { EndRequest, KillRequest, WithdrawRequest } from '../protocol/request.js';
import { die } from './agentPort.js';
import type { CommandWorld, Run } from './commands.js';
import { paces } from './paces.js';
import type { Processes } from './processes.js';
import { printed, type Ran } from './ran.js';
import type { Entry } from './sessionStore.js';
import { show, type Terminal } from './terminal.js';

export type EndingRequest = EndRequest | WithdrawRequest | KillRequest;

export interface EndingWorld extends CommandWorld {
  readonly processes: Processes;
}

/** What a script does with: nothing more once it is over. */
export interface Hand {
  readonly run: Run;
  isOver(): boolean;
}

/** The scripts that end something, as protocol/endAgent.ts, withdraw.ts and killing.ts have them. */
export async function answerEnding(
  request: EndingRequest,
  script: string,
  terminal: Terminal,
  hand: Hand,
  world: EndingWorld,
): Promise<void> {
  const say = (name: string, code = 0) => terminal.print(sectionLine(request.marker, name, code));
  if (request.verb === 'kill') {
    world.processes.kill(request.pid);
    await say('kill');
  } else if (request.verb === 'withdraw') {
    await show(await withdraw(request, script, hand, world), terminal);
    await say('withdrawn');
  } else {
    const entry = world.store.find(request.session);
    if (request.unlessUsed && entry?.alive && entry.state !== 'SUSPENDED') {
      await say('command');
      await terminal.print('used');
      return say('agent');
    }
    const ran =
      request.verb === 'suspend'
        ? await hand.run('x2gosuspend-session', request.session)
        : await endSession(request.session, entry, hand, world);
    await show(ran, terminal);
    await say('command', ran.code);
    await terminal.print(entry?.alive ? 'alive' : 'gone');
    await say('agent');
  }
}

/** x2goterminate-session, and once more, and signals: until the agent is gone. */
async function endSession(
  session: string,
  entry: Entry | undefined,
  { run, isOver }: Hand,
  { plan, walker }: EndingWorld,
): Promise<Ran> {
  const afterwards = paces.terminate.terminated - paces.commands['x2goterminate-session'];
  const first = await run('x2goterminate-session', session);
  await walker.delay(afterwards);
  if (entry === undefined || !entry.alive) return first;
  const again = await run('x2goterminate-session', session);
  await walker.delay(afterwards);
  if (entry.alive && !isOver() && plan.outlives !== 'signals') {
    entry.cancel();
    die(entry);
  }
  return { ...first, stderr: first.stderr + again.stderr };
}

async function withdraw(
  request: WithdrawRequest,
  script: string,
  hand: Hand,
  world: EndingWorld,
): Promise<Ran> {
  const { store, processes, walker } = world;
  // x2gostartagent is let come to its end, for so many quarters of a second.
  const turns = Number(/\bturns=([0-9]+)/.exec(script)?.[1] ?? 0);
  const start = processes.marked(request.start);
  if (start !== undefined) {
    await walker.within(turns * 250, start.ended);
    if (!hand.isOver()) processes.kill(start.pid);
    // A turn of the loop, so that the command has seen it.
    await new Promise(setImmediate);
  }
  const begun = store.all.filter((entry) => entry.start === request.start && entry.alive);
  if (begun.length === 0) await endDeadRows(hand, world);
  const fates: string[] = [];
  for (const entry of begun) {
    await endSession(entry.session, entry, hand, world);
    const fate = entry.status !== 'F' ? 'listed' : entry.alive ? 'alive' : 'gone';
    fates.push(`${entry.session} ${fate}\n`);
  }
  return printed(fates.join(''));
}

/** Rows without an agent belong to a start that was killed, once no start is under way. */
async function endDeadRows({ run }: Hand, { store, processes, walker }: EndingWorld): Promise<void> {
  const agentless = () => store.all.filter(({ status, pid }) => status === 'R' && pid === undefined);
  const isStarting = () => processes.isStarting || agentless().some(({ start }) => start === undefined);
  for (let tries = 10; tries > 0 && isStarting(); tries--) await walker.delay(300);
  if (isStarting()) return;
  for (const { session } of agentless()) await run('x2goterminate-session', session);
}
