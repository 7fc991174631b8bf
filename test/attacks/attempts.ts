/** What a hostile server, user or web page tries: each attempt with where it is tried, and what it would do. */
import { isAddress } from '../../src/protocol/address.js';
import { parseDesktops } from '../../src/protocol/desktops.js';
import { parseMounts } from '../../src/protocol/mounts.js';
import { isNxPath, nxOptionsLine } from '../../src/protocol/nxOptions.js';
import { translateOrder } from '../../src/protocol/order.js';
import { sessionFilesScript } from '../../src/protocol/sessionFiles.js';
import { isSessionId } from '../../src/protocol/sessionName.js';
import { parseSessionRow } from '../../src/protocol/sessionRow.js';
import { parseWatchLine } from '../../src/protocol/stateWatch.js';
import { isCookie, isHome, isHostName, isPidText, isPortText } from '../../src/protocol/values.js';
import { parseVersions } from '../../src/protocol/versions.js';

const sid = 'alice-50-1795371132_stRxterm_dp24';
const cookie = 'ff4d45d89aecbaec08fc11380afc4ab8';
const row = (changes: Readonly<Record<number, string>>) => {
  const fields =
    `9000|${sid}|50|vm|R|2026-11-22T21:01:19|${cookie}|127.0.0.1|30001|30002|2026-11-22T21:01:19|alice|1|30003|-1|-1`.split(
      '|',
    );
  for (const [at, text] of Object.entries(changes)) fields[Number(at)] = text;
  return fields.join('|');
};
const nx = (changes: object) => {
  const options = { display: 50, cookie, port: 40_001, clipboard: 'both' as const };
  const paths = { root: '/run/x', errors: '/run/x/errors', stats: '/run/x/stats' };
  try {
    return nxOptionsLine({ ...options, ...paths, ...changes }) !== '';
  } catch {
    return false;
  }
};
const file = (name: string) =>
  sessionFilesScript({ verb: 'files', marker: '0'.repeat(32), session: sid }, [
    { name, content: Buffer.from('x') },
  ]) !== undefined;
const order = (words: object) =>
  translateOrder({ kind: 'application', command: 'xterm', ...words } as never).ok;

/** Where something is tried, whether it gets in, what honest users say there, and what is tried. */
export const doors: readonly (readonly [
  name: string,
  letsIn: (text: string) => boolean,
  honest: string,
  tried: readonly string[],
])[] = [
  [
    'a session’s name',
    isSessionId,
    sid,
    [
      `../../${sid}`,
      `${sid}/../../.ssh`,
      `${sid};id`,
      `${sid}\nid`,
      `$(id)-50-1795371132_stRxterm_dp24`,
      `-rf-50-1795371132_stRxterm_dp24`,
      'alice-50-1795371132_stR`id`_dp24',
      "alice-50-1795371132_stRx'y_dp24",
      'alice-50-1795371132_stRx|y_dp24',
      'alice-50-1795371132_stRx\0y_dp24',
      'alice-50-1795371132_stRx\x1b[2Jy_dp24',
      '__proto__',
    ],
  ],
  [
    'the row of a session',
    (text) => parseSessionRow(text).ok,
    row({}),
    [
      row({ 1: `../${sid}` }),
      row({ 0: '-1' }),
      row({ 0: '0' }),
      row({ 6: `${cookie.slice(1)},` }),
      row({ 6: `${cookie.slice(0, 30)}:1` }),
      row({ 8: '22' }),
      row({ 8: '65536' }),
      row({ 8: '30001 -oProxyCommand=id' }),
      row({ 7: '127.0.0.1;id' }),
      row({ 3: 'vm\x1b]0;pwned\x07' }),
    ],
  ],
  ['a cookie', isCookie, cookie, [`${cookie}\n`, `${cookie.slice(2)},x`, `${cookie},accept=1`, '../cookie']],
  [
    'a port',
    isPortText,
    '30001',
    ['0', '22', '65536', '1e4', '0x7531', '30001\n', '30001,connect=evil', '٣٠٠٠١'],
  ],
  ['a process', isPidText, '4711', ['0', '-1', '1 -9 1', '12345678901', '$$']],
  ['a host', isHostName, 'x2go.example.org', ['-oProxyCommand=id', 'a b', 'a;id', 'a\nb', '$(id)', 'a/../b']],
  ['an address', isAddress, '127.0.0.1', ['127.0.0.1;id', '::1%$(id)', '0x7f.1', '127.0.0.1\n', '1.2.3.4.5']],
  [
    'a home',
    isHome,
    '/home/alice',
    ['home', '/home/$(id)', '/home/`id`', '/home/a"b', "/home/a'b", '/home/a\nb'],
  ],
  [
    'an option of nxproxy: a path',
    (text) => isNxPath(text) && nx({ root: text }),
    '/run/user/1000/x2go-guardian-1',
    ['/run/a,connect=evil', '/run/a:1', '/run/a=b', '/run/a b', '/run/a\nb', 'relative'],
  ],
  [
    'an option of nxproxy: the cookie',
    (text) => nx({ cookie: text }),
    cookie,
    [`${cookie},accept=1`, `${cookie.slice(0, 31)}\n`, ''],
  ],
  [
    'an option of nxproxy: the port',
    (text) => nx({ port: text === '40001' ? Number(text) : text }),
    '40001',
    ['40001,connect=evil', '-1', '1:2'],
  ],
  [
    'a file for a session’s folder',
    file,
    '.pulse-cookie',
    ['../.ssh/authorized_keys', '/etc/passwd', '..', '.', 'a/b', 'a\nid', 'a;id', '$(id)', ''],
  ],
  [
    'the size of a session',
    (geometry) => order({ geometry }),
    '800x600',
    ['800x600,full=1', '800x600:9', '800x600\nid', '800x600;id', 'fullscreen,shadow=1'],
  ],
  ['the link of a session', (link) => order({ link }), 'adsl', ['adsl,render=1', 'lan;id', 'modem\n']],
  [
    'the pack of a session',
    (pack) => order({ pack }),
    '16m-jpeg',
    ['16m-jpeg-9,x=1', '../pack', '16m-jpeg:1'],
  ],
  [
    'the keyboard of a session',
    (layout) => order({ keyboard: { layout } }),
    'de',
    ['de,variant=x', 'us;id', '$(id)', 'de -option', '../us'],
  ],
  [
    'the command of a session',
    (command) => order({ command }),
    'xterm',
    ['xterm\nid', 'xterm\0', 'xterm\x1b[2J', 'xtermX2GO_SPACE_CHARid', ' ', 'x'.repeat(5_000)],
  ],
  [
    'the user of a shared desktop',
    (user) => order({ kind: 'shadow', desktop: { user, display: 50 }, mode: 'view' }),
    'bob',
    ['bob;id', 'bobXSHAD', '../bob', 'bob@:50', '$(id)'],
  ],
  [
    'the options of a Windows session',
    (options) => order({ kind: 'rdp', host: 'win.example', options }),
    '-k de',
    ['-p secret', '-psecret', '-k de\nid', '-u X2GO_PASSWORD'],
  ],
  [
    'a desktop on the list',
    (line) => parseDesktops(line).desktops.length > 0,
    'bob@:50',
    ['bob@:50;id', '$(id)@:50', 'bob@:99999', 'bob@evil:50', '../bob@:50'],
  ],
  [
    'a mounted folder on the list',
    (line) => parseMounts(sid, line).mounts.length > 0,
    '127.0.0.1|/home/alice/media',
    ['127.0.0.1|media', '|/media', '/media', 'a|b|/media'],
  ],
  [
    'the version of a component',
    (line) => Object.keys(parseVersions(line).versions).length > 0,
    'x2goserver: 4.1.0.3',
    ['__proto__: 1', 'x2goserver: $(id)', 'X2GO;id: 1', 'x2goserver: \x1b[2J1'],
  ],
  [
    'a line of the state watch',
    (line) => {
      const read = parseWatchLine(line);
      return read.kind === 'state' ? isSessionId(read.session) : read.kind !== 'noise';
    },
    `s ${sid} RUNNING`,
    [
      's ../../etc/passwd RUNNING',
      `s ${sid} RUNNING extra`,
      'g 0',
      'g -1',
      't 1e9',
      'x',
      `s ${sid};id RUNNING`,
    ],
  ],
];
