import { afterEach, describe, expect, test } from 'vitest';
import { proxy } from '../../src/proxy/proxy.js';
import { viewer } from '../../src/proxy/viewer.js';
import type { Viewer, ViewerRequest } from '../../src/world.js';
import { manualClock } from '../support/manualClock.js';
import { eventually } from '../support/until.js';
import { aWorld, key, profile, run, session } from './support/aWorld.js';
import { cookie } from './support/fakeAgent.js';

/** A viewer of an app whose every moment the test decides. */
function aViewer({ ends = true, pid }: { ends?: boolean; pid?: number } = {}) {
  const requests: ViewerRequest[] = [];
  let hurry: AbortSignal | undefined;
  let up = () => {};
  let fail = (_cause: unknown) => {};
  let end = () => {};
  let crash = (_cause: unknown) => {};
  const view: Viewer = (request) => {
    requests.push(request);
    const shown = new Promise<void>((resolve, reject) => {
      up = resolve;
      fail = reject;
    });
    const ended = new Promise<void>((resolve, reject) => {
      end = resolve;
      crash = reject;
    });
    const ask = (signal: AbortSignal) => {
      hurry = signal;
      if (ends) end();
    };
    return { up: shown, ended, end: ask, ...(pid === undefined ? {} : { pid }) };
  };
  return {
    view,
    requests,
    up: () => up(),
    fail: (cause: unknown) => fail(cause),
    end: () => end(),
    crash: (cause: unknown) => crash(cause),
    hurry: () => hurry,
  };
}
let worlds: ReturnType<typeof aWorld>[] = [];
function start(view: Viewer, made = aWorld()) {
  worlds.push(made);
  return { ...made, ...run(viewer(made.world, view), { port: 4_000 }) };
}
afterEach(() => {
  for (const { world, armed } of worlds) {
    expect([...world.viewers]).toEqual([]);
    expect(world.scope.open).toEqual([]);
    expect(armed()).toBe(0);
  }
  worlds = [];
});

describe("an app's own viewer", () => {
  test('gets what it needs, is up when it says so, and ended when it says so', async () => {
    const app = aViewer();
    const shown = start(app.view);
    await shown.fact('proxy.launched');
    expect(app.requests).toEqual([{ profile, session, display: 50, port: 4_000, presentation: {}, cookie }]);
    expect(shown.world.viewers.get(key)).toBe(process.pid);
    expect(shown.of('proxy.up')).toBeUndefined();
    app.up();
    await shown.fact('proxy.up');
    app.end();
    expect((await shown.fact('proxy.ended')).end).toEqual({ how: 'ended' });
    expect(JSON.stringify(shown.facts)).not.toContain(cookie);
  });

  test('in a process of its own it says which: the tunnel is for that one alone', async () => {
    const app = aViewer({ pid: 4_711 });
    const shown = start(app.view);
    expect(await shown.fact('proxy.launched')).toMatchObject({ pid: 4_711 });
    expect(shown.world.viewers.get(key)).toBe(4_711);
    app.up();
    await shown.fact('proxy.up');
    app.end();
    await shown.fact('proxy.ended');
  });

  test('is asked to end, and when it is to be killed: at once', async () => {
    const app = aViewer({ ends: false });
    const shown = start(app.view);
    await shown.fact('proxy.launched');
    shown.ask('proxy.end');
    expect(app.hurry()?.aborted).toBe(false);
    shown.ask('proxy.kill');
    expect(app.hurry()?.aborted).toBe(true);
    app.end();
    expect((await shown.fact('proxy.ended')).end).toEqual({ how: 'ended' });
  });

  test.each([
    [
      'throws',
      (): never => {
        throw new Error('no window');
      },
    ],
    ['is broken', () => ({}) as never],
  ])('that %s: failed', async (_, view) => {
    const shown = start(view);
    expect((await shown.fact('proxy.ended')).end).toMatchObject({
      how: 'failed',
      failure: { code: 'proxy.failed', message: expect.stringMatching(/^The viewer failed: /) },
    });
  });

  test('that says it will never be up is ended, and why is told', async () => {
    const app = aViewer();
    const shown = start(app.view);
    await shown.fact('proxy.launched');
    app.fail(new Error('no codec'));
    const { end } = await shown.fact('proxy.ended');
    expect(end).toMatchObject({ how: 'failed', failure: { message: 'The viewer failed: no codec' } });
    expect(app.hurry()).toBeDefined();
  });

  test('that crashes: failed', async () => {
    const app = aViewer();
    const shown = start(app.view);
    await shown.fact('proxy.launched');
    app.crash(new Error('segfault'));
    expect((await shown.fact('proxy.ended')).end).toMatchObject({ how: 'failed' });
  });

  test('that shows nothing for 20 s, and then does not end either', async () => {
    const app = aViewer({ ends: false });
    const { clock, pass, armed } = manualClock();
    const shown = start(app.view, aWorld(clock));
    await shown.fact('proxy.launched');
    pass(20_000);
    await eventually('it to be asked', () => app.hurry() !== undefined && armed() === 1);
    expect(app.hurry()?.aborted).toBe(false);
    pass(2_000);
    await eventually('it to be told to end at once', () => app.hurry()?.aborted === true && armed() === 1);
    pass(500);
    const { end } = await shown.fact('proxy.ended');
    expect(end.failure?.message).toContain('20 s');
    const report = await shown.world.scope.close();
    expect(report.find(({ kind }) => kind === 'child')).toMatchObject({ outcome: 'failed' });
  });

  test('that has shown a picture may take its time for the next one', async () => {
    const app = aViewer();
    const { clock, pass, armed } = manualClock();
    const shown = start(app.view, aWorld(clock));
    await shown.fact('proxy.launched');
    app.up();
    await shown.fact('proxy.up');
    expect(armed()).toBe(0);
    pass(3_600_000);
    expect(app.hurry()).toBeUndefined();
    app.end();
    expect((await shown.fact('proxy.ended')).end).toEqual({ how: 'ended' });
  });

  test('is ended with its scope, and with its actor', async () => {
    for (const way of ['scope', 'actor'] as const) {
      const app = aViewer();
      const shown = start(app.view);
      await shown.fact('proxy.launched');
      if (way === 'actor') shown.stop();
      else await shown.world.scope.close();
      await eventually('it to be asked', () => app.hurry() !== undefined);
      await eventually('the scope to be empty', () => shown.world.scope.open.length === 0);
      if (way === 'actor') expect(shown.of('proxy.ended')).toBeUndefined();
    }
  });

  test('takes the place of nxproxy where there is one', async () => {
    const app = aViewer();
    const { world } = aWorld();
    const shown = run(proxy({ ...world, viewer: app.view }));
    await shown.fact('proxy.launched');
    expect(app.requests).toHaveLength(1);
    shown.stop();
    const none = run(proxy({ ...world, cookies: new Map(), viewer: undefined }));
    expect((await none.fact('proxy.ended')).end.failure?.message).not.toContain('viewer');
  });
});
