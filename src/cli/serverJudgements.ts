import type { Failure } from '../../machines/vocabulary.js';
import type { Examination } from '../ssh/examine.js';
import { adviceFor } from './advice.js';
import { spanText } from './ages.js';
import { type Finding, note, ok, problem } from './finding.js';

/** What was found out about a server, judged: pure, so that each verdict can be tried. */
export function judgements(
  { examined, toServer, toHere }: Examination,
  features: readonly string[],
): readonly Finding[] {
  const forwarding = [
    toServer === undefined
      ? ok('forwarding', 'Forwarding to its sessions is allowed')
      : problem('forwarding', toServer, remedy(toServer, 'local')),
    toHere === undefined
      ? ok('sound', 'Forwarding from its sessions to here, as sound needs it, is allowed')
      : note('sound', `No sound from there: ${toHere.message}`, remedy(toHere, 'remote')),
  ];
  const gaps = lacking(features);
  if (!examined.ok) {
    const { failure } = examined;
    return [...gaps, ...forwarding, problem('examination', failure, adviceFor(failure))];
  }
  const { clockSeconds, sessionLimit, fuse, programs, sentAt, heardAt } = examined;
  return [
    ...gaps,
    ...forwarding,
    folders(fuse, programs, features),
    limit(sessionLimit),
    ...(clockSeconds === undefined ? [] : [clock(clockSeconds, sentAt, heardAt)]),
  ];
}

/** Denied is the server's wish; anything else happened on the way. */
function remedy(failure: Failure, way: 'local' | 'remote'): string {
  if (failure.code !== 'tunnel.denied') return adviceFor(failure);
  const set = `Set AllowTcpForwarding yes (or ${way}) in its sshd_config`;
  return `${set}, and look for DisableForwarding, PermitOpen and PermitListen there`;
}

/** What does not work without a feature, and which package brings it. */
const wanted: Readonly<Record<string, readonly [what: string, from: string]>> = {
  X2GO_LIST_SHADOWSESSIONS: ['shared desktops are not listed', 'Install a newer x2goserver there'],
  X2GO_CLIPBOARD_MODES: ['--clipboard has no effect', 'Install a newer x2goserver there'],
  X2GO_XSESSION: ['desktops start without the Xsession scripts', 'Install x2goserver-xsession there'],
};

function lacking(features: readonly string[]): readonly Finding[] {
  return Object.entries(wanted).flatMap(([feature, [what, from]]) =>
    features.includes(feature) ? [] : [note('features', `It lacks ${feature}: ${what}`, from)],
  );
}

function folders(
  fuse: 'ready' | 'denied' | 'missing',
  programs: readonly string[],
  features: readonly string[],
): Finding {
  const no = (why: string, advice: string) => note('folders', `No folders can be shared: ${why}`, advice);
  if (!features.includes('X2GO_MOUNTDIRS'))
    return no('its X2Go does not mount any', 'Install a newer x2goserver there');
  if (!programs.includes('sshfs')) return no('sshfs is not there', 'Install sshfs there');
  if (!programs.some((name) => name.startsWith('fusermount')))
    return no('fusermount is not there', 'Install fuse3 there');
  if (fuse === 'missing')
    return no(
      '/dev/fuse is not there',
      'Load the kernel module there: modprobe fuse; a container has to be given it',
    );
  if (fuse === 'denied')
    return no('/dev/fuse is not for this user', 'Put the user into the group that owns it there');
  return ok('folders', 'Folders can be shared: sshfs and /dev/fuse are there');
}

function limit(sessions: number | 'none' | 'reached' | undefined): Finding {
  if (sessions === 'none') return ok('limit', 'There is no session limit');
  if (sessions === undefined) return note('limit', 'It does not tell whether there is a session limit');
  if (sessions !== 'reached')
    return note(
      'limit',
      `There is a session limit (${sessions}), not reached yet; suspended ones count`,
      'End those nobody needs: terminate --older-than 7d',
    );
  return note(
    'limit',
    'The session limit is reached: no other session can be started; suspended ones count',
    'End some: terminate --older-than 7d; or ask its administrator for more ([limit users] in x2goserver.conf)',
  );
}

/** Within this nobody notices. */
const fairSkew = 10;

/** Its clock was read somewhere between the two times of ours, and shows whole seconds. */
export function clock(theirs: number, sentAt: number, heardAt: number): Finding {
  const ahead = theirs - heardAt / 1_000;
  const behind = sentAt / 1_000 - (theirs + 1);
  const skew = Math.max(ahead, behind);
  if (skew <= fairSkew) return ok('clock', 'Its clock and ours agree');
  const about = Math.round(Math.abs(theirs + 0.5 - (sentAt + heardAt) / 2_000));
  const how = `${spanText(about * 1_000)} ${ahead > behind ? 'ahead of' : 'behind'} ours`;
  return note(
    'clock',
    `Its clock is ${how}: certificates, one-time codes and Kerberos tickets fail by that, and times in logs differ`,
    'Let both follow a time server: timedatectl set-ntp true',
  );
}
