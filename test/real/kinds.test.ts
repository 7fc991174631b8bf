import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { failureTable } from '../../machines/vocabulary.js';
import type { Session, SessionOrder } from '../../src/index.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { type Guarded, id } from '../support/guarded.js';
import { endChild, spawnTied } from '../support/real/child.js';
import { eventually } from '../support/real/eventually.js';
import { isManaged, windowsOn } from '../support/real/windows.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { agentsOf, type Stage, setStage } from '../support/showing.js';

const quiet = { sound: false } as const;
const shown = {
  application: {
    ...quiet,
    kind: 'application',
    command: 'xterm -title told -e sleep 600',
    link: 'lan',
    pack: '16m-png-jpeg',
    quality: 3,
    keyboard: { layout: 'de' },
    clipboard: 'server',
    dpi: 120,
  },
  desktop: {
    ...quiet,
    kind: 'desktop',
    command: 'openbox',
    geometry: '800x600',
    link: 'modem',
    pack: '256k',
    clipboard: 'none',
    xinerama: true,
  },
  maximized: { ...quiet, kind: 'desktop', command: 'openbox', geometry: 'maximize' },
  published: { ...quiet, kind: 'published' },
} as const satisfies Record<string, SessionOrder>;
/** What comes to nothing. */
const nothings: [string, SessionOrder][] = [
  ['a command that is not there', { ...quiet, kind: 'application', command: 'no-such-program --really' }],
];
if (process.env.LONG)
  nothings.push([
    'a Windows desktop, where rdesktop is missing',
    { ...quiet, kind: 'rdp', host: '127.0.0.1' },
  ]);

type Shown = keyof typeof shown;

/** Several starts at once take turns on the server's few processors. */
const patient = { timeout: 110_000 };

describeReal('a session of every kind', () => {
  let server: RealServer;
  let stage: Stage;
  let manager: ChildProcess;
  let guarded: Guarded;
  let sessions: Readonly<Record<Shown, Session>>;

  beforeAll(async () => {
    server = await startRealServer();
    stage = await setStage(server);
    // Without a window manager an agent takes three quarters of the screen, whatever it is told.
    manager = spawnTied('openbox', ['--sm-disable'], { stdio: 'ignore' });
    await eventually('a window manager', () => isManaged(stage.screen.display));
    guarded = stage.guard();
    await guarded.guardian.start();
    const started = Object.entries(shown).map(
      async ([name, order]) => [name, await guarded.guardian.startSession(id, order, patient)] as const,
    );
    sessions = Object.fromEntries(await Promise.all(started)) as Record<Shown, Session>;
  }, 150_000);
  afterAll(async () => {
    await stage?.stop();
    if (manager) await endChild(manager);
    await server?.stop();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') guarded?.tell();
  });

  /** An agent has a helper of the same name for a moment. */
  const agents = () => [...new Set(agentsOf(server.uid).map(({ cmdline }) => cmdline))].sort();
  const commandLineOf = (session: string) =>
    agents().find((cmdline) => cmdline.includes(`X2GO-${session} `)) ?? '';
  const optionsOf = (session: string) => {
    const text = readFileSync(`/tmp/.x2go-${server.user}/C-${session}/options`, 'utf8');
    return Object.fromEntries(text.split(',').map((option) => option.split('='))) as Record<string, string>;
  };
  const windowOf = (name: string) =>
    eventually(`a window ${name}`, async () =>
      (await windowsOn(stage.screen.display)).find((window) => window.name === name),
    );

  test('four starts at once on one profile: four sessions, each with a viewer of its own', async () => {
    expect(new Set(Object.values(sessions).map((session) => session.id)).size).toBe(4);
    for (const [name, session] of Object.entries(sessions)) expect(session.state, name).toBe('running');
    expect(stage.proxies()).toHaveLength(4);
    expect(agents()).toHaveLength(4);
  });

  test('an application: its window alone, with what was said of link, pack, keyboard, clipboard and dpi', async () => {
    const { id: session } = sessions.application;
    expect(session).toMatch(/_stRxterm_dp24$/);
    await windowOf('told');
    expect(stage.screen.colours()).toBeGreaterThan(2);
    expect(commandLineOf(session)).toMatch(/ -dpi 120 .*-R /);
    expect(optionsOf(session)).toMatchObject({
      link: 'lan',
      pack: '16m-png-jpeg-3',
      kbtype: 'pc105/de',
      clipboard: 'server',
      xinerama: '0',
    });
  });

  test('a desktop: a window of the size that was asked for', async () => {
    const { id: session } = sessions.desktop;
    expect(session).toMatch(/_stDopenbox_dp24$/);
    expect(commandLineOf(session)).toMatch(/ -D .*-geometry 800x600 /);
    expect(optionsOf(session)).toMatchObject({
      link: 'modem',
      pack: '256k',
      geometry: '800x600',
      clipboard: 'none',
      xinerama: '1',
      fullscreen: '0',
    });
    expect(await windowOf(`X2GO-${session}`)).toMatchObject({ width: 800, height: 600 });
  });

  test('maximize is the size of the screen here', async () => {
    const { id: session } = sessions.maximized;
    expect(optionsOf(session)).toMatchObject({ geometry: '1280x800', link: 'adsl', pack: '16m-jpeg-9' });
    await windowOf(`X2GO-${session}`);
  });

  test('published applications: an agent that waits for the first of them', async () => {
    const { id: session } = sessions.published;
    expect(session).toMatch(/_stRPUBLISHED_dp24$/);
    expect(commandLineOf(session)).toMatch(/ -R -norootlessexit /);
    expect(
      guarded.of('session.registered').find(({ record }) => record.session === session)?.record.kind,
    ).toBe('published');
  });

  describe('which comes to nothing', () => {
    test.each(nothings)('%s: told by name, and nothing of it is left', async (_, order) => {
      const before = agents();
      const began = performance.now();
      const error = await guarded.guardian.startSession(id, order, patient).catch((cause) => cause);
      expect(error).toMatchObject({ code: 'command.notFound', retryable: false });
      expect(failureTable['command.notFound'].exit).toBe(79);
      const failed = await guarded.until('session.failed', { after: began });
      expect(failed.record).toMatchObject({ by: 'me', failure: { code: 'command.notFound' } });
      expect(guarded.story(failed.record.session, began)).toEqual(['registered', 'failed', 'terminated']);
      expect(agents()).toEqual(before);
      expect(stage.proxies()).toHaveLength(before.length);
      expect(guarded.guardian.session(id, failed.record.session ?? '').state).toBe('terminated');
    });
  });

  longTest('a desktop by XDMCP: its agent queries that host, on the whole screen', async () => {
    const order = { ...quiet, kind: 'xdmcp', host: '127.0.0.1', geometry: 'fullscreen' } as const;
    const session = await guarded.guardian.startSession(id, order, patient);
    expect(session.id).toMatch(/_stDXDMCP_dp24_127\.0\.0\.1$/);
    expect(commandLineOf(session.id)).toMatch(/ -query 127\.0\.0\.1 -D /);
    expect(optionsOf(session.id)).toMatchObject({ fullscreen: '1' });
    expect(await windowOf(`X2GO-${session.id}`)).toMatchObject({ width: 1280, height: 800 });
    await session.terminate();
    expect(commandLineOf(session.id)).toBe('');
  });

  test('all of them are suspended by the end of the guardian', async () => {
    const report = await guarded.guardian.stop();
    expect(report.filter(({ outcome }) => outcome !== 'closed')).toEqual([]);
    expect(stage.proxies()).toEqual([]);
    for (const session of Object.values(sessions))
      expect(guarded.story(session.id), session.id).toEqual(['registered', 'started', 'suspended']);
  });
});

describeReal('an order that no server is to be asked for', () => {
  let server: RealServer;
  let stage: Stage;
  let guarded: Guarded;

  beforeAll(async () => {
    server = await startRealServer();
    stage = await setStage(server);
    guarded = stage.guard();
    await guarded.guardian.start();
    await guarded.guardian.connect(id);
  });
  afterAll(async () => {
    await stage?.stop();
    await server?.stop();
  });

  test.each<[string, object]>([
    ['an empty command', { command: ' ' }],
    ['a command of two lines', { command: 'xterm\nxterm' }],
    ['a command that holds the word for a blank', { command: 'xtermX2GO_SPACE_CHAR-e' }],
    ['options smuggled in by the pack', { pack: '16m-jpeg-9,composite=0' }],
    ['options smuggled in by the keyboard', { keyboard: { type: 'pc105/us,menu=1' } }],
    ['a geometry that is none', { geometry: '800' }],
    ['a link that no server knows', { link: 'fast' }],
    ['a clipboard that goes nowhere', { clipboard: 'sideways' }],
    ['a quality beyond the best', { quality: 10 }],
    ['a resolution that is none', { dpi: 0 }],
    ['a depth that no agent has', { depth: 17 }],
    ['a kind that is none', { kind: 'printer' }],
    ['a host that is an option', { kind: 'xdmcp', host: '-oops' }],
    ['a password for everybody to see', { kind: 'rdp', host: 'windows', options: '-psecret' }],
    ['a desktop of nobody', { kind: 'shadow', desktop: { user: '', display: 50 }, mode: 'view' }],
  ])('%s', async (_, part) => {
    const order = { kind: 'application', command: 'xterm', ...part } as SessionOrder;
    const error = await guarded.guardian.startSession(id, order).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'order.invalid', retryable: false });
    expect(error.message).not.toContain('secret');
    expect(guarded.of('session.failed')).toEqual([]);
    expect(agentsOf(server.uid)).toEqual([]);
  });
});
