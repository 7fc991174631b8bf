import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.js';
import { run } from '../../src/cli/run.js';
import { splitWords } from '../../src/cli/sessionWords.js';
import { linesOf } from './support/cli.js';
import { FakeIo } from './support/fakeIo.js';

const silent = { out: () => undefined, err: () => undefined };
const parsed = (words: string) => parseArguments(words.split(' '), '1.0.0', silent);
const order = (words: string) => {
  const invocation = parsed(`start h ${words}`);
  return invocation?.command === 'start' ? invocation.order : undefined;
};

describe('what is wrong is said with the name of the option, exit 2', () => {
  test.each([
    ['start h', /--command, --desktop, --published, --share, --xdmcp, --rdp/],
    ['start h --command xterm --published', /--command and --published/],
    ['start h --command xterm --geometry 12', /--geometry must be WxH.*maximize/],
    ['start h --command xterm --link fast', /--link.*modem/],
    ['start h --command xterm --pack zip', /--pack/],
    ['start h --command xterm --quality 10', /--quality/],
    ['start h --command xterm --dpi 5', /--dpi/],
    ['start h --command xterm --dpi many', /--dpi.*whole number/],
    ['start h --command xterm --depth 12', /--depth/],
    ['start h --command xterm --clipboard up', /--clipboard/],
    ['start h --command xterm --keyboard d,e', /--keyboard is no name/],
    ['start h --command xterm --kbd-variant x', /--kbd-variant needs/],
    ['start h --command xterm --kbd-type PC', /--kbd-type/],
    ['start h --command X2GO_SPACE_CHAR', /--command may not hold/],
    ['start h --desktop X2GO_SPACE_CHAR', /--desktop may not hold/],
    ['start h --share alice', /--share .*USER@:N/],
    ['start h --share a@:1 --view --full', /--view.*--full|--full.*--view/],
    ['start h --xdmcp a;b', /--xdmcp: host/],
    ['start h --rdp host:99999', /--rdp: port/],
    ['start h --command xterm --on-exit explode', /--on-exit/],
    ['resume h', /which session is not said/i],
    ['resume h one two', /One session is wanted/],
    ['resume h one --newest', /--newest says which session: leave one out/],
    ['resume h --newest --oldest', /--newest.*--oldest|--oldest.*--newest/],
    ['resume h --newest --geometry 0x0', /--geometry/],
    ['suspend h', /which session is not said/i],
    ['share h :50 :51', /One desktop is wanted/],
    ['share h bob', /"bob" is no desktop/],
    ['wait h one', /--state/],
    ['wait h one --state asleep', /--state.*suspended/],
    ['start h --command xterm --remote-ssh-port 0', /port/i],
  ])('%s', async (words, said) => {
    const io = new FakeIo();
    expect(await run([...words.split(' '), '--json'], io)).toBe(2);
    expect(io.err).toMatch(said);
    expect(linesOf(io.out)).toMatchObject([{ event: 'command.failed', exitCode: 2 }]);
  });
});

describe('an order', () => {
  test('has what was said, and nothing else', () => {
    expect(order('-c xterm')).toEqual({ kind: 'application', command: 'xterm' });
    expect(
      order(
        '--desktop mate-session -g fullscreen -q lan --pack 16m-png-7 --keyboard de --kbd-variant nodeadkeys',
      ),
    ).toEqual({
      kind: 'desktop',
      command: 'mate-session',
      geometry: 'fullscreen',
      link: 'lan',
      pack: '16m-png',
      quality: 7,
      keyboard: { layout: 'de', variant: 'nodeadkeys' },
    });
    expect(order('-c xterm --pack 16m-jpeg --quality 3 --no-sound -x --display :7 --title T')).toEqual({
      kind: 'application',
      command: 'xterm',
      pack: '16m-jpeg',
      quality: 3,
      sound: false,
      xinerama: true,
      screen: ':7',
      title: 'T',
    });
    expect(order('--published --dpi 96 --depth 16 --clipboard none')).toEqual({
      kind: 'published',
      dpi: 96,
      depth: 16,
      clipboard: 'none',
    });
    const desktop = { user: 'bob', display: 51 };
    expect(order('--share bob@:51')).toEqual({ kind: 'shadow', desktop, mode: 'view' });
    expect(order('--share bob@:51 --full')).toEqual({ kind: 'shadow', desktop, mode: 'full' });
    expect(order('--xdmcp inner.example')).toEqual({ kind: 'xdmcp', host: 'inner.example' });
    expect(order('--rdp win.example:3390')).toEqual({ kind: 'rdp', host: 'win.example', port: 3390 });
    expect(order('--published -g maximize')).toEqual({ kind: 'published', geometry: 'maximize' });
  });

  test('may be said in words of pyhoca-cli', () => {
    expect(order('-t desktop -c mate-session --kbd-layout null --kbd-type auto --use-sound no')).toEqual({
      kind: 'desktop',
      command: 'mate-session',
      keyboard: { type: 'auto' },
      sound: false,
    });
    expect(order('-D bob@:51 --share-mode 1')).toMatchObject({ kind: 'shadow', mode: 'full' });
    expect(order('-D bob@:51 --share-mode=0')).toMatchObject({ kind: 'shadow', mode: 'view' });
  });
});

describe("pyhoca-cli's actions are our commands", () => {
  test.each([
    ['-N -c xterm h', { command: 'start', targets: ['h'] }],
    ['-R NAME h', { command: 'resume', words: ['h', 'NAME'] }],
    ['h --resume=NAME', { command: 'resume', words: ['h', 'NAME'] }],
    ['--server h -S NAME', { command: 'suspend', words: ['NAME'], options: { server: 'h' } }],
    ['-T NAME --server h', { command: 'terminate', words: ['NAME'], options: { server: 'h' } }],
    ['-L h', { command: 'sessions', targets: ['h'] }],
    ['--list-desktops h', { command: 'desktops', targets: ['h'] }],
    ['-D bob@:51 h', { command: 'share', words: ['h', 'bob@:51'] }],
    [
      'start h -c xterm -u bob -p 2222 -k key --add-to-known-hosts --terminate-on-ctrl-c',
      {
        command: 'start',
        options: {
          username: 'bob',
          remoteSshPort: 2222,
          identity: ['key'],
          hostKey: 'accept-new',
          onExit: 'terminate',
        },
      },
    ],
    ['reap --terminate a b', { command: 'reap', options: { terminate: ['a', 'b'] } }],
  ])('%s', (words, expected) => {
    expect(parsed(words)).toMatchObject(expected);
  });
});

const name = 'alice-50-1795371806_stRxterm_dp24';
const config = { profiles: [{ id: 'office', host: 'h' }] } as never;

test.each([
  ['a host, and a part of a name', 'h 50', undefined, ['h'], ['50']],
  ['a place', 'alice@h:2 50 51', undefined, ['alice@h:2'], ['50', '51']],
  ['a full name is never a host', name, undefined, [], [name]],
  ['a profile', 'office 50', config, ['office'], ['50']],
  ['with a configuration a word is a name', '50', config, [], ['50']],
  ['but a place is a place', 'bob@h 50', config, ['bob@h'], ['50']],
  ['a desktop is none', ':50', undefined, [], [':50']],
  ['nor is one with its user', 'bob@:50', undefined, [], ['bob@:50']],
])('target or session: %s', (_, words, from, targets, names) => {
  expect(splitWords(words.split(' '), {}, from)).toEqual({ targets, names });
});

test('with --server all words are names', () => {
  expect(splitWords(['50'], { server: 'h' }, undefined)).toEqual({ targets: [], names: ['50'] });
});

const commands =
  'watch sessions desktops mounts features start resume share suspend terminate wait reap demo doctor'.split(
    ' ',
  );

test.each(commands)('%s --help shows an example', async (command) => {
  const io = new FakeIo();
  expect(await run([command, '--help'], io)).toBe(0);
  expect(io.out).toMatch(new RegExp(`Example:\n  x2go-guardian ${command}`));
  expect(Math.max(...io.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
});
