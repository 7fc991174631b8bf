import { type Keyboard, linkSpeeds, type Presentation } from '../../machines/orders.js';
import { translateUnsized } from '../protocol/order.js';
import type { Settings } from './sessionKeys.js';

interface Shown {
  readonly presentation: Presentation;
  readonly notices: readonly string[];
}

/** Each part stands alone: one that no server knows is left out, and told. */
export function presentationOf(settings: Settings): Shown {
  const { speed, pack, quality, clipboard, xinerama, setsessiontitle, sessiontitle } = settings;
  const wishes: readonly Presentation[] = [
    geometryOf(settings),
    { link: linkSpeeds[speed] ?? 'adsl' },
    { pack: pack.replace(/-%$/, ''), quality },
    keyboardOf(settings),
    { clipboard },
    { xinerama },
    { sound: settings.sound && settings.soundsystem === 'pulse' },
    setsessiontitle && sessiontitle !== '' ? { title: sessiontitle } : {},
  ];
  const notices: string[] = [];
  const possible = wishes.filter((wish) => {
    const translated = translateUnsized({ kind: 'published', ...wish });
    if (!translated.ok) notices.push(translated.reason);
    return translated.ok;
  });
  return { presentation: Object.assign({}, ...possible), notices };
}

function geometryOf({ fullscreen, maxdim, multidisp, width, height, ...settings }: Settings): Presentation {
  if (fullscreen) return { geometry: 'fullscreen' };
  if (maxdim || multidisp) return { geometry: 'maximize' };
  const { published, rootless, command } = settings;
  const hasWindow = !published && (!rootless || ['RDP', 'XDMCP', 'SHADOW'].includes(command));
  return hasWindow ? { geometry: `${width}x${height}` } : {};
}

function keyboardOf({ usekbd, type, layout, variant }: Settings): Presentation {
  if (!usekbd) return { keyboard: { type: 'null/null' } };
  if (type === 'auto' || type === '') return {};
  const keyboard: Keyboard = {
    type,
    ...(layout === '' ? {} : { layout }),
    ...(variant === '' || layout === '' ? {} : { variant }),
  };
  return { keyboard };
}
