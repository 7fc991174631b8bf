/** Until all is as it is told, and then as it was wanted: so many sessions on the screen. */
import { eventually } from '../support/real/eventually.js';
import type { Scene } from './nemesis.js';
import type { View } from './soaked.js';

/** How long a guardian on a busy machine may take until all is well again: a take-over alone waits for two minutes. */
const patience = 300_000;

/** What is not so, of all that is told; nothing, when all is. */
export function difference({ witness }: Scene, view: View): string | undefined {
  for (const state of view.profiles) if (state !== 'connected') return `the profile is ${state}`;
  const agents = witness.agents();
  const shown = witness.shown();
  const here = new Map(view.sessions.map((each) => [each.session, each]));
  for (const session of agents.keys())
    if (!witness.told.has(session)) return `${session} lives, and is not known`;
  const [still] = witness.stopped();
  if (still !== undefined) return `nxproxy ${still} stands still`;
  for (const [session, told] of witness.told) {
    const { state = 'terminated', ours = false } = here.get(session) ?? {};
    const word = witness.word(session);
    const viewers = shown.get(session) ?? 0;
    const is = `${session} is ${state}${ours ? ' (ours)' : ''} here, ${told} was told, ${word} there, ${viewers} viewers`;
    const isSo =
      told === state &&
      ((state === 'running' && word === 'RUNNING' && viewers === (ours ? 1 : 0)) ||
        (state === 'suspended' && word === 'SUSPENDED' && viewers === 0) ||
        (state === 'terminated' && !agents.has(session) && viewers === 0) ||
        (state === 'faulty' && agents.has(session)));
    if (!isSo) return is;
  }
  return undefined;
}

/** Rejects with what is still not so after the time it may take. */
export async function settled(scene: Scene): Promise<View> {
  let differs: string | undefined = 'nothing was seen';
  return eventually(
    () => differs ?? '',
    async () => {
      scene.witness.look();
      const { soaked, witness, profile } = scene;
      const names = [...new Set([...witness.told.keys(), ...witness.agents().keys()])];
      const view = await soaked.ask('look', { profile, names });
      differs = difference(scene, view);
      return differs === undefined ? view : undefined;
    },
    { timeoutMs: patience, everyMs: 300 },
  );
}

/** So many sessions run here again; what cannot be brought back is started anew. */
export async function mended(scene: Scene, count: number): Promise<void> {
  const { soaked, profile } = scene;
  for (let turn = 0; turn < 6; turn += 1) {
    const { sessions } = await settled(scene);
    const live = sessions.filter(({ state }) => state !== 'terminated');
    const missing = count - live.filter(({ state, ours }) => state === 'running' && ours).length;
    if (missing <= 0) return;
    const [idle] = live.filter(({ state, ours }) => state === 'suspended' || (state === 'running' && !ours));
    const [lost] = live.filter(({ state }) => state === 'faulty');
    // A refusal is an answer: it is looked at again.
    const made =
      lost !== undefined
        ? soaked.ask('terminate', { profile, session: lost.session })
        : idle !== undefined
          ? soaked.ask('resume', { profile, session: idle.session })
          : soaked.ask('begin', { profile });
    await Promise.resolve(made).catch(() => undefined);
  }
  const { sessions } = await settled(scene);
  const running = sessions.filter(({ state, ours }) => state === 'running' && ours).length;
  if (running < count) throw new Error(`only ${running} of ${count} sessions could be brought back`);
}
