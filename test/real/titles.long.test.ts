import type { ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { describeReal } from '../support/describeReal.js';
import { type Guarded, id } from '../support/guarded.js';
import { soon } from '../support/real/bounds.js';
import { endChild, spawnTied } from '../support/real/child.js';
import { eventually } from '../support/real/eventually.js';
import { run } from '../support/real/run.js';
import { isManaged, windowsOn } from '../support/real/windows.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { type Stage, setStage } from '../support/showing.js';

/** A start takes 4 s on a quiet machine, and 20 where much else runs. */
const patient = { timeout: 110_000 };
const desktop = {
  kind: 'desktop',
  command: 'openbox',
  geometry: '640x480',
  title: 'Büro 1',
  sound: false,
} as const;

describeReal("the title of a session's window", () => {
  let server: RealServer;
  let stage: Stage;
  let guarded: Guarded;
  let manager: ChildProcess | undefined;
  beforeAll(async () => {
    server = await startRealServer();
    stage = await setStage(server);
    guarded = stage.guard();
    await guarded.guardian.start();
  }, 60_000);
  afterAll(async () => {
    await stage?.stop();
    if (manager) await endChild(manager);
    await server?.stop();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') guarded?.tell();
  });
  const names = async () => (await windowsOn(stage.screen.display)).map(({ name }) => name);
  const named = (name: string) =>
    eventually(`a window called ${name}`, async () => (await names()).includes(name), {
      timeoutMs: soon(5_000),
    });
  /** `xprop -name` would look for latin-1 bytes. */
  const property = async (title: string, name: string) => {
    const { display } = stage.screen;
    const utf8 = { spawn: { env: { ...process.env, LC_ALL: 'C.UTF-8' } } };
    const tree = await run('xwininfo', ['-root', '-tree', '-display', display], utf8);
    const window = tree.stdout.split('\n').find((line) => line.includes(`"${title}"`)) ?? '';
    const [number = 'none'] = /0x[0-9a-f]+/.exec(window) ?? [];
    return (await run('xprop', ['-display', display, '-id', number, name], utf8)).stdout.trim();
  };

  test('a desktop bears it, and at a resume the new one, under a window manager too; so does a shared one', {
    timeout: 240_000,
  }, async () => {
    const session = await guarded.guardian.startSession(id, desktop, patient);
    await named(desktop.title);
    expect(await names()).not.toContain(`X2GO-${session.id}`);
    expect(await property(desktop.title, '_NET_WM_NAME')).toBe('_NET_WM_NAME(UTF8_STRING) = "Büro 1"');
    expect(await property(desktop.title, 'WM_ICON_NAME')).toBe('WM_ICON_NAME(STRING) = "Büro 1"');
    await session.suspend(patient);
    manager = spawnTied('openbox', ['--sm-disable'], { stdio: 'ignore' });
    await eventually('a window manager', () => isManaged(stage.screen.display));
    await session.resume({ title: 'Lager — zwei' }, patient);
    await named('Lager — zwei');
    expect(await names()).not.toContain(`X2GO-${session.id}`);
    expect(await property('Lager — zwei', 'WM_NAME')).toBe('WM_NAME(UTF8_STRING) = "Lager — zwei"');
    const display = Number(/-([0-9]+)-[0-9]+_st/.exec(session.id)?.[1]);
    const shared = { desktop: { user: server.user, display }, mode: 'view', sound: false } as const;
    const share = await guarded.guardian.shareDesktop(id, { ...shared, title: 'To look at' }, patient);
    await named('To look at');
    expect(await names()).not.toContain(`X2GO-${share.id}`);
    await share.terminate(patient);
    await session.terminate(patient);
  });
});
