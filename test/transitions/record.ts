/** In every test file: notes what the actors of it really did, whoever made them. Files that share a process share xstate, too. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { Actor, type AnyStateNode, StateNode } from 'xstate';
import { evidence, noteRefusals, recordTransitions } from '../machines/support/coverage.js';

const watched = new WeakSet<object>();
function noteWhatIsTaken(): void {
  const { start } = Actor.prototype;
  Actor.prototype.start = function (this: Actor<never>) {
    const isWatched = this.options.inspect === recordTransitions || watched.has(this.system);
    if (this._parent === undefined && !isWatched) this.system.inspect(recordTransitions);
    watched.add(this.system);
    return start.call(this);
  };
}

/** By node and event: what is asked in turn. */
const asked = new WeakMap<AnyStateNode, Map<string, Candidates>>();
type Candidates = Parameters<typeof noteRefusals>[0];

function candidatesOf(node: AnyStateNode, event: string): Candidates {
  const known = asked.get(node)?.get(event);
  if (known !== undefined) return known;
  const wild = [...node.transitions].flatMap(([name, all]) =>
    name.endsWith('.*') && event.startsWith(name.slice(0, -1)) ? all : [],
  );
  const candidates = node.transitions.get(event) ?? wild;
  const ofNode = asked.get(node) ?? new Map<string, Candidates>();
  asked.set(node, ofNode.set(event, candidates.some(({ guard }) => guard !== undefined) ? candidates : []));
  return candidates;
}

/** A part of xstate that it does not declare: where a node chooses among what an event may lead to. */
interface Choosing {
  next(this: AnyStateNode, snapshot: unknown, event: { type: string }): Candidates | undefined;
}
function noteWhatIsRefused(): void {
  const choosing = StateNode.prototype as unknown as Choosing;
  const { next } = choosing;
  choosing.next = function (snapshot, event) {
    const chosen = next.call(this, snapshot, event);
    noteRefusals(candidatesOf(this, event.type), chosen?.[0]);
    return chosen;
  };
}

const noted = Symbol.for('transitions are noted');
if (!(noted in Actor)) {
  Object.assign(Actor, { [noted]: true });
  noteWhatIsTaken();
  noteWhatIsRefused();
}

afterAll(() => {
  const folder = process.env.TRANSITIONS_FOLDER;
  if (folder === undefined || evidence.size === 0) return;
  const found = [...evidence].map(([chart, parts]) => [
    chart,
    Object.fromEntries(Object.entries(parts).map(([kind, names]) => [kind, [...names]])),
  ]);
  writeFileSync(join(folder, `${randomUUID()}.json`), JSON.stringify(Object.fromEntries(found)));
});
