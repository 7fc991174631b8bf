import type { Prerequisites } from '../proxy/prerequisites.js';
import { type Finding, note, ok } from './finding.js';

type Environment = Readonly<Record<string, string | undefined>>;
const blind = 'without it no session can be shown here';

/** nxproxy paints on an X display; on Wayland XWayland is that. */
export function screenFinding(
  screen: Prerequisites['screen'],
  { DISPLAY, WAYLAND_DISPLAY }: Environment,
): Finding {
  const isWayland = (WAYLAND_DISPLAY ?? '') !== '';
  if (screen.ok) {
    const by = isWayland ? ' (XWayland)' : '';
    return ok('screen', `The X display ${screen.display}${by} lets us in: ${screen.width}x${screen.height}`);
  }
  const advice = isWayland
    ? 'This is Wayland: install xwayland, let the compositor start it, and set DISPLAY'
    : (DISPLAY ?? '') === ''
      ? 'Run it in a graphical session, or name its display: --display :0, or ssh -X'
      : 'Look whether an X server runs there: xdpyinfo; for its cookie see XAUTHORITY';
  return note('screen', `${screen.failure.message}: ${blind}`, advice);
}

/** From this one on it understands all that we tell it. */
const oldest = [3, 5, 0] as const;

export function nxproxyFinding(nxproxy: Prerequisites['nxproxy']): Finding {
  if (!nxproxy.ok)
    return note(
      'nxproxy',
      `${nxproxy.failure.message}: ${blind}`,
      'Install nxproxy, and see that it is on PATH',
    );
  const { version, path } = nxproxy;
  const numbers = version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const at = oldest.findIndex((part, index) => part !== (numbers[index] ?? 0));
  if (at >= 0 && (numbers[at] ?? 0) < (oldest[at] ?? 0))
    return note('nxproxy', `nxproxy ${version} (${path}) is older than 3.5.0`, 'Install a newer nxproxy');
  return ok('nxproxy', `nxproxy ${version} is there (${path})`);
}
