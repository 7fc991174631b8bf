import {
  clipboardModes,
  linkSpeeds,
  type Presentation,
  type SessionOrder,
  type Work,
} from '../../machines/orders.js';
import { translateUnsized } from '../protocol/order.js';
import { isPackMethod } from '../protocol/packs.js';
import type { BrokerProfile } from './brokerAnswer.js';

type Settings = BrokerProfile['settings'];
type Made =
  | { readonly ok: true; readonly order: SessionOrder }
  | { readonly ok: false; readonly reason: string };

/** What the server resolves by itself to a whole desktop (PROTOCOL 1.5). */
const desktops = new Set(
  'GNOME UNITY CINNAMON MATE KDE XFCE XFCE4 LXDE LXQt IceWM ICEWM TRINITY OPENBOX'.split(' '),
);

const isYes = (value: string | undefined) => value === '1' || value === 'true';

/** What a broker's profile orders, in the words of x2goclient's sessions file. Checked as an order of anybody's is. */
export function orderOf({ settings }: BrokerProfile): Made {
  const work = workOf(settings);
  if (typeof work === 'string') return { ok: false, reason: work };
  const dpi = isYes(settings.get('setdpi')) ? numberOf(settings, 'dpi') : undefined;
  const order = { ...work, ...presentationOf(settings, work), ...(dpi === undefined ? {} : { dpi }) };
  const checked = translateUnsized(order);
  return checked.ok ? { ok: true, order } : { ok: false, reason: checked.reason };
}

function workOf(settings: Settings): Work | string {
  const command = settings.get('command') || 'TERMINAL';
  if (isYes(settings.get('published'))) return { kind: 'published' };
  if (command === 'SHADOW') return 'it shares a desktop, which is not said: use the command share';
  if (command === 'XDMCP') return { kind: 'xdmcp', host: settings.get('xdmcpserver') || 'localhost' };
  if (command === 'RDP') {
    const port = numberOf(settings, 'rdpport');
    const options = settings.get('rdpoptions');
    return {
      kind: 'rdp',
      host: settings.get('rdpserver') ?? '',
      ...(port === undefined ? {} : { port }),
      ...(options ? { options } : {}),
    };
  }
  const isDesktop =
    desktops.has(command) || settings.get('rootless') === '0' || settings.get('rootless') === 'false';
  return { kind: isDesktop ? 'desktop' : 'application', command };
}

function presentationOf(settings: Settings, work: Work): Presentation {
  const hasWindow = work.kind === 'desktop' || work.kind === 'xdmcp' || work.kind === 'rdp';
  const geometry = hasWindow ? geometryOf(settings) : undefined;
  const link = linkSpeeds[numberOf(settings, 'speed') ?? -1];
  const method = settings.get('pack') ?? '';
  const pack = isPackMethod(method) ? method : undefined;
  const quality = numberOf(settings, 'quality');
  const clipboard = clipboardModes.find((mode) => mode === settings.get('clipboard'));
  const layout = isYes(settings.get('usekbd')) ? settings.get('layout') || undefined : undefined;
  const variant = settings.get('variant') || undefined;
  const sound = settings.get('sound');
  return {
    ...(geometry === undefined ? {} : { geometry }),
    ...(link === undefined ? {} : { link }),
    ...(pack === undefined ? {} : { pack }),
    ...(quality === undefined ? {} : { quality }),
    ...(clipboard === undefined ? {} : { clipboard }),
    ...(layout === undefined ? {} : { keyboard: { layout, ...(variant === undefined ? {} : { variant }) } }),
    ...(isYes(settings.get('xinerama')) ? { xinerama: true } : {}),
    ...(sound === undefined ? {} : { sound: isYes(sound) }),
  };
}

function geometryOf(settings: Settings): string | undefined {
  if (isYes(settings.get('fullscreen'))) return 'fullscreen';
  if (isYes(settings.get('maxdim'))) return 'maximize';
  const [width, height] = [numberOf(settings, 'width'), numberOf(settings, 'height')];
  return width === undefined || height === undefined ? undefined : `${width}x${height}`;
}

function numberOf(settings: Settings, name: string): number | undefined {
  const text = settings.get(name) ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
