import { describe, expect, test } from 'vitest';
import type { Failure } from '../../machines/vocabulary.js';
import { soundSurroundings } from '../../src/channels/soundSurroundings.js';
import type { Finding } from '../../src/cli/finding.js';
import { inTime } from '../../src/cli/inTime.js';
import { nxproxyFinding, screenFinding } from '../../src/cli/screenJudgements.js';
import { clock, judgements } from '../../src/cli/serverJudgements.js';
import { soundCheck } from '../../src/cli/soundCheck.js';
import { defaultFeatures } from '../../src/emulator/defaults.js';
import { examineScript, readExamined } from '../../src/protocol/examine.js';
import type { Examination } from '../../src/ssh/examine.js';
import { holding } from '../support/aftermath.js';

const denied: Failure = { code: 'tunnel.denied', message: 'no forwarding', retryable: false };
const fine = {
  ...{ ok: true, clockSeconds: 1_000, sentAt: 1_000_000, heardAt: 1_000_500 },
  ...{ sessionLimit: 'none', fuse: 'ready', programs: ['sshfs', 'fusermount3'] },
} as const satisfies Examination['examined'];
type Told = Extract<Examination['examined'], { readonly ok: true }>;
const judged = (changes: Partial<Told> = {}, more: Partial<Examination> = {}, features = defaultFeatures) =>
  judgements({ examined: { ...fine, ...changes, ok: true }, ...more }, features);
const wrong = (findings: readonly Finding[]) => findings.filter(({ verdict }) => verdict !== 'ok');

describe('a server', () => {
  test('where all is well', () => {
    expect(wrong(judged())).toEqual([]);
    expect(judged().map(({ check }) => check)).toEqual(['forwarding', 'sound', 'folders', 'limit', 'clock']);
  });

  test.each<[string, readonly Finding[], string, RegExp]>([
    [
      'no forwarding to it',
      judged({}, { toServer: denied }),
      'forwarding error',
      /AllowTcpForwarding yes \(or local/,
    ],
    ['none from it', judged({}, { toHere: denied }), 'sound warning', /AllowTcpForwarding yes \(or remote/],
    ['no sshfs', judged({ programs: ['fusermount'] }), 'folders warning', /Install sshfs/],
    ['no fusermount', judged({ programs: ['sshfs'] }), 'folders warning', /fuse3/],
    ['no device', judged({ fuse: 'missing' }), 'folders warning', /modprobe fuse/],
    ['a device for others', judged({ fuse: 'denied' }), 'folders warning', /group/],
    ['a limit', judged({ sessionLimit: 3 }), 'limit warning', /terminate --older-than/],
    ['a limit that is reached', judged({ sessionLimit: 'reached' }), 'limit warning', /x2goserver.conf/],
    ['a clock behind', judged({ clockSeconds: 900 }), 'clock warning', /set-ntp/],
    [
      'no mounts',
      judged(
        {},
        {},
        defaultFeatures.filter((one) => one !== 'X2GO_MOUNTDIRS'),
      ),
      'folders warning',
      /newer/,
    ],
    [
      'no Xsession',
      judged(
        {},
        {},
        defaultFeatures.filter((one) => one !== 'X2GO_XSESSION'),
      ),
      'features warning',
      /xsession/,
    ],
  ])('%s', (_, findings, what, remedy) => {
    expect(wrong(findings).map(({ check, verdict }) => `${check} ${verdict}`)).toEqual([what]);
    expect(wrong(findings)[0]?.advice).toMatch(remedy);
  });

  test('that was not examined hides nothing of the rest', () => {
    const failure: Failure = { code: 'command.timedOut', message: 'late', retryable: true };
    const findings = judgements({ examined: { ok: false, failure } }, defaultFeatures);
    expect(findings.map(({ check, verdict }) => `${check} ${verdict}`)).toEqual([
      'forwarding ok',
      'sound ok',
      'examination error',
    ]);
  });

  test.each([
    ['to the second', 1_000, 1_000_000, 1_000_100, 'ok'],
    ['as slow an answer as that may be', 1_000, 980_000, 1_060_000, 'ok'],
    ['eleven seconds ahead', 1_012, 1_000_000, 1_000_900, 'warning'],
    ['eleven seconds behind', 988, 1_000_000, 1_000_900, 'warning'],
  ])('whose clock is right %s', (_, theirs, sentAt, heardAt, verdict) => {
    expect(clock(theirs, sentAt, heardAt).verdict).toBe(verdict);
  });
});

describe('what a server answers to the examination', () => {
  const request = { verb: 'examine', marker: '0'.repeat(32) } as const;
  const read = (sections: Readonly<Record<string, string>>) => {
    const body = Object.entries(sections).map(([name, text]) => `${text}\n${request.marker} ${name} 0\n`);
    const text = `\n${request.marker} begin 0\n${body.join('')}\n${request.marker} end 0\n`;
    return readExamined(request, text, '');
  };
  test.each([
    [
      { clock: '1795371806', limit: '', fuse: 'ready', programs: 'sshfs\nfusermount3' },
      {
        clockSeconds: 1_795_371_806,
        sessionLimit: 'none',
        fuse: 'ready',
        programs: ['sshfs', 'fusermount3'],
      },
    ],
    [{ limit: '0' }, { sessionLimit: 'none', fuse: 'missing', programs: [] }],
    [{ limit: '5\n' }, { sessionLimit: 5, fuse: 'missing', programs: [] }],
    [{ limit: 'LIMIT' }, { sessionLimit: 'reached', fuse: 'missing', programs: [] }],
    [
      { clock: '1e9\u001b[2J', limit: '-1', fuse: 'rm -rf', programs: 'rootkit\n../sshfs' },
      { fuse: 'missing', programs: [] },
    ],
  ])('%j', (sections, value) => expect(read(sections)).toEqual({ ok: true, value }));

  test('is refused where it is nothing of the kind', () => {
    expect(readExamined(request, 'Welcome!\n', '')).toMatchObject({
      ok: false,
      failure: { code: 'command.garbled' },
    });
  });

  test('and its script is what a shell takes, with no single quote inside', () => {
    const inner = examineScript(request, 10).split("/bin/sh -c '")[1]?.split("' x2go-guardian")[0] ?? '';
    expect(inner).toContain('x2gosessionlimit');
    expect(inner).not.toContain("'");
  });
});

describe('this machine', () => {
  const none = {
    ok: false,
    failure: { code: 'screen.missing', message: 'no display', retryable: false },
  } as const;
  const there = { ok: true, display: ':0', width: 800, height: 600, depth: 24 } as const;
  test.each([
    [none, {}, 'warning', /graphical session/],
    [none, { DISPLAY: ':9' }, 'warning', /XAUTHORITY/],
    [none, { WAYLAND_DISPLAY: 'wayland-0' }, 'warning', /xwayland/],
    [there, { DISPLAY: ':0', WAYLAND_DISPLAY: 'wayland-0' }, 'ok', /XWayland/],
  ] as const)('a screen %#', (screen, env, verdict, said) => {
    const finding = screenFinding(screen, env);
    expect(finding.verdict).toBe(verdict);
    expect(finding.advice ?? finding.message).toMatch(said);
  });

  test.each([
    ['3.5.99.26', 'ok'],
    ['3.5.0', 'ok'],
    ['4.0', 'ok'],
    ['3.4.9', 'warning'],
  ])('nxproxy %s: %s', (version, verdict) => {
    expect(nxproxyFinding({ ok: true, path: '/usr/bin/nxproxy', version }).verdict).toBe(verdict);
  });

  test('no sound server', async () => {
    const nowhere = { ...soundSurroundings(), variables: { PULSE_SERVER: 'unix:/nowhere/native' } };
    expect(await soundCheck(nowhere)).toMatchObject({
      verdict: 'warning',
      advice: expect.stringMatching(/--no-sound/),
    });
  });

  test('a check that hangs, or throws, is a finding, and no timer stays', async () => {
    const timers = () => holding('Timeout');
    const before = timers();
    expect(await inTime('keys', () => new Promise(() => undefined), 1)).toMatchObject([
      { check: 'keys', verdict: 'warning' },
    ]);
    const broken = inTime('keys', () => Promise.reject(new Error('broken')));
    expect(await broken).toMatchObject([
      { check: 'keys', verdict: 'error', message: expect.stringContaining('broken') },
    ]);
    expect(await inTime('keys', async () => [])).toEqual([]);
    expect(timers()).toBe(before);
  });
});
