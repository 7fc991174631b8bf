/** The profiles of a guardian as a React component: it is drawn again when one of them changes its state. */
import { useSelector } from '@xstate/react';
import { createElement } from 'react';
import type { Guardian } from 'x2go-guardian';

type Snapshot = ReturnType<Guardian['actor']['getSnapshot']>;

const statesOf = ({ context }: Snapshot) => context.states;
const profilesOf = ({ context }: Snapshot) => context.profiles;

export function Profiles({ guardian }: { readonly guardian: Guardian }) {
  const profiles = useSelector(guardian.actor, profilesOf);
  const states = useSelector(guardian.actor, statesOf);
  const lines = Object.values(profiles).map(({ id, user, host }) =>
    createElement('li', { key: id }, `${id}: ${user}@${host} is ${states[id] ?? 'disconnected'}`),
  );
  return createElement('ul', null, lines);
}
