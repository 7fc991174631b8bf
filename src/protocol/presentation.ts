import { clipboardModes, type Keyboard, linkSpeeds, type Presentation } from '../../machines/orders.js';
import { isPackMethod, packWord } from './packs.js';

export type Translated<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: string };

/** The words of x2gostartagent and x2goresume-session that say how a session is shown. */
export interface PresentationWords {
  readonly geometry: string;
  readonly link: string;
  readonly pack: string;
  readonly layout: string;
  readonly kbtype: string;
  readonly setkbd: '0' | '1';
  readonly clipboard: string;
  readonly xinerama: 'yes' | 'no';
}

export const defaultGeometry = '1024x768';

const sizes = /^[1-9][0-9]{1,4}x[1-9][0-9]{1,4}(?:\+-?[0-9]{1,5}\+-?[0-9]{1,5})?$/;
/** xkb's names; a comma would end the option it is written into (PROTOCOL T16). */
const xkbName = /^[A-Za-z0-9_-]{1,64}$/;
const keyboardType = /^(?:null\/null|auto|query|[a-z0-9]{1,32}\/[a-z0-9_-]{1,64})$/;

const isOneOf = (list: readonly string[], value: unknown) =>
  typeof value === 'string' && list.includes(value);
const matches = (form: RegExp, value: unknown) => typeof value === 'string' && form.test(value);
const isWhole = (value: unknown, low: number, high: number) =>
  typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high;
const isFlag = (value: unknown) => typeof value === 'boolean';

/** Nothing but what is on a list goes out: the server writes these words into a line of options. */
export function presentationWords(
  presentation: Presentation,
  geometryByDefault: string,
): Translated<PresentationWords> {
  const { geometry = geometryByDefault, link = 'adsl', pack = '16m-jpeg', quality = 9 } = presentation;
  const { keyboard = {}, clipboard = 'both', xinerama = false, sound = true } = presentation;
  const reason =
    (geometry === geometryByDefault ? undefined : wrongGeometry(geometry)) ??
    (isOneOf(linkSpeeds, link) ? undefined : `link must be one of ${linkSpeeds.join(', ')}`) ??
    wrongPack(pack) ??
    (isWhole(quality, 0, 9) ? undefined : 'quality must be a whole number from 0 to 9') ??
    wrongKeyboard(keyboard) ??
    (isOneOf(clipboardModes, clipboard)
      ? undefined
      : `clipboard must be one of ${clipboardModes.join(', ')}`) ??
    (isFlag(xinerama) ? undefined : 'xinerama must be true or false') ??
    (isFlag(sound) ? undefined : 'sound must be true or false');
  if (reason !== undefined) return { ok: false, reason };
  return {
    ok: true,
    value: {
      geometry,
      link,
      pack: packWord(pack, quality),
      ...keyboardWords(keyboard),
      clipboard,
      xinerama: xinerama ? 'yes' : 'no',
    },
  };
}

function wrongGeometry(geometry: unknown): string | undefined {
  if (geometry === 'fullscreen' || matches(sizes, geometry)) return undefined;
  if (geometry === 'maximize') return 'maximize must have become the size of the local screen by now';
  return 'geometry must be WxH, WxH+X+Y or fullscreen';
}

function wrongPack(pack: unknown): string | undefined {
  if (typeof pack === 'string' && isPackMethod(pack)) return undefined;
  const [, method = '', quality = ''] = /^(.*)-([0-9])$/.exec(String(pack)) ?? [];
  if (isPackMethod(method)) return `pack is said without its quality: ${method}, quality ${quality}`;
  return 'pack is none of the methods a server knows';
}

function wrongKeyboard(keyboard: unknown): string | undefined {
  if (typeof keyboard !== 'object' || keyboard === null) return 'keyboard must be an object';
  const { layout, variant, type } = keyboard as Keyboard;
  if (layout !== undefined && !matches(xkbName, layout)) return 'keyboard.layout is no name of xkb';
  if (variant !== undefined && !matches(xkbName, variant)) return 'keyboard.variant is no name of xkb';
  if (variant !== undefined && layout === undefined) return 'keyboard.variant needs keyboard.layout';
  if (type !== undefined && !matches(keyboardType, type))
    return 'keyboard.type must be auto, query, null/null or like pc105/us';
  return undefined;
}

/** An explicit layout stands for itself: with `auto` the local one would be applied over it. */
function keyboardWords({ layout, type }: Keyboard) {
  const named = layout === undefined ? 'auto' : `pc105/${layout.toLowerCase()}`;
  const kbtype = type ?? named;
  const isLeftAlone = kbtype === 'query' || kbtype === 'null/null';
  return { layout: layout ?? 'null', kbtype, setkbd: isLeftAlone ? '0' : '1' } as const;
}
