import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listedCookies } from '../../src/protocol/cookies.js';
import { endScript, readEnded } from '../../src/protocol/endAgent.js';
import { beginLine, endLine, sectionLine } from '../../src/protocol/framing.js';
import { killScript } from '../../src/protocol/killing.js';
import { translateOrder } from '../../src/protocol/order.js';
import { presentationWords } from '../../src/protocol/presentation.js';
import type { StartRequest } from '../../src/protocol/request.js';
import { readResumed, resumeBeginLine, resumePid, resumeScript } from '../../src/protocol/resumeAgent.js';
import { readRun, runScript } from '../../src/protocol/runCommand.js';
import { readSessionFiles, sessionFilesScript } from '../../src/protocol/sessionFiles.js';
import { readStarted, startBeginLine, startScript } from '../../src/protocol/startAgent.js';
import { readWithdrawn, withdrawScript } from '../../src/protocol/withdraw.js';
import { fixture } from './fixtures.js';

const marker = '0123456789abcdef'.repeat(2);
const other = 'fedcba9876543210'.repeat(2);
const session = 'alice-57-1795371806_stRxterm_dp24';
const codeOf = (outcome: { ok: true } | { ok: false; failure: { code: string } }) =>
  outcome.ok ? 'ok' : outcome.failure.code;

describe('a start', () => {
  const request: StartRequest = { verb: 'start', marker, type: 'R', command: 'xterm' };
  const server = { pid: 812, server: 'vm', time: '2026-11-22T23:41:34', client: '127.0.0.1' };
  const begin = startBeginLine(marker, server);
  const seven = fixture('x2gostartagent-rootless.txt');
  const cookie = seven.split('\n')[1] ?? '';
  const read = (text: string, complaint = '', code = 0, of = request) =>
    readStarted(of, { text, complaint, code });

  test('seven lines after whatever the login shell said are a session, and the cookie stays out of it', () => {
    const started = read(`welcome back${begin}a hook says hello\n${seven}`, 'Died at x line 1.\n');
    if (!started.ok) throw new Error(started.failure.message);
    const { record } = started.value;
    const [display, , pid, name, graphics, sound, files] = seven.split('\n');
    expect(record).toEqual({
      session: name,
      kind: 'application',
      user: 'alice',
      command: 'xterm',
      display: Number(display),
      server: 'vm',
      status: 'R',
      client: '127.0.0.1',
      createdAt: server.time,
      changedAt: server.time,
      ageSeconds: 0,
      agentPid: Number(pid),
      ports: { graphics: Number(graphics), sound: Number(sound), files: Number(files) },
    });
    expect(started.value.cookie).toBe(cookie);
    expect(JSON.stringify(record)).not.toContain(cookie);
  });

  test.each(['desktop', 'published', 'shadow-own', 'metachar2'])('%s is read', (name) => {
    expect(codeOf(read(begin + fixture(`x2gostartagent-${name}.txt`)))).toBe('ok');
  });

  test('two more lines are telekinesis', () => {
    const started = read(`${begin}${seven}4711\n4712\n`);
    expect(started.ok && started.value.cookie).toBe(cookie);
  });

  test.each([
    [0, 'a cookie too short', cookie, cookie.slice(1)],
    [1, 'a display that is not in the name', /^[0-9]+/, '51234'],
    [2, 'a port below 1024', /[0-9]+\n$/, '80\n'],
    [3, 'a pid of 0', /\n[0-9]+\nalice/, '\n0\nalice'],
    [4, 'a line missing', /^.*\n/, ''],
    [5, 'a name that is none', 'alice-', 'al ice-'],
  ])('%i: %s is no session', (_, __, from, to) => {
    expect(codeOf(read(begin + seven.replace(from, to)))).toBe('command.garbled');
  });

  test('the name of a server may not carry the cookie out', () => {
    expect(codeOf(read(startBeginLine(marker, { ...server, server: cookie }) + seven))).toBe(
      'command.garbled',
    );
  });

  test.each([
    ['limit', 9, 'session.limit'],
    ['shadow-denied', 8, 'session.denied'],
    ['noargs', 10, 'agent.failed'],
    ['nouser', 3, 'agent.failed'],
    ['noclient', 7, 'agent.failed'],
  ])('%s: exit %i is %s', (name, code, failure) => {
    const complaint = fixture(`x2gostartagent-error-${name}.stderr.txt`);
    expect(codeOf(read(begin, complaint, code))).toBe(failure);
  });

  test('what else can go wrong has a name', () => {
    expect(codeOf(read(begin, 'env: x2gostartagent: No such file or directory', 127))).toBe('x2go.missing');
    expect(codeOf(read('This account is not available.\n', '', 1))).toBe('shell.unusable');
    const warning = 'WARNING: Your password has expired.\nPassword change required but no TTY available.\n';
    expect(codeOf(read('', warning, 1))).toBe('auth.passwordExpired');
    expect(codeOf(read(seven))).toBe('shell.unusable');
    const empty = begin + fixture('x2gostartagent-error-shadow-otheruser.txt');
    expect(codeOf(read(empty, '', 0, { ...request, type: 'S' }))).toBe('session.denied');
    expect(codeOf(read(empty))).toBe('agent.failed');
  });

  test('a shadow of nothing is an unknown desktop; that exit code of other kinds says nothing of the sort', () => {
    expect(codeOf(read(begin, '', 66, { ...request, type: 'S' }))).toBe('desktop.unknown');
    expect(codeOf(read(begin, '', 66))).toBe('agent.failed');
  });

  test.each([
    ['mkdir: cannot create directory: No space left on device', '', 12],
    ['xauth:  unable to write authority file /home/alice/.Xauthority-n', seven, 0],
    ['xauth:  error in locking authority file /home/alice/.Xauthority', seven, 0],
  ])('%s: the home is said to be full', (complaint, lines, code) => {
    const started = read(begin + lines, complaint, code);
    expect(started).toMatchObject({ ok: false, failure: { code: 'agent.failed' } });
    expect(started.ok || started.failure.message).toContain('is its disk full?');
  });

  test('a complaint does not carry the cookie out', () => {
    const started = read(begin, `xauth: bad key ${cookie}`, 12);
    expect(started.ok || started.failure.message).not.toContain(cookie);
  });

  test('no word of an order is more than a word, and no shell stays behind x2gostartagent', () => {
    const order = translateOrder({ kind: 'xdmcp', host: 'dm', dpi: 96 });
    if (!order.ok) throw new Error(order.reason);
    const lines = startScript(request, order.value).trimEnd().split('\n');
    expect(lines[0]).toBe(`{ : x2go-guardian/1 start ${marker} R xterm`);
    expect(lines.at(-1)).toBe('}');
    expect(lines.at(-2)).toBe(
      `exec env 'LC_ALL=C' 'X2GO_GUARDIAN_START=${marker}' 'X2GODPI=96' 'X2GOXDMCP=dm' 'X2GO_XINERAMA=no' 'x2gostartagent' ` +
        "'1024x768' 'adsl' '16m-jpeg-9' 'unix-kde-depth_24' 'null' 'auto' '1' 'D' 'XDMCP' 'both' </dev/null",
    );
  });
});

describe('a resume', () => {
  const request = { verb: 'resume', marker, session } as const;
  const read = (text: string, complaint = '', code = 0) => readResumed(request, { text, complaint, code });
  const begin = resumeBeginLine(marker, 77);

  test('gives the ports, whatever perl says beside them', () => {
    const text = `noise${begin}${fixture('x2goresume-session.txt')}`;
    const resumed = read(text, fixture('x2goresume-session.stderr.txt'));
    expect(resumed).toEqual({
      ok: true,
      value: { graphics: expect.any(Number), sound: expect.any(Number), files: expect.any(Number) },
    });
    expect(resumePid(request, text)).toBe(77);
    expect(resumePid(request, 'noise')).toBe(undefined);
    expect(resumePid(request, begin.slice(0, -2))).toBe(undefined);
  });

  test.each([
    ['an unknown session prints ports all the same', 'nosuch', 0, 'agent.failed'],
    ['a session of another user', 'otheruser', 6, 'agent.failed'],
    ['too few words', 'args', 1, 'agent.failed'],
  ])('%s', (_, name, code, failure) => {
    const text = begin + fixture(`x2goresume-session-error-${name}.txt`);
    expect(codeOf(read(text, fixture(`x2goresume-session-error-${name}.stderr.txt`), code))).toBe(failure);
  });

  test('is not tried where it would never end', () => {
    expect(codeOf(read(resumeBeginLine(marker, 77, 'gone'), '', 3))).toBe('session.ended');
    expect(codeOf(read(resumeBeginLine(marker, 77, 'STARTING'), '', 3))).toBe('agent.failed');
  });

  test('of a session that has ended says so, and what it did not say is missing', () => {
    expect(codeOf(read(begin, `session ${session} terminated`, 3))).toBe('session.ended');
    expect(codeOf(read(begin, '', 127))).toBe('x2go.missing');
    expect(codeOf(read(`${begin}sound_port=48914\n`))).toBe('command.garbled');
    expect(codeOf(read(`${begin}gr_port=80\n`))).toBe('command.garbled');
    expect(codeOf(read('gr_port=48913\n'))).toBe('shell.unusable');
  });
});

test('whether an agent lives after an end', () => {
  const request = { verb: 'terminate', marker, session, agent: 812 } as const;
  const read = (fate: string, code = 0) =>
    readEnded(
      request,
      `${beginLine(marker)}${sectionLine(marker, 'command', code)}${fate}${sectionLine(marker, 'agent', 0)}${endLine(marker, 0)}`,
      '',
    );
  expect(read('alive')).toEqual({ ok: true, value: { alive: true } });
  expect(read('gone', 255)).toEqual({ ok: true, value: { alive: false } });
  expect(codeOf(read('gone', 127))).toBe('x2go.missing');
  expect(codeOf(read(''))).toBe('command.garbled');
  expect(codeOf(readEnded(request, beginLine(marker), ''))).toBe('command.garbled');
});

test('what is left of a start', () => {
  const request = { verb: 'withdraw', marker, start: other } as const;
  const read = (rows: string, code = 0) =>
    readWithdrawn(
      request,
      `${beginLine(marker)}${rows}${sectionLine(marker, 'withdrawn', 0)}${endLine(marker, code)}`,
      '',
    );
  expect(read('')).toEqual({ ok: true, value: [] });
  expect(read(`${session} gone\n`)).toEqual({ ok: true, value: [session] });
  expect(codeOf(read(`${session} alive\n`))).toBe('session.orphaned');
  expect(codeOf(read(`${session} listed\n`))).toBe('session.orphaned');
  expect(codeOf(read('', 124))).toBe('command.timedOut');
  expect(codeOf(readWithdrawn(request, beginLine(marker), ''))).toBe('command.garbled');
});

test('what became of a command', () => {
  const request = { verb: 'run', marker, session, command: 'xterm' } as const;
  const read = (code: number) =>
    readRun(
      request,
      'no-such -x',
      `${beginLine(marker)}${sectionLine(marker, 'run', code)}${endLine(marker, 0)}`,
      '',
    );
  expect(read(0)).toEqual({ ok: true, value: undefined });
  expect(read(1)).toMatchObject({
    failure: { code: 'command.notFound', message: 'There is no program no-such on the server' },
  });
  expect(codeOf(read(127))).toBe('x2go.missing');
  expect(codeOf(readRun(request, 'x', beginLine(marker), ''))).toBe('command.garbled');
});

describe('scripts', () => {
  const shown = presentationWords({}, '');
  if (!shown.ok) throw new Error(shown.reason);
  const call = { display: 57, agentPid: 812, soundPort: 30_001, type: 'R', run: "a 'b' $(c)" } as const;
  const files = [{ name: '.pulse-cookie', content: Buffer.alloc(256, 7) }];
  const run = { verb: 'run', marker, session, command: 'a' } as const;
  const filesRequest = { verb: 'files', marker, session } as const;
  const scripts: readonly (readonly [string, string])[] = [
    ['resume', resumeScript({ verb: 'resume', marker, session }, 812, shown.value)],
    ['kill', killScript({ verb: 'kill', marker, pid: 77 }, 'x2goresume-session', 5)],
    ['suspend', endScript({ verb: 'suspend', marker, session, agent: undefined }, 10)],
    ['terminate', endScript({ verb: 'terminate', marker, session, agent: 812 }, 10)],
    ['withdraw', withdrawScript({ verb: 'withdraw', marker, start: other }, 20)],
    ['run', runScript(run, { ...call, sound: true, keyboard: { layout: 'de', variant: 'neo' } })],
    ['files', sessionFilesScript(filesRequest, files) ?? ''],
  ];

  test.each(scripts)('%s says what it is, and parses as a whole before it runs', async (verb, script) => {
    expect(script).toMatch(new RegExp(`^{ : x2go-guardian/1 ${verb} ${marker} ?`));
    expect(script).toMatch(/\n}\n$/);
    const { spawnSync } = await import('node:child_process');
    for (const shell of ['dash', 'bash']) {
      const checked = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
      expect(`${shell}: ${checked.stderr}`).toBe(`${shell}: `);
    }
  });

  test('a command is one quoted word, with the sound it has', () => {
    const words = "'x2goruncommand' '57' '812' 'alice-57-1795371806_stRxterm_dp24' '30001'";
    const word = "'aX2GO_SPACE_CHAR'\\''b'\\''X2GO_SPACE_CHAR$(c)'";
    expect(runScript(run, { ...call, sound: false })).toContain(`setsid ${words} ${word} 'none' 'R' >`);
    expect(runScript(run, { ...call, sound: true })).toContain(
      `PULSE_CLIENTCONFIG="$HOME/.x2go/C-${session}"/.pulse-client.conf setsid ${words} ${word} 'pulse' 'R' >`,
    );
    expect(runScript(run, { ...call, sound: false })).not.toContain('setxkbmap');
    expect(runScript(run, { ...call, sound: false, keyboard: { layout: 'de', variant: 'neo' } })).toContain(
      "DISPLAY=:57 setsid 'setxkbmap' 'de' 'neo' >/dev/null",
    );
  });

  test('no name leads out of the folder, and its answer is understood', () => {
    for (const name of ['..', '.', 'a/b', '', 'a b', "a'b"])
      expect(sessionFilesScript(filesRequest, [{ name, content: Buffer.from('x') }])).toBe(undefined);
    const answer = (code: number) =>
      codeOf(
        readSessionFiles(
          filesRequest,
          `${beginLine(marker)}${sectionLine(marker, 'files', code)}${endLine(marker, 0)}`,
          '',
        ),
      );
    expect([answer(0), answer(1), answer(2)]).toEqual(['ok', 'command.failed', 'session.ended']);
  });
});

describe('the cookies of a listing', () => {
  const request = {
    verb: 'survey',
    marker,
    identity: false,
    sessions: true,
    mounts: false,
    shadows: false,
    agents: [],
  } as const;
  const rows = fixture('x2golistsessions-running-rootless.txt');
  const [, name = ''] = rows.split('|');
  const listing = (body: string) =>
    `${beginLine(marker)}${body}${sectionLine(marker, 'sessions', 0)}${endLine(marker, 0)}`;

  test('are known by session, and who is not listed is gone', () => {
    const listed = listedCookies(request, listing(rows));
    expect(listed.cookies.get(name)).toMatch(/^[0-9a-f]{32}$/);
    expect(listed.knowsGone(name)).toBe(false);
    expect(listed.knowsGone(session.replace('57', '58'))).toBe(true);
  });

  test('nobody is gone because a row was not understood, or because nothing was listed', () => {
    expect(listedCookies(request, listing(`${rows}garbage\n`)).knowsGone(session.replace('57', '58'))).toBe(
      false,
    );
    expect(listedCookies(request, beginLine(marker)).knowsGone(session.replace('57', '58'))).toBe(false);
    const shadow = 'alice-59-1795391214_stS0XSHADaliceXSHADPP58_dp24';
    expect(listedCookies(request, listing(rows)).knowsGone(shadow)).toBe(false);
  });
});

test('every reader is total', () => {
  const words = ['\n', ' ', marker, 'begin', 'end', '0', session, 'gr_port=40000', 'gone', 'obstacle', '7'];
  const text = fc
    .array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 30 })
    .map((parts) => parts.join(' '));
  const start = { verb: 'start', marker, type: 'R', command: 'x' } as const;
  fc.assert(
    fc.property(text, text, fc.integer({ min: 0, max: 255 }), (said, complaint, code) => {
      const answer = { text: said, complaint, code };
      readStarted(start, answer);
      readResumed({ verb: 'resume', marker, session }, answer);
      readEnded({ verb: 'suspend', marker, session, agent: undefined }, said, complaint);
      readWithdrawn({ verb: 'withdraw', marker, start: other }, said, complaint);
      readRun({ verb: 'run', marker, session, command: 'x' }, 'x', said, complaint);
      readSessionFiles({ verb: 'files', marker, session }, said, complaint);
    }),
    { numRuns: 5_000 },
  );
});
