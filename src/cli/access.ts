import type { Hop } from '../../machines/vocabulary.js';
import type { GuardianOptions } from '../options.js';
import { usualCredentials } from '../options.js';
import type { Ask } from '../ssh/credentials.js';
import type { Chosen } from './chosen.js';
import { forwarded } from './forwarding.js';
import type { CommonOptions } from './options.js';
import type { Questions } from './questions.js';
import { SamePassword } from './samePassword.js';
import { keysOf, knownHostsOf, type SshAccess } from './sshConfig.js';

const systemKnownHosts = '/etc/ssh/ssh_known_hosts';

/** How the chosen profiles are logged in to. The password stays in this closure. */
export function accessTo(
  chosen: readonly Chosen[],
  options: CommonOptions,
  secrets: {
    readonly password?: string;
    readonly questions?: Questions;
    /** Says something to the person who started the command. */
    readonly tell?: (text: string) => void;
  },
): Required<Pick<GuardianOptions, 'credentials' | 'hostKeys'>> {
  const { password, questions, tell } = secrets;
  const of = (id: string) => chosen.find(({ profile }) => profile.id === id);
  const at = (id: string, { host, port, user }: Hop): SshAccess | undefined => {
    const { profile, hops } = of(id) ?? {};
    const place = profile?.via?.findIndex(
      (hop) => hop.host === host && hop.port === port && hop.user === user,
    );
    return hops?.[place ?? -1];
  };
  const shared = new SamePassword();
  const sharing = (id: string) => of(id)?.hops?.some((hop) => hop.samePassword === true) === true;
  const asking = (who: string, share?: (ask: Ask) => Ask) => {
    if (questions === undefined) return {};
    const ask = questions.secret(who);
    return { ask: share === undefined ? ask : share(ask) };
  };
  return {
    credentials: {
      of: ({ id }) => {
        const own = of(id)?.identity;
        const named = options.identity.length > 0 || own === undefined ? options.identity : [own];
        const { identities = [], ...keys } = keysOf(of(id)?.ssh, usualCredentials(), questions !== undefined);
        return {
          ...keys,
          ...(named.length + identities.length > 0 ? { identities: [...named, ...identities] } : {}),
          // As ssh: IdentitiesOnly lets those of the command line through.
          ...(keys.agentKeys === undefined ? {} : { agentKeys: [...named, ...keys.agentKeys] }),
          ...forwarded(of(id)?.ssh, options, keys.agent, (message) => tell?.(`${id}: ${message}`)),
          ...(password === undefined ? {} : { password }),
          ...asking(id, sharing(id) ? (ask) => shared.of(id, 'target', ask) : undefined),
        };
      },
      // What was given for the target on the command line is not for a hop: as ssh.
      ofHop: (hop, { id }) => {
        const own = at(id, hop);
        const isSame = own?.samePassword === true;
        const who = `${id}, ${hop.kind === 'http' ? 'HTTP proxy' : 'jump host'} ${hop.host}`;
        return {
          ...keysOf(own, usualCredentials(), questions !== undefined),
          ...(isSame && password !== undefined ? { password } : {}),
          ...asking(who, isSame ? (ask) => shared.of(id, 'hop', ask) : undefined),
        };
      },
    },
    hostKeys: ({ id }, hop) => {
      const own = of(id);
      const said = hop === undefined ? own?.ssh : at(id, hop);
      const file = options.knownHosts ?? (said?.knownHosts === undefined ? own?.knownHosts : undefined);
      const known = file === undefined ? knownHostsOf(said) : [file];
      const wanted = options.hostKey ?? own?.hostKey ?? 'ask';
      const isAsking = wanted === 'ask' && questions !== undefined;
      return {
        // Nobody to ask: as if the answer were no. No file of ours: nowhere to write a new key down.
        mode: known?.length === 0 || (wanted === 'ask' && !isAsking) ? 'strict' : wanted,
        ...(known === undefined ? {} : { files: known.length === 0 ? [systemKnownHosts] : known }),
        ...(questions === undefined ? {} : { ask: questions.host(id) }),
      };
    },
  };
}
