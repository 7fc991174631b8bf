import { describe, expect, test } from 'vitest';
import { IniDocument } from '../../src/profiles/iniDocument.js';
import { bookOf, freshId, type ProfileBook } from '../../src/profiles/profileBook.js';
import { resolve } from '../../src/profiles/resolved.js';
import { type SessionKey, sessionKeys } from '../../src/profiles/sessionKeys.js';

const documentOf = (text: string) => IniDocument.parse(Buffer.from(text, 'latin1'));
const booked = (...texts: readonly string[]): ProfileBook =>
  bookOf(texts.map((text, at) => ({ file: `/file${at}`, document: documentOf(text) })));
const only = (...texts: readonly string[]) => {
  const [profile] = booked(...texts).profiles;
  if (profile === undefined) throw new Error('no profile');
  return profile;
};
const usable = (...lines: readonly string[]) => {
  const resolution = resolve(only(`[p]\nhost=h\n${lines.join('\n')}\n`));
  if (!resolution.ok) throw new Error(resolution.reason);
  return resolution.profile;
};

/** Every key there is, none at its default: as the file has it, and what is read. */
const everyKey: Readonly<Record<SessionKey, readonly [raw: string, read: unknown]>> = {
  name: ['"a/B\\xfcro, 1"', 'a/Büro, 1'],
  icon: ['/icons/x.png', '/icons/x.png'],
  host: ['one.example, two.example', ['one.example', 'two.example']],
  user: ['alice', 'alice'],
  sshport: ['2222', 2222],
  key: ['"/home/a/my key"', '/home/a/my key'],
  autologin: ['true', true],
  krblogin: ['true', true],
  krbdelegation: ['true', true],
  usebrokerpass: ['true', true],
  usebrokerpassforproxy: ['true', true],
  command: ['"sh -c \\"a; b\\""', 'sh -c "a; b"'],
  rootless: ['true', true],
  published: ['true', true],
  applications: ['OFFICE, TERMINAL', ['OFFICE', 'TERMINAL']],
  rdpserver: ['win.example', 'win.example'],
  rdpoptions: ['"-u a, -p b"', '-u a, -p b'],
  rdpport: ['3390', 3390],
  directrdp: ['true', true],
  rdpclient: ['xfreerdp', 'xfreerdp'],
  directrdpsettings: ['/f', '/f'],
  xdmcpserver: ['xdm.example', 'xdm.example'],
  directxdmcp: ['true', true],
  xdmcpclient: ['Xephyr', 'Xephyr'],
  directxdmcpsettings: ['-once', '-once'],
  shadowuser: ['bob', 'bob'],
  shadowdisplay: [':50', ':50'],
  shadowfullaccess: ['true', true],
  speed: ['4', 4],
  pack: ['16m-png', '16m-png'],
  quality: ['3', 3],
  fullscreen: ['true', true],
  width: ['1024', 1024],
  height: ['768', 768],
  maxdim: ['true', true],
  multidisp: ['true', true],
  display: ['-1', -1],
  setdpi: ['true', true],
  dpi: ['120', 120],
  xinerama: ['true', true],
  clipboard: ['server', 'server'],
  usekbd: ['false', false],
  layout: ['de', 'de'],
  variant: ['nodeadkeys', 'nodeadkeys'],
  type: ['pc105/us', 'pc105/us'],
  sound: ['false', false],
  soundsystem: ['esd', 'esd'],
  startsoundsystem: ['false', false],
  soundtunnel: ['false', false],
  defsndport: ['false', false],
  sndport: ['4714', 4714],
  print: ['false', false],
  fstunnel: ['false', false],
  useexports: ['false', false],
  export: ['"/home/a, b:1;/c:0;"', '/home/a, b:1;/c:0;'],
  restoreexports: ['true', true],
  useiconv: ['true', true],
  iconvfrom: ['KOI8-R', 'KOI8-R'],
  iconvto: ['KOI8-U', 'KOI8-U'],
  usesshproxy: ['true', true],
  sshproxytype: ['HTTP', 'HTTP'],
  sshproxyhost: ['proxy.example', 'proxy.example'],
  sshproxyport: ['8080', 8080],
  sshproxyuser: ['carol', 'carol'],
  sshproxykeyfile: ['/keys/proxy', '/keys/proxy'],
  sshproxysameuser: ['true', true],
  sshproxysamepass: ['true', true],
  sshproxysamekey: ['true', true],
  sshproxyautologin: ['true', true],
  sshproxykrblogin: ['true', true],
  kdrive: ['true', true],
  startembed: ['true', true],
  status: ['R', 'R'],
  autoconnect: ['true', true],
  autostart: ['true', true],
  setsessiontitle: ['true', true],
  sessiontitle: ['Mine', 'Mine'],
  uniquehostkeyaliases: ['true', true],
  forwardsshagent: ['true', true],
  usemimebox: ['true', true],
  mimeboxextensions: ['"txt, pdf"', 'txt, pdf'],
  mimeboxaction: ['OPENWITH', 'OPENWITH'],
  autoresume: ['oldest', 'oldest'],
};

describe('a session profile', () => {
  test('has every key of its file, and those that nobody knows', () => {
    const lines = Object.entries(everyKey).map(([key, [raw]]) => `${key}=${raw}`);
    const { settings, values, troubles } = only(`[p]\n${lines.join('\n')}\nx-own=kept\n`);
    expect(troubles).toEqual([]);
    for (const [key, [, read]] of Object.entries(everyKey)) {
      expect({ [key]: settings[key as SessionKey] }).toEqual({ [key]: read });
      expect({ [key]: sessionKeys[key as SessionKey].fallback }).not.toEqual({ [key]: read });
      expect(values.get(key)?.value).toEqual(Array.isArray(read) ? read : String(read));
    }
    expect(values.get('x-own')).toEqual({ value: 'kept', file: '/file0' });
    expect(values.size).toBe(Object.keys(sessionKeys).length + 1);
  });

  test('is what all files say, the later ones key by key', () => {
    const { settings, values } = only('[p]\nhost=a\nuser=u\n', '[p]\nhost=b\n');
    expect(settings).toMatchObject({ host: ['b'], user: 'u' });
    expect(values.get('host')?.file).toBe('/file1');
    expect(values.get('user')?.file).toBe('/file0');
  });

  test('tells of values that are none, and goes on with the default', () => {
    const { settings, troubles } = only('[p]\nsshport=70000\nfullscreen=maybe\nuser=a\\nb\n');
    expect(settings).toMatchObject({ sshport: 22, fullscreen: false, user: '' });
    expect(troubles).toHaveLength(3);
    expect(troubles.join('\n')).toContain('/file0: sshport must be a whole number from 1 to 65535');
  });
});

describe('which profile a word means', () => {
  const book = booked('[1]\nname=a\n[2]\nname=b\n[3]\nname=b\n[4]\nname=1\n');

  test('is its name where only one has it, else its id', () => {
    expect(book.profiles.map((one) => book.wordFor(one))).toEqual(['a', '2', '3', '4']);
    for (const one of book.profiles) expect(book.find(book.wordFor(one))).toBe(one);
    expect(book.find('1')?.name).toBe('a');
    expect(book.find('c')).toBeUndefined();
    expect(() => book.find('b')).toThrow(/2 profiles are named "b".*2, 3/);
  });

  test('a new one gets the time as its id, or the next that is free', () => {
    const now = new Date(2026, 10, 27, 8, 1, 26, 999);
    expect(freshId(now, [])).toBe('20261127080126999');
    expect(freshId(now, ['20261127080126999'])).toBe('20261127080127000');
  });
});

describe('a profile comes to', () => {
  test.each([
    ['a desktop', ['command=MATE'], { kind: 'desktop', command: 'MATE', geometry: '800x600' }],
    ['one program', ['command=xterm', 'rootless=true'], { kind: 'application', command: 'xterm' }],
    ['published programs', ['published=true'], { kind: 'published' }],
    [
      'a Windows server',
      ['command=RDP', 'rdpserver=w', 'rdpport=3390'],
      { kind: 'rdp', host: 'w', port: 3390 },
    ],
    ['an XDMCP server', ['command=XDMCP', 'xdmcpserver=x'], { kind: 'xdmcp', host: 'x' }],
    [
      "somebody's desktop",
      ['command=SHADOW', 'shadowuser=bob', 'shadowdisplay=50', 'shadowfullaccess=true'],
      { kind: 'shadow', desktop: { user: 'bob', display: 50 }, mode: 'full' },
    ],
    [
      'the look it wants',
      ['fullscreen=true', 'speed=4', 'pack=16m-jpeg-%', 'quality=5', 'setdpi=true', 'dpi=120'],
      { geometry: 'fullscreen', link: 'lan', pack: '16m-jpeg', quality: 5, dpi: 120 },
    ],
  ])('%s', (_, lines, order) => {
    expect(usable(...lines).order).toMatchObject(order);
  });

  test('no order, where it does not say which desktop is shared', () => {
    expect(usable('command=SHADOW')).not.toHaveProperty('order');
    expect(usable('command=SHADOW').noOrder).toMatch(/--share/);
  });

  test('folders, whether to mount them, and what becomes of its sessions', () => {
    expect(usable('export="/a:1;/b;c:0;"', 'autostart=true')).toMatchObject({
      folders: [
        { path: '/a', atStart: true },
        { path: '/b;c', atStart: false },
      ],
      atConnect: { connect: true, resume: 'newest', start: true },
    });
  });

  test.each([
    ['names no host', '[p]\nuser=a\n'],
    ['its host is no host name', '[p]\nhost=-oProxyCommand=x\n'],
    ['its user is no user name', '[p]\nhost=h\nuser=-l root\n'],
    ['proxy whose host is no host name', '[p]\nhost=h\nusesshproxy=true\nsshproxyhost=a b\n'],
  ])('nothing, and says why: %s', (reason, text) => {
    expect(resolve(only(text))).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  test('what is not done is told', () => {
    const { notices } = usable('krblogin=true', 'kdrive=true', 'soundsystem=arts', 'pack=nobody-has-this');
    expect(notices.join('\n')).toMatch(/pack[\s\S]*Kerberos[\s\S]*KDrive[\s\S]*sound by arts/);
  });
});
