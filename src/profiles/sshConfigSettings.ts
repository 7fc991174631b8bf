import { type ConfigLine, shown } from './sshConfigLine.js';

/** One hop of a ProxyJump. */
export interface Jump {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** What a configuration says of one host, as it is written there; the first value of each keyword. */
export interface Settings {
  hostName?: string;
  port?: number;
  user?: string;
  identitiesOnly?: boolean;
  identityAgent?: string;
  hostKeyAlias?: string;
  /** In seconds. */
  connectTimeout?: number;
  serverAliveInterval?: number;
  serverAliveCountMax?: number;
  forwardAgent?: boolean;
  /** Of another agent than the one that keys come from. It may come later than the flag, and means yes where there was none. */
  forwardAgentSocket?: string;
  userKnownHostsFile?: readonly string[];
  /** Of ProxyJump and ProxyCommand the first one counts, but for a ProxyJump none. */
  jumps?: readonly Jump[];
  proxyCommand?: string;
  canonicalizeHostname?: string;
  certificateFile?: string;
  readonly identityFiles: string[];
}

/** What is wrong with a line, or how it changes the settings where it applies. */
type Read = { readonly reason: string } | ((settings: Settings) => void);

type Keyword = (line: ConfigLine) => Read;

const one =
  <Value>(
    read: (word: string) => Value | undefined,
    wanted: string,
    set: (settings: Settings, value: Value) => void,
  ): Keyword =>
  ({ words }) => {
    const [word = '', ...more] = words;
    if (word === '') return { reason: `${wanted} is wanted` };
    if (more.length > 0) return { reason: `${shown(more[0] ?? '')} is too much` };
    const value = read(word);
    if (value === undefined) return { reason: `${shown(word)} is not ${wanted}` };
    return (settings) => set(settings, value);
  };

type Single = Exclude<keyof Settings, 'identityFiles'>;

/** The first value counts. */
const first = <Name extends Single>(
  name: Name,
  read: (word: string) => Settings[Name] | undefined,
  wanted: string,
): Keyword =>
  one(read, wanted, (settings, value) => {
    settings[name] ??= value;
  });

/** As `first`; -1 leaves it to what comes later. */
const firstTime = (name: 'connectTimeout' | 'serverAliveInterval'): Keyword =>
  one(secondsOf, 'a time', (settings, seconds) => {
    if (seconds >= 0) settings[name] ??= seconds;
  });

const any = (word: string) => word;

const keywords: ReadonlyMap<string, Keyword> = new Map<string, Keyword>([
  ['hostname', first('hostName', any, 'a host')],
  ['port', first('port', portOf, 'a port from 1 to 65535')],
  ['user', first('user', any, 'a user')],
  [
    'identityfile',
    one(any, 'a file', ({ identityFiles }, file) => {
      if (!identityFiles.includes(file)) identityFiles.push(file);
    }),
  ],
  ['identitiesonly', first('identitiesOnly', flagOf, 'yes or no')],
  ['identityagent', first('identityAgent', any, 'a socket')],
  ['hostkeyalias', first('hostKeyAlias', any, 'a name')],
  ['connecttimeout', firstTime('connectTimeout')],
  ['serveraliveinterval', firstTime('serverAliveInterval')],
  ['serveralivecountmax', first('serverAliveCountMax', countOf, 'a number')],
  ['forwardagent', one(any, 'yes, no or a socket', forwardAgent)],
  ['canonicalizehostname', first('canonicalizeHostname', any, 'yes, no or always')],
  ['certificatefile', first('certificateFile', any, 'a file')],
  ['userknownhostsfile', knownHostsFiles],
  ['proxyjump', proxyJump],
  ['proxycommand', proxyCommand],
]);

/** Undefined for a keyword that means nothing to us. */
export function readSetting(line: ConfigLine): Read | undefined {
  return keywords.get(line.keyword)?.(line);
}

export function portOf(word: string): number | undefined {
  const port = Number(word);
  return /^\d{1,9}$/.test(word) && port >= 1 && port <= 65_535 ? port : undefined;
}

function countOf(word: string): number | undefined {
  return /^\d{1,9}$/.test(word) ? Number(word) : undefined;
}

function flagOf(word: string): boolean | undefined {
  const flag = new Map([
    ['yes', true],
    ['true', true],
    ['no', false],
    ['false', false],
  ]);
  return flag.get(word.toLowerCase());
}

const unit: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** `90`, `1m30s`, or `none`, which is -1 and leaves it to what comes later. */
function secondsOf(word: string): number | undefined {
  if (word === 'none') return -1;
  // A letter or the end after each number: what can be read in one way alone takes no time to refuse.
  if (!/^(?:\d{1,9}[smhdw])*(?:\d{1,9}[smhdw]?)$/i.test(word)) return undefined;
  let seconds = 0;
  for (const [, count, name = ''] of word.matchAll(/(\d+)([smhdw]?)/gi)) {
    seconds += Number(count) * (unit[name.toLowerCase()] ?? 0);
  }
  return seconds < 2 ** 31 ? seconds : undefined;
}

function knownHostsFiles({ words }: ConfigLine): Read {
  if (words.length === 0 || words.includes('')) return { reason: 'a file is wanted' };
  if (words.length > 32) return { reason: 'more than 32 files' };
  const isNone = words.some((word) => word.toLowerCase() === 'none');
  if (isNone && words.length > 1) return { reason: 'none stands alone' };
  return (settings) => {
    settings.userKnownHostsFile ??= isNone ? [] : words;
  };
}

/** Its value is the rest of the line, quotes and all, up to a #. */
function proxyJump({ rest }: ConfigLine): Read {
  const read = readJumps(rest.replace(/#.*$/s, '').trimEnd());
  if ('reason' in read) return read;
  return (settings) => {
    if (settings.proxyCommand === undefined) settings.jumps ??= read.jumps;
  };
}

function forwardAgent(settings: Settings, word: string): void {
  const flag = flagOf(word);
  settings.forwardAgent ??= flag ?? true;
  if (flag === undefined) settings.forwardAgentSocket ??= word;
}

/** `none`, or hops with commas between them, nearest to us first. */
export function readJumps(text: string): { readonly jumps: readonly Jump[] } | { readonly reason: string } {
  const jumps: Jump[] = [];
  for (const word of text.toLowerCase() === 'none' ? [] : text.split(',')) {
    const jump = jumpOf(word);
    if (jump === undefined) return { reason: `${shown(word)} is no [user@]host[:port] to jump over` };
    jumps.push(jump);
  }
  return { jumps };
}

function proxyCommand({ rest }: ConfigLine): Read {
  return (settings) => {
    const isJumped = settings.jumps !== undefined && settings.jumps.length > 0;
    if (!isJumped) settings.proxyCommand ??= rest;
  };
}

const jumpShape =
  /^(?:ssh:\/\/)?(?:(?<user>[^\s/]+)@)?(?:\[(?<address>[^\]\s]+)\]|(?<name>[^\s:@[\]/]+))(?::(?<port>\d+))?\/?$/;

function jumpOf(word: string): Jump | undefined {
  const { user, address, name: host = address, port } = jumpShape.exec(word)?.groups ?? {};
  if (host === undefined || host.startsWith('-')) return undefined;
  const number = port === undefined ? undefined : portOf(port);
  if (port !== undefined && number === undefined) return undefined;
  return {
    host,
    ...(user === undefined ? {} : { user }),
    ...(number === undefined ? {} : { port: number }),
  };
}
