import type { Presentation, SessionOrder, Work } from '../../machines/orders.js';
import type { Desktop } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';
import type { ResolvedProfile } from '../profiles/resolved.js';
import { translateUnsized } from '../protocol/order.js';
import { isPackMethod } from '../protocol/packs.js';
import type { ShareMode, ShowOptions, StartOptions } from './sessionOptions.js';

/** What the options of `start` order. Throws usage.invalid, naming the option. */
export function orderFrom(options: StartOptions): SessionOrder {
  const { dpi, depth } = options;
  const order = { ...workFrom(options), ...presentationFrom(options), ...given({ dpi, depth }) };
  return checked(order as SessionOrder, options);
}

/** How a session is to be shown. Throws usage.invalid, naming the option. */
export function presentationFrom(options: ShowOptions): Presentation {
  const { geometry, link, clipboard, xinerama, title, sound, display: screen } = options;
  const { keyboard, kbdVariant: variant, kbdType: type } = options;
  // pyhoca-cli's word for a layout that is left as it is.
  const layout = keyboard === 'null' ? undefined : keyboard;
  const keys = given({ layout, variant, type });
  const presentation: Presentation = {
    ...given({ geometry, link, clipboard, xinerama, title, sound, screen }),
    ...packFrom(options),
    ...(Object.keys(keys).length > 0 ? { keyboard: keys } : {}),
  };
  checked({ kind: 'published', ...presentation }, options);
  return presentation;
}

/** `16m-jpeg-9` is a method and its quality. */
function packFrom({ pack, quality }: ShowOptions): Pick<Presentation, 'pack' | 'quality'> {
  const [, method = '', grade] = /^(.+)-([0-9])$/.exec(pack ?? '') ?? [];
  if (pack === undefined || isPackMethod(pack) || !isPackMethod(method)) return given({ pack, quality });
  return { pack: method, quality: quality ?? Number(grade) };
}

/** How a session is shown: as the options say, else as the profile does. */
export function shownAs(profile: Presentation | undefined, options: ShowOptions): Presentation {
  const { quality, ...rest } = profile ?? {};
  // A quality belongs to its method.
  const own = options.pack === undefined ? { ...profile } : rest;
  return { ...own, ...presentationFrom(options) };
}

/** What `start` orders for a profile. Throws usage.invalid where neither it nor the options say what is to run. */
export function orderFor(
  session: ResolvedProfile | undefined,
  order: SessionOrder | undefined,
  options: StartOptions,
): SessionOrder {
  const work = order ?? session?.order;
  if (work === undefined) {
    const why = session?.noOrder === undefined ? 'the target has no profile that says it' : session.noOrder;
    throw wrong(`What is to be started is not said: ${why}. Give one of ${workNames}`);
  }
  const { dpi, depth } = options;
  return { ...work, ...shownAs(session?.presentation, options), ...given({ dpi, depth }) };
}

const works = ['command', 'desktop', 'published', 'share', 'xdmcp', 'rdp'] as const;

const workNames = works.map((name) => `--${name}`).join(', ');

/** Whether it is said what is to be started. */
export const saysWork = (options: StartOptions): boolean => works.some((name) => options[name] !== undefined);

function workFrom(options: StartOptions): Work {
  const named = works.filter((name) => options[name] !== undefined);
  if (named.length === 0) throw wrong(`What is to be started is not said: give one of ${workNames}`);
  if (named.length > 1) {
    const both = named.map((name) => `--${name}`).join(' and ');
    throw wrong(`${both} were given: only one can be started`);
  }
  const { command = '', desktop = '', share, xdmcp, rdp, sessionType } = options;
  switch (named[0]) {
    case 'command':
      return { kind: sessionType ?? 'application', command };
    case 'desktop':
      return { kind: 'desktop', command: desktop };
    case 'share':
      return { kind: 'shadow', desktop: desktopFrom(share ?? ''), mode: modeFrom(options) };
    case 'xdmcp':
      return { kind: 'xdmcp', host: xdmcp ?? '' };
    case 'rdp':
      return windowsAt(rdp ?? '');
    default:
      return { kind: 'published' };
  }
}

export const modeFrom = ({ full }: ShareMode): 'view' | 'full' => (full === true ? 'full' : 'view');

/** `alice@:50`, as `desktops` lists them. */
export function desktopFrom(text: string): Desktop {
  const [, user, display] = /^([^@:\s]+)@:?(\d{1,5})$/.exec(text) ?? [];
  if (user === undefined) throw wrong(`--share ${JSON.stringify(text)}: a desktop is said as USER@:N`);
  return { user, display: Number(display) };
}

function windowsAt(text: string): Work {
  const [, host = text, port] = /^([^:]+):(\d{1,5})$/.exec(text) ?? [];
  return { kind: 'rdp', host, ...(port === undefined ? {} : { port: Number(port) }) };
}

function checked(order: SessionOrder, options: StartOptions): SessionOrder {
  const translated = translateUnsized(order);
  if (translated.ok) return order;
  const field = /^[a-z.]+/.exec(translated.reason)?.[0] ?? '';
  const rest = translated.reason.slice(field.length).replace(/ or fullscreen$/, ', fullscreen or maximize');
  const name = optionOf(field, options);
  throw wrong(name === undefined ? translated.reason : `${name}${rest}`);
}

const optionNames: Readonly<Record<string, string>> = {
  'keyboard.layout': '--keyboard',
  'keyboard.variant': '--kbd-variant',
  'keyboard.type': '--kbd-type',
  'desktop.user': '--share: the user',
  'desktop.display': '--share: the display',
};

function optionOf(field: string, options: StartOptions): string | undefined {
  if (field === 'command') return options.desktop === undefined ? '--command' : '--desktop';
  if (field === 'host' || field === 'port')
    return `${options.xdmcp === undefined ? '--rdp' : '--xdmcp'}: ${field}`;
  if (optionNames[field] !== undefined) return optionNames[field];
  return ['geometry', 'link', 'pack', 'quality', 'clipboard', 'dpi', 'depth'].includes(field)
    ? `--${field}`
    : undefined;
}

const wrong = (message: string) => new X2GoError('usage.invalid', message);

type Given<Fields> = { readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** Without the fields that are undefined. */
export const given = <Fields extends object>(fields: Fields): Given<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>;
