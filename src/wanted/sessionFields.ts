import { clipboardModes, type Keyboard, linkSpeeds, type SessionOrder } from '../../machines/orders.js';
import { flag, matching, object, oneOf, text, whole } from './fields.js';

export const wantedStates = ['running', 'suspended'] as const;
export type WantedState = (typeof wantedStates)[number];

/** How a session is started and shown, without what runs in it. */
export type Shown = Omit<SessionOrder, 'kind' | 'command' | 'desktop' | 'mode' | 'host' | 'port' | 'options'>;

/** The fields of a session in the file, each for itself as it must be. */
export interface RawSession extends Omit<Shown, 'keyboard'> {
  readonly name: string;
  readonly profile: string;
  readonly state?: WantedState;
  readonly adopt?: boolean;
  readonly kind?: 'application' | 'desktop' | 'published' | 'xdmcp' | 'rdp';
  readonly command?: string;
  readonly host?: string;
  readonly port?: number;
  readonly options?: string;
  readonly keyboard?: Keyboard;
}

export const rawSession = object<RawSession>(
  {
    name: matching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name of at most 64 letters, digits and . _ -'),
    profile: text(255),
    state: oneOf(wantedStates),
    adopt: flag,
    kind: oneOf(['application', 'desktop', 'published', 'xdmcp', 'rdp']),
    command: text(),
    host: text(255),
    port: whole(1, 65_535),
    options: text(),
    geometry: text(64),
    link: oneOf(linkSpeeds),
    pack: text(64),
    quality: whole(0, 9),
    keyboard: object<Keyboard>({ layout: text(64), variant: text(64), type: text(64) }),
    clipboard: oneOf(clipboardModes),
    xinerama: flag,
    title: text(200),
    sound: flag,
    screen: text(255),
    dpi: whole(10, 1_000),
    depth: whole(8, 32),
  },
  'name',
  'profile',
);
