import { sectionLine } from '../protocol/framing.js';
import type { SurveyRequest } from '../protocol/request.js';
import type { Run } from './commands.js';
import { printed, type Ran } from './ran.js';
import type { SessionStore } from './sessionStore.js';
import { show, type Terminal } from './terminal.js';

/** The sections of a survey, in the order in which the script of protocol/survey.ts comes to print them. */
export async function answerSurvey(
  request: SurveyRequest,
  terminal: Terminal,
  run: Run,
  store: SessionStore,
): Promise<void> {
  const say = (name: string, code = 0) => terminal.print(sectionLine(request.marker, name, code));
  const section = async (name: string, ran: Ran) => {
    await show(ran, terminal);
    await say(name, ran.code);
  };
  // These two run beside the rest, as in the script.
  const features = request.identity ? run('x2gofeaturelist') : undefined;
  const versions = request.identity ? run('x2goversion') : undefined;

  if (request.identity) await section('home', { code: 0, stdout: `/home/${store.world.user}`, stderr: '' });
  if (request.sessions) {
    const [sessions, shadows] = await Promise.all([
      run('x2golistsessions'),
      request.shadows ? run('x2golistshadowsessions') : printed(''),
    ]);
    // The script holds the rows in a variable: the shell drops the newlines at the end.
    await section('sessions', { ...sessions, stdout: trimEnd(sessions.stdout) });
    if (request.shadows) await section('shadows', shadows);
    const rows = rowsOf(sessions, shadows);
    await section('states', printed(rows.map((row) => `${row.session} ${stateOf(row, store)}\n`).join('')));
    if (request.agents.length > 0) {
      await section('agents', printed(request.agents.map((pid) => `${pid} ${howIs(pid, store)}\n`).join('')));
    }
    if (request.mounts) {
      const running = rows.filter(({ status }) => status === 'R').map(({ session }) => session);
      const mounts = running.map((session) => [session, run('x2golistmounts', session)] as const);
      // Each waits for those behind it: the last is printed first.
      for (const [session, ran] of mounts.toReversed()) await section(`mounts:${session}`, await ran);
    }
  }
  if (features !== undefined) await section('features', await features);
  if (versions !== undefined) await section('versions', await versions);
}

const trimEnd = (stdout: string | Buffer) =>
  typeof stdout === 'string'
    ? stdout.replace(/\n+$/, '')
    : Buffer.from(stdout.toString('latin1').replace(/\n+$/, ''), 'latin1');

interface Row {
  readonly pid: string;
  readonly session: string;
  readonly status: string;
}

/** The rows as the script's `while IFS='|' read` takes them apart, broken ones included. */
function rowsOf(...listings: readonly Ran[]): readonly Row[] {
  return listings
    .flatMap(({ stdout }) => stdout.toString().split('\n'))
    .map((line) => line.split('|'))
    .map(([pid = '', session = '', , , status = '']) => ({ pid, session, status }))
    .filter(({ session }) => /-.*_st/.test(session));
}

function stateOf({ pid, session }: Row, store: SessionStore): string {
  const state = store.find(session)?.state?.split('\n')[0]?.trim() || '-';
  return `${state} ${/^[0-9]+$/.test(pid) ? howIs(Number(pid), store) : '-'}`;
}

const howIs = (pid: number, store: SessionStore) => (store.agentAlive(pid) ? 'alive' : 'gone');
