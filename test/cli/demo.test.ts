import { describe, expect, test } from 'vitest';
import { ownSession } from '../../src/cli/demoOurs.js';
import { demoActs, play, setStage } from '../../src/cli/demoScript.js';
import { openDemoWorld } from '../../src/cli/demoWorld.js';
import type { Guardian } from '../../src/guardian.js';
import { complaints } from '../schema/support/eventSchema.js';
import { eventually } from '../support/real/eventually.js';
import { Cli, linesOf, mainFile, Place } from './support/cli.js';
import { hasTmux, Terminal } from './support/terminal.js';

test('the script ends as it began, so that it can be played again', async () => {
  const world = await openDemoWorld(() => '/nowhere');
  try {
    const { office, lab } = world;
    const asked: string[] = [];
    const note = (verb: string) => () => void asked.push(verb);
    const ours = {
      start: note('start'),
      suspend: note('suspend'),
      resume: note('resume'),
      terminate: note('terminate'),
    };
    const acts = demoActs(world, setStage(world), ours);
    for (const { sessions } of [office, lab]) sessions.pace = 0;
    const running = () =>
      [office, lab].map(
        ({ sessions }) =>
          sessions.list().filter(({ session }) => sessions.get(session).state === 'RUNNING').length,
      );
    await eventually('the stage', () => running().join() === '2,1');
    for (let round = 0; round < 2; round++) {
      for (const [, happens] of acts) {
        await happens();
        await new Promise((resolve) => setImmediate(resolve));
      }
      await eventually('the same again', () => running().join() === '2,1');
      expect(asked.splice(0)).toEqual(['start', 'suspend', 'resume', 'terminate']);
    }
    const stopped = new AbortController();
    let plays = 0;
    await play([[1, () => (++plays === 3 ? stopped.abort() : undefined)]], stopped.signal);
    expect(plays).toBe(3);
  } finally {
    await world.stop();
  }
});

test('what its session is asked for is asked of the session, and a refusal ends nothing', async () => {
  const asked: string[] = [];
  const ask = (verb: string) => async () => {
    asked.push(verb);
    throw new Error('planted');
  };
  const session = { suspend: ask('suspend'), resume: ask('resume'), terminate: ask('terminate') };
  const guardian = { startSession: async () => session } as unknown as Guardian;
  const ours = ownSession(guardian, 'lab');
  ours.terminate();
  ours.start();
  for (const verb of ['suspend', 'resume', 'terminate'] as const) ours[verb]();
  await new Promise(setImmediate);
  expect(asked).toEqual(['suspend', 'resume', 'terminate']);
});

describe.concurrent('demo', () => {
  test('--duration ends it by itself, with 0, clean', async () => {
    using place = new Place();
    const cli = new Cli(['demo', '--duration', '10000', '--json'], place, { detached: true });
    await cli.event('session.registered', ({ profile }) => profile === 'lab');
    const { code, stdout, stderr } = await cli.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/^The live page: http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]{32}\n$/);
    const lines = linesOf(stdout);
    expect(lines.flatMap(complaints)).toEqual([]);
    expect(
      lines
        .filter(({ event }) => event === 'session.registered')
        .map(({ by }) => by)
        .sort(),
    ).toEqual(['found', 'found', 'found', 'me', 'other']);
    expect(lines.filter(({ event }) => event === 'session.progress').map(({ phase }) => phase)).toEqual([
      'agent',
      'tunnel',
      'proxy',
      'picture',
      'command',
    ]);
    expect(lines.find(({ event }) => event === 'session.started')).toMatchObject({ by: 'me' });
    const report = (lines.at(-1)?.report ?? []) as readonly { kind: string; outcome: string }[];
    expect(report.filter(({ kind }) => kind === 'session')).toMatchObject([{ outcome: 'closed' }]);
    expect(report.filter(({ outcome }) => outcome === 'failed' || outcome === 'forced')).toEqual([]);
    const ids = ((lines.at(-1)?.report ?? []) as readonly { kind: string; id: string }[])
      .filter(({ kind }) => kind === 'profile')
      .map(({ id }) => id);
    expect(ids.sort()).toEqual(['lab', 'office']);
    expect(place.leftovers()).toEqual([]);
    expect(() => process.kill(-cli.pid, 0)).toThrow('ESRCH');
  });

  test('SIGTERM ends it in the middle of things', async () => {
    using place = new Place();
    const cli = new Cli(['demo', '--duration', '600000'], place);
    await cli.until(() => /lab +session\.registered/.test(cli.stdout));
    cli.child.kill('SIGTERM');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/Guarded 2 profiles for .*, ended: SIGTERM\./);
    expect(place.leftovers()).toEqual([]);
  });

  test.skipIf(!hasTmux)(
    'on a terminal has two profiles with sessions in view, and ends with a report',
    async () => {
      using place = new Place();
      using terminal = new Terminal(place, 100, 30);
      terminal.type(`clear; ${process.execPath} ${mainFile} demo; echo "it ended: $?"`);
      await terminal.until('both profiles', (text) =>
        /● office {2}connected(.*\n)+● lab {2}connected/.test(text),
      );
      expect(terminal.text).toMatch(/_stDmate-session_dp24 +running +3h12m +found/);
      await terminal.until('somebody who starts something', (text) =>
        /_stRfirefox_dp24 +\w+ +\d+s +other/.test(text),
      );
      terminal.key('C-c');
      const after = await terminal.until('the end', (text) => text.includes('it ended: 0'));
      expect(after).toContain('Guarded 2 profiles');
      expect(terminal.modes).toBe('cursor 1 alternate 0');
      expect(place.leftovers()).toEqual([]);
    },
  );
});
