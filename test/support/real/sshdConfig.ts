import type { HostKey, HostKeyType } from './hostKey.js';

export interface SshdOptions {
  readonly dir: string;
  readonly user: string;
  readonly uid: number;
  readonly authorizedKeys: string;
  /** sshd's MaxSessions: channels per connection. @default 10, sshd's own */
  readonly maxSessions?: number;
  /** sshd's MaxStartups: unauthenticated connections. @default '10:30:100', sshd's own */
  readonly maxStartups?: string;
  /** The first one is `hostKeys[0]`. @default ['ed25519'] */
  readonly hostKeyTypes?: readonly HostKeyType[];
  readonly address: string;
  /** What sshd's own command line is put behind. */
  readonly inside?: readonly string[];
  /** Lines before all others: the first value counts. */
  readonly first?: string;
  /** Further lines of sshd_config. */
  readonly config?: string;
}

export function sshdConfig(options: SshdOptions, port: number, hostKeys: readonly HostKey[]): string {
  return `${options.first ?? ''}
Port ${port}
ListenAddress ${options.address}
${hostKeys.map((key) => `HostKey ${key.file}`).join('\n')}
PidFile none
AuthorizedKeysFile ${options.authorizedKeys}
PasswordAuthentication yes
PubkeyAuthentication yes
KbdInteractiveAuthentication no
UsePAM no
PermitRootLogin no
AllowUsers ${options.user}
X11Forwarding no
AllowTcpForwarding yes
GatewayPorts no
MaxStartups ${options.maxStartups ?? '10:30:100'}
MaxSessions ${options.maxSessions ?? 10}
Subsystem sftp internal-sftp
${options.config ?? ''}
`;
}
