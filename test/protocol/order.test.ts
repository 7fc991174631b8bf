import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SessionOrder } from '../../machines/orders.js';
import { runWord, translateOrder } from '../../src/protocol/order.js';
import { presentationWords } from '../../src/protocol/presentation.js';

const wordsOf = (order: SessionOrder) => {
  const translated = translateOrder(order);
  if (!translated.ok) throw new Error(translated.reason);
  return translated.value;
};
const reasonFor = (order: object) => {
  const translated = translateOrder(order as SessionOrder);
  return translated.ok ? 'taken' : translated.reason;
};
const xterm = { kind: 'application', command: 'xterm' } as const;

describe('what x2gostartagent is told', () => {
  const tail = ['adsl', '16m-jpeg-9', 'unix-kde-depth_24', 'null', 'auto', '1'];

  test.each<[SessionOrder, readonly string[], string | undefined]>([
    [xterm, ['', ...tail, 'R', 'xterm', 'both'], 'xterm'],
    [
      { kind: 'application', command: ' /opt/b.in/my-app_2 --open a/b "c d" ' },
      ['', ...tail, 'R', 'my-app_2', 'both'],
      '/opt/b.in/my-app_2 --open a/b "c d"',
    ],
    [{ kind: 'application', command: '$(id)' }, ['', ...tail, 'R', 'id', 'both'], '$(id)'],
    [{ kind: 'application', command: '@@ x' }, ['', ...tail, 'R', 'command', 'both'], '@@ x'],
    [{ kind: 'desktop', command: 'XFCE' }, ['1024x768', ...tail, 'D', 'XFCE', 'both'], 'XFCE'],
    [{ kind: 'published' }, ['', ...tail, 'P', 'PUBLISHED', 'both'], 'PUBLISHED'],
    [
      { kind: 'shadow', desktop: { user: 'al.ice', display: 7 }, mode: 'view' },
      ['1024x768', ...tail, 'S', '0XSHADal.iceXSHAD:7'],
      undefined,
    ],
    [
      { kind: 'shadow', desktop: { user: 'bob', display: 50 }, mode: 'full', clipboard: 'none' },
      ['1024x768', ...tail, 'S', '1XSHADbobXSHAD:50'],
      undefined,
    ],
    [{ kind: 'xdmcp', host: 'dm.example' }, ['1024x768', ...tail, 'D', 'XDMCP', 'both'], undefined],
    [
      { kind: 'rdp', host: 'win', geometry: '800x600+10+20' },
      ['800x600+10+20', ...tail, 'R', 'rdesktop', 'both'],
      'rdesktop -g 800x600 win',
    ],
    [
      { kind: 'rdp', host: 'win', port: 3390, geometry: 'fullscreen', options: '-u  bob -k de' },
      ['fullscreen', ...tail, 'D', 'rdesktop', 'both'],
      'rdesktop -f -u bob -k de win:3390',
    ],
    [
      { kind: 'rdp', host: '10.0.0.1' },
      ['', ...tail, 'R', 'rdesktop', 'both'],
      'rdesktop -g 1024x768 10.0.0.1',
    ],
  ])('%j', (order, words, run) => {
    const translated = wordsOf(order);
    expect(translated.words).toEqual(words);
    expect(translated.run).toBe(run);
    expect(translated.environment.X2GO_XINERAMA).toBe('no');
  });

  test('how it is shown', () => {
    const { words, environment } = wordsOf({
      kind: 'desktop',
      command: 'MATE',
      geometry: '640x480',
      link: 'modem',
      pack: '256-rdp-compressed',
      quality: 3,
      keyboard: { layout: 'De', variant: 'nodeadkeys' },
      clipboard: 'server',
      xinerama: true,
      dpi: 120,
      depth: 16,
    });
    const shown = ['640x480', 'modem', '256-rdp-compressed', 'unix-kde-depth_16', 'De', 'pc105/de', '1'];
    expect(words).toEqual([...shown, 'D', 'MATE', 'server']);
    expect(environment).toEqual({ X2GODPI: '120', X2GO_XINERAMA: 'yes' });
  });

  test('XDMCP is named in the environment, and a shadow as the server writes it in its name', () => {
    expect(wordsOf({ kind: 'xdmcp', host: 'dm' }).environment.X2GOXDMCP).toBe('dm');
    const shadow = { kind: 'shadow', desktop: { user: 'bob', display: 50 }, mode: 'full' } as const;
    expect(wordsOf(shadow).name).toBe('1XSHADbobXSHADPP50');
  });

  test.each([
    ['16m-jpeg', 4, '16m-jpeg-4'],
    ['8-png', 0, '8-png-0'],
    ['64-jpeg', 4, '64-jpeg'],
    ['adaptive', undefined, 'adaptive-9'],
    ['nopack', 7, 'nopack'],
    ['16m-png-jpeg', 1, '16m-png-jpeg-1'],
    ['rfb-tight-compressed', 1, 'rfb-tight-compressed'],
  ])('pack %s with quality %s is %s', (pack, quality, word) => {
    expect(wordsOf({ ...xterm, pack, ...(quality === undefined ? {} : { quality }) }).words[2]).toBe(word);
  });

  test.each([
    [{ type: 'query' }, ['null', 'query', '0']],
    [{ type: 'null/null' }, ['null', 'null/null', '0']],
    [{ type: 'pc105/us', layout: 'us' }, ['us', 'pc105/us', '1']],
    [{ type: 'auto', layout: 'ru' }, ['ru', 'auto', '1']],
  ])('keyboard %j', (keyboard, words) => {
    expect(wordsOf({ ...xterm, keyboard }).words.slice(4, 7)).toEqual(words);
  });
});

test.each([
  [{ kind: 'kdrive' }, 'kind'],
  [{ kind: 'application' }, 'command'],
  [{ ...xterm, command: '  ' }, 'command'],
  [{ ...xterm, command: 'a\nb' }, 'command'],
  [{ ...xterm, command: 'a\0b' }, 'command'],
  [{ ...xterm, command: 'aX2GO_SPACE_CHARb' }, 'command'],
  [{ ...xterm, command: 'a'.repeat(5_000) }, 'command'],
  [{ ...xterm, geometry: 'maximize' }, 'maximize'],
  [{ ...xterm, geometry: '1024x' }, 'geometry'],
  [{ ...xterm, geometry: '1024x768,composite=0' }, 'geometry'],
  [{ kind: 'desktop', command: 'KDE', geometry: '' }, 'geometry'],
  [{ ...xterm, link: 'wlan' }, 'link'],
  [{ ...xterm, pack: '16m-jpeg-9,composite=0' }, 'pack'],
  [{ ...xterm, pack: '16m-jpeg-7' }, '16m-jpeg, quality 7'],
  [{ ...xterm, quality: 10 }, 'quality'],
  [{ ...xterm, quality: 1.5 }, 'quality'],
  [{ ...xterm, keyboard: { type: 'pc105/us,de' } }, 'keyboard.type'],
  [{ ...xterm, keyboard: { layout: 'us,de' } }, 'keyboard.layout'],
  [{ ...xterm, keyboard: { layout: 'us', variant: 'a b' } }, 'keyboard.variant'],
  [{ ...xterm, keyboard: { variant: 'dvorak' } }, 'keyboard.variant'],
  [{ ...xterm, clipboard: 'maybe' }, 'clipboard'],
  [{ ...xterm, xinerama: 'yes' }, 'xinerama'],
  [{ ...xterm, dpi: 0 }, 'dpi'],
  [{ ...xterm, depth: 15 }, 'depth'],
  [{ kind: 'shadow', desktop: { user: 'a b', display: 1 }, mode: 'view' }, 'desktop.user'],
  [{ kind: 'shadow', desktop: { user: 'a', display: 99_999 }, mode: 'view' }, 'desktop.display'],
  [{ kind: 'shadow', desktop: { user: 'a', display: 1 }, mode: 'peek' }, 'mode'],
  [{ kind: 'shadow', mode: 'view' }, 'desktop'],
  [{ kind: 'xdmcp', host: 'a_b c' }, 'host'],
  [{ kind: 'rdp', host: '-f' }, 'host'],
  [{ kind: 'rdp', host: 'win', port: 0 }, 'port'],
  [{ kind: 'rdp', host: 'win', options: '-u bob -p secret' }, 'password'],
  [{ kind: 'rdp', host: 'win', options: '-psecret' }, 'password'],
  [{ kind: 'rdp', host: 'win', options: '-u X2GO_PASSWORD' }, 'password'],
])('%j is refused', (order, reason) => {
  expect(reasonFor(order)).toContain(reason);
});

test('whatever is asked for, a translation is total and its words are on the lists', () => {
  const anything = fc.oneof(fc.string(), fc.integer(), fc.constant(undefined), fc.object());
  const keys = ['geometry', 'link', 'pack', 'quality', 'keyboard', 'clipboard', 'xinerama', 'dpi', 'depth'];
  const order = fc
    .tuple(
      fc.constantFrom('application', 'desktop', 'shadow', 'rdp', 'xdmcp', 'published'),
      fc.dictionary(fc.constantFrom(...keys, 'command', 'host', 'options', 'desktop', 'mode'), anything),
    )
    .map(([kind, fields]) => ({ command: 'xterm', ...fields, kind }) as unknown as SessionOrder);
  fc.assert(
    fc.property(order, (asked) => {
      const translated = translateOrder(asked);
      if (!translated.ok) return translated.reason !== '';
      return translated.value.words.every((word) => /^[A-Za-z0-9._:/+-]*$/.test(word));
    }),
    { numRuns: 5_000 },
  );
});

test('x2goruncommand takes its command as one word', () => {
  expect(runWord('xterm -e top')).toBe('xtermX2GO_SPACE_CHAR-eX2GO_SPACE_CHARtop');
});

test('a resume without a wish gets the defaults', () => {
  expect(presentationWords({}, '')).toEqual({
    ok: true,
    value: {
      geometry: '',
      link: 'adsl',
      pack: '16m-jpeg-9',
      layout: 'null',
      kbtype: 'auto',
      setkbd: '1',
      clipboard: 'both',
      xinerama: 'no',
    },
  });
});
