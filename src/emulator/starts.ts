import type { SessionKind } from '../../machines/vocabulary.js';
import type { StartRequest } from '../protocol/request.js';
import { die } from './agentPort.js';
import type { NewSession } from './agents.js';
import type { Births } from './births.js';
import type { FaultPlan } from './faultPlan.js';
import { paces } from './paces.js';
import { printed, type Ran, refused } from './ran.js';
import type { Entry, SessionStore } from './sessionStore.js';
import type { Steps } from './steps.js';
import type { Walker } from './walker.js';

export interface StartWorld {
  readonly store: SessionStore;
  readonly births: Births;
  readonly steps: Steps;
  readonly walker: Walker;
  readonly plan: FaultPlan;
  readonly features: readonly string[];
}

/** What the agent died of, as the command tells it. */
const agentDied = refused(12, 'X2Go Agent terminated unexpectedly\n');

/** x2gostartagent (PROTOCOL 1.3): a session whose agent waits for our viewer, and the seven lines about it. */
export async function startAgent(request: StartRequest, script: string, world: StartWorld): Promise<Ran> {
  const { store, births, steps, walker, plan, features } = world;
  const open = store.all.filter(({ status }) => status !== 'F').length;
  if (open >= plan.sessionLimit) return refused(9, 'LIMIT\n');
  const order = orderOf(request, script);
  if (order.kind === 'shadow') {
    if (plan.shadowDenied) return refused(8, 'ACCESS DENIED\n');
    const foreign = order.shadow?.user !== store.world.user;
    // Without that package the real one finds nothing wrong (PROTOCOL T5).
    if (foreign && !features.includes('X2GO_DESKTOPSHARING')) return printed('\n'.repeat(7));
  }
  const entry = births.add(order, request.marker);
  walker.walk(entry, steps.start(entry, 'ourViewer'));
  await walker.delay(paces.commands.x2gostartagent);
  if (plan.agentDies === 'atOnce') {
    die(entry);
    steps.unlist(entry);
    return agentDied;
  }
  if (plan.agentDies === 'afterwards') die(entry);
  return entry.ports === undefined ? agentDied : printed(sevenLines(entry));
}

/** A start that hangs has come as far as the data base. */
export function beginStart(request: StartRequest, script: string, { births }: StartWorld): void {
  births.add(orderOf(request, script), request.marker);
}

function sevenLines({ display, cookie, pid, session, ports }: Entry): string {
  const lines = [display, cookie, pid, session, ports?.graphics, ports?.sound, ports?.files];
  return lines.map((line) => `${line}\n`).join('');
}

const kinds: Readonly<Record<string, SessionKind>> = {
  R: 'application',
  P: 'published',
  S: 'shadow',
  K: 'kdrive',
};

/** What the request line leaves out is read from the words of the command itself. */
function orderOf({ type, command }: StartRequest, script: string): NewSession {
  const depth = /unix-kde-depth_([0-9]{1,2})\b/.exec(script)?.[1];
  const xdmcpHost = /\bX2GOXDMCP='?([A-Za-z0-9._-]+)/.exec(script)?.[1];
  const [, mode, user = '', display] = /^([01])XSHAD(.+)XSHAD(?::|PP)([0-9]+)$/.exec(command) ?? [];
  return {
    kind: kinds[type] ?? 'desktop',
    command,
    ...(depth === undefined ? {} : { depth: Number(depth) }),
    ...(xdmcpHost === undefined ? {} : { xdmcpHost }),
    ...(mode === undefined
      ? {}
      : { shadow: { mode: mode === '1' ? 'full' : 'view', user, display: Number(display) } }),
  };
}
