import type { GuardianOptions } from '../options.js';
import { usualCredentials } from '../options.js';
import type { Chosen } from './chosen.js';
import type { CommonOptions } from './options.js';
import type { Questions } from './questions.js';

/** How the chosen profiles are logged in to. The password stays in this closure. */
export function accessTo(
  chosen: readonly Chosen[],
  options: CommonOptions,
  secrets: { readonly password?: string; readonly questions?: Questions },
): Required<Pick<GuardianOptions, 'credentials' | 'hostKeys'>> {
  const { password, questions } = secrets;
  const of = (id: string) => chosen.find(({ profile }) => profile.id === id);
  return {
    credentials: {
      of: ({ id }) => {
        const own = of(id)?.identity;
        const identities = options.identity.length > 0 || own === undefined ? options.identity : [own];
        return {
          ...usualCredentials(),
          ...(identities.length > 0 ? { identities } : {}),
          ...(password === undefined ? {} : { password }),
          ...(questions === undefined ? {} : { ask: questions.secret(id) }),
        };
      },
    },
    hostKeys: ({ id }) => {
      const own = of(id);
      const file = options.knownHosts ?? own?.knownHosts;
      const wanted = options.hostKey ?? own?.hostKey ?? 'ask';
      return {
        // Nobody to ask: as if the answer were no.
        mode: wanted === 'ask' && questions === undefined ? 'strict' : wanted,
        ...(file === undefined ? {} : { files: [file] }),
        ...(questions === undefined ? {} : { ask: questions.host(id) }),
      };
    },
  };
}
