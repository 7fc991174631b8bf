import type { IniValue } from './iniValue.js';

interface Rule<Value> {
  readonly fallback: Value;
  /** The value, or what it must be. */
  readonly read: (value: IniValue) => { readonly value: Value } | { readonly wanted: string };
}

const longest = 65_536;
// C0, DEL, C1 and bidi controls: no name, path or command of a person's has one.
const control = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const wordOf = (value: IniValue) => (typeof value === 'string' ? value : value.join(', '));
const isPlain = (value: string) => value.length <= longest && !control.test(value);

const flag = (fallback: boolean): Rule<boolean> => ({
  fallback,
  read: (value) => {
    const word = wordOf(value).toLowerCase();
    if (['true', '1', 'yes', 'on'].includes(word)) return { value: true };
    return ['false', '0', 'no', 'off', ''].includes(word) ? { value: false } : { wanted: 'true or false' };
  },
});
const text = (fallback = ''): Rule<string> => ({
  fallback,
  read: (value) =>
    isPlain(wordOf(value)) ? { value: wordOf(value) } : { wanted: 'a text without control characters' },
});
const list = (fallback: readonly string[]): Rule<readonly string[]> => ({
  fallback,
  read: (value) => {
    const items = (typeof value === 'string' ? [value] : value).filter((item) => item !== '');
    return items.every(isPlain) ? { value: items } : { wanted: 'a list without control characters' };
  },
});
const whole = (fallback: number, from: number, to: number): Rule<number> => ({
  fallback,
  read: (value) => {
    const number = Number(value);
    const isOne = typeof value === 'string' && /^-?\d{1,9}$/.test(value) && number >= from && number <= to;
    return isOne ? { value: number } : { wanted: `a whole number from ${from} to ${to}` };
  },
});
const word = <Word extends string>(fallback: Word, ...others: readonly Word[]): Rule<Word> => ({
  fallback,
  read: (value) => {
    const words = [fallback, ...others];
    const found = words.find((one) => one.toLowerCase() === wordOf(value).toLowerCase());
    return found === undefined ? { wanted: words.join(' or ') } : { value: found };
  },
});
const port = (fallback: number) => whole(fallback, 1, 65_535);

/** Every key that x2goclient or python-x2go has for a session, with x2goclient's defaults. */
export const sessionKeys = {
  name: text('New session'),
  icon: text(':icons/128x128/x2gosession.png'),
  host: list([]),
  user: text(),
  sshport: port(22),
  key: text(),
  autologin: flag(false),
  krblogin: flag(false),
  krbdelegation: flag(false),
  usebrokerpass: flag(false),
  usebrokerpassforproxy: flag(false),
  command: text('KDE'),
  rootless: flag(false),
  published: flag(false),
  applications: list(['WWWBROWSER', 'MAILCLIENT', 'OFFICE', 'TERMINAL']),
  rdpserver: text(),
  rdpoptions: text(),
  rdpport: port(3389),
  directrdp: flag(false),
  rdpclient: text('rdesktop'),
  directrdpsettings: text(),
  xdmcpserver: text('localhost'),
  directxdmcp: flag(false),
  xdmcpclient: text('Xnest'),
  directxdmcpsettings: text(),
  shadowuser: text(),
  shadowdisplay: text(),
  shadowfullaccess: flag(false),
  speed: whole(2, 0, 4),
  pack: text('16m-jpeg'),
  quality: whole(9, 0, 9),
  fullscreen: flag(false),
  width: whole(800, 1, 99_999),
  height: whole(600, 1, 99_999),
  maxdim: flag(false),
  multidisp: flag(false),
  display: whole(1, -1, 999),
  setdpi: flag(false),
  dpi: whole(96, 1, 10_000),
  xinerama: flag(false),
  clipboard: word('both', 'client', 'server', 'none'),
  usekbd: flag(true),
  layout: text(),
  variant: text(),
  type: text('auto'),
  sound: flag(true),
  soundsystem: word('pulse', 'esd', 'arts', 'none'),
  startsoundsystem: flag(true),
  soundtunnel: flag(true),
  defsndport: flag(true),
  sndport: port(4713),
  print: flag(true),
  fstunnel: flag(true),
  useexports: flag(true),
  export: text(),
  restoreexports: flag(false),
  useiconv: flag(false),
  iconvfrom: text('ISO8859-1'),
  iconvto: text('UTF-8'),
  usesshproxy: flag(false),
  sshproxytype: word('SSH', 'HTTP'),
  sshproxyhost: text(),
  sshproxyport: port(22),
  sshproxyuser: text(),
  sshproxykeyfile: text(),
  sshproxysameuser: flag(false),
  sshproxysamepass: flag(false),
  sshproxysamekey: flag(false),
  sshproxyautologin: flag(false),
  sshproxykrblogin: flag(false),
  kdrive: flag(false),
  startembed: flag(false),
  status: text(),
  autoconnect: flag(false),
  autostart: flag(false),
  setsessiontitle: flag(false),
  sessiontitle: text(),
  uniquehostkeyaliases: flag(false),
  forwardsshagent: flag(false),
  usemimebox: flag(false),
  mimeboxextensions: text(),
  mimeboxaction: text('OPEN'),
  /** Ours: which suspended sessions `watch` resumes at first. Other clients keep it as it is. */
  autoresume: word('none', 'newest', 'oldest', 'all'),
} as const satisfies Readonly<Record<string, Rule<unknown>>>;

export type SessionKey = keyof typeof sessionKeys;
export type Settings = { readonly [Key in SessionKey]: (typeof sessionKeys)[Key]['fallback'] };

export const isSessionKey = (key: string): key is SessionKey => Object.hasOwn(sessionKeys, key);

/** What a key's value must be, where it is not. */
export function wantedOf(key: SessionKey, value: IniValue): string | undefined {
  const read = sessionKeys[key].read(value);
  return 'wanted' in read ? read.wanted : undefined;
}
