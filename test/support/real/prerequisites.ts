import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The command that makes the tests against a real X2Go server possible. */
export const enablingCommand = 'npm run test:setup';

/** One program of each Debian package that test/real/setup.sh installs. */
const programs = {
  'openssh-server': 'sshd',
  'openssh-client': 'ssh',
  x2goserver: 'x2golistsessions',
  'x2goserver-x2goagent': 'x2goagent',
  'x2goserver-extensions': 'x2goserver-run-extensions',
  xauth: 'xauth',
  xvfb: 'Xvfb',
  nxproxy: 'nxproxy',
  xterm: 'xterm',
  openbox: 'openbox-session',
  'x11-utils': 'xwininfo',
  'x11-xserver-utils': 'xsetroot',
  sshfs: 'sshfs',
  pulseaudio: 'pulseaudio',
  'pulseaudio-utils': 'paplay',
  sudo: 'sudo',
  iproute2: 'ss',
  iptables: 'iptables',
  procps: 'ps',
  tcsh: 'tcsh',
  fish: 'fish',
  faketime: 'faketime',
  tmux: 'tmux',
  'pyhoca-cli': 'pyhoca-cli',
  x2gobroker: 'x2gobroker',
  'x2gobroker-agent': 'x2gobroker-agent',
  'x2gobroker-authservice': 'x2gobroker-authservice',
} as const;

/** true when tests can start a real X2Go server here, else the reason and what to do about it. */
export function realServerAvailable(): true | string {
  if (process.platform !== 'linux') return `a real X2Go server needs Linux, not ${process.platform}`;
  const missing = Object.entries(programs)
    .filter(([, program]) => !isInstalled(program))
    .map(([name]) => name);
  if (process.getuid?.() !== 0)
    return `root is needed: run \`${enablingCommand}\` and the tests as root on Debian 12`;
  return missing.length === 0 ? true : `${missing.join(', ')} missing: run \`${enablingCommand}\``;
}

function isInstalled(program: string): boolean {
  // sshd and iptables live in sbin, which is not in everybody's PATH
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/lib/x2go'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
