import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Guardian } from '../../src/guardian.js';
import { SimulatedWorld } from '../../src/testing/world.js';
import { keepWanted } from '../../src/wanted/keep.js';
import { Marks } from '../../src/wanted/marks.js';
import type { Declared } from '../../src/wanted/model.js';
import type { WantedNews } from '../../src/wanted/news.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const mail: Declared = {
  profile: 'office',
  name: 'mail',
  state: 'running',
  adopt: false,
  order: { kind: 'application', command: 'mutt' },
  presentation: {},
};
const settleMs = 5_000;

async function kept(declared: readonly Declared[], folder = mkdtempSync(join(tmpdir(), 'wanted-'))) {
  folders.push(folder);
  const world = new SimulatedWorld({ autoUpdateListSessionsCache: true, autoRegisterSessions: true });
  const { guardian, time } = world;
  const listening = countListeners(guardian);
  const news: (WantedNews & { readonly at: number })[] = [];
  const [profile] = guardian.profiles().map((one) => one.profile);
  if (profile === undefined) throw new Error('no profile');
  const marks = new Marks(folder);
  const close = keepWanted({
    guardian,
    profiles: [profile],
    declared,
    marks,
    file: '/home/alice/sessions.json',
    prune: false,
    clock: time.clock,
    settleMs,
    tell: (one) => news.push({ ...one, at: time.now() }),
  });
  await guardian.start();
  const of = (type: WantedNews['type']) => news.filter((one) => one.type === type);
  return {
    world,
    news,
    of,
    close,
    folder,
    marked: () => marks.of(profile).find(({ name }) => name === 'mail')?.session ?? '',
    /** Lets time pass until so much was told. */
    told: async (type: WantedNews['type'], count: number) => {
      for (let tries = 0; of(type).length < count && tries < 1_000; tries += 1) await world.run(250);
      expect(of(type)).toHaveLength(count);
      return news.filter((one) => one.type === type)[count - 1];
    },
    listening,
    /** After it nothing rings and nobody listens any more. */
    end: async () => {
      await world.finish(guardian.stop());
      expect(listening()).toBe(0);
      expect(time.pending('guardian')).toBe(0);
    },
  };
}

/** How many listen to a guardian from now on. */
function countListeners(guardian: Guardian): () => number {
  const listeners = new Set<symbol>();
  const on = guardian.on.bind(guardian) as (type: '*', listener: () => void) => () => void;
  guardian.on = (type: never, listener: never) => {
    const own = Symbol();
    listeners.add(own);
    const off = on(type, listener);
    return () => {
      listeners.delete(own);
      off();
    };
  };
  return () => listeners.size;
}

const living = (world: SimulatedWorld) => world.server().store.all.filter(({ alive }) => alive);

test('it is started once, killed, and back within two intervals', async () => {
  const { world, told, of, end, marked } = await kept([mail]);
  const started = await told('wanted.applied', 1);
  expect(started).toMatchObject({ action: 'start', outcome: 'done', session: marked() });
  await world.run(60_000);
  expect(of('wanted.applied')).toHaveLength(1);
  const killedAt = world.time.now();
  const first = marked();
  let goneAt = 0;
  const off = world.guardian.on('session.terminated', () => {
    goneAt = world.time.now();
    off();
  });
  world.server().sessions.terminate(first);
  const back = await told('wanted.applied', 2);
  expect((back?.at ?? 0) - killedAt).toBeLessThan(10_000);
  // No listing is waited for.
  expect(of('wanted.planned').at(-1)).toMatchObject({ action: 'start', at: goneAt });
  expect(marked()).not.toBe(first);
  expect(living(world)).toHaveLength(1);
  expect(of('wanted.delayed')).toEqual([]);
  await end();
});

test('one that dies again and again waits longer each time, says so, and is given up', async () => {
  const { world, told, of, end, marked } = await kept([mail]);
  for (let lives = 1; lives <= 6; lives += 1) {
    await told('wanted.applied', lives);
    world.server().sessions.terminate(marked());
  }
  expect(await told('wanted.givenUp', 1)).toMatchObject({ name: 'mail', attempts: 6 });
  const waits = of('wanted.delayed').map((one) =>
    'retryInMs' in one ? Math.round(one.retryInMs / 1_000) : 0,
  );
  expect(waits).toHaveLength(4);
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  await world.run(900_000);
  expect(of('wanted.applied')).toHaveLength(6);
  expect(living(world)).toEqual([]);
  await end();
});

test('one that was suspended elsewhere is resumed after an interval, not before; one taken over is not fought for', async () => {
  const { world, told, of, end, marked } = await kept([mail]);
  await told('wanted.applied', 1);
  world.server().sessions.suspend(marked());
  const suspendedAt = world.time.now();
  const resumed = await told('wanted.applied', 2);
  expect(resumed).toMatchObject({ action: 'resume', outcome: 'done', session: marked() });
  expect((resumed?.at ?? 0) - suspendedAt).toBeGreaterThan(settleMs);
  world.server().sessions.suspend(marked());
  await world.run(2_000);
  world.server().sessions.resume(marked());
  await world.run(60_000);
  expect(of('wanted.applied')).toHaveLength(2);
  await end();
});

test('the end while one waits to be resumed: nothing is waited for any more', async () => {
  const { world, told, of, end, marked } = await kept([mail]);
  await told('wanted.applied', 1);
  world.server().sessions.suspend(marked());
  await told('wanted.planned', 2);
  await world.run(1_000);
  await end();
  expect(of('wanted.applied')).toHaveLength(1);
});

test('one that is wanted suspended is started, suspended, and suspended again', async () => {
  const { world, told, end, marked } = await kept([{ ...mail, state: 'suspended' }]);
  await told('wanted.applied', 1);
  expect(living(world).map(({ state }) => state)).toEqual(['SUSPENDED']);
  world.server().sessions.resume(marked());
  expect(await told('wanted.applied', 2)).toMatchObject({ action: 'suspend', outcome: 'done' });
  await end();
});

test('a viewer that is missing is no reason to try for ever: given up at once, with the reason', async () => {
  const { world, told, of, end } = await kept([mail]);
  world.viewers.fault = 'missing';
  const given = await told('wanted.givenUp', 1);
  expect(given).toMatchObject({ failure: { code: 'proxy.missing' } });
  await world.run(120_000);
  expect(of('wanted.applied')).toHaveLength(1);
  expect(living(world)).toEqual([]);
  await end();
});

test("a line that is cut is the guardian's matter: nothing is started a second time", async () => {
  const { world, told, of, end } = await kept([mail]);
  await told('wanted.applied', 1);
  world.server().cut();
  await world.run(60_000);
  expect(of('wanted.applied')).toHaveLength(1);
  expect(living(world)).toHaveLength(1);
  await end();
});

test('the end in the middle of a start leaves no session; the next run starts it', async () => {
  const { world, told, end, folder } = await kept([mail]);
  await told('wanted.planned', 1);
  await world.run(500);
  await end();
  expect(living(world)).toEqual([]);
  const next = await kept([mail], folder);
  await next.told('wanted.applied', 1);
  await next.end();
});

test('given up in the middle of a start it is taken back, and the guardian goes on', async () => {
  const { world, told, news, end, close, listening } = await kept([mail]);
  await told('wanted.planned', 1);
  await world.run(500);
  close();
  await world.run(60_000);
  expect(living(world)).toEqual([]);
  const done = news.filter((one) => one.type === 'wanted.applied' && one.outcome === 'done');
  expect([listening(), done]).toEqual([0, []]);
  expect(world.guardian.profiles()).toMatchObject([{ state: 'connected' }]);
  await end();
});

test('another process that is at it is waited for', async () => {
  const { world, of, told, end, folder } = await kept([mail]);
  const [profile] = world.guardian.profiles().map((one) => one.profile);
  const free = profile && new Marks(folder).hold(profile, 'mail');
  expect(await told('wanted.applied', 1)).toMatchObject({
    outcome: 'failed',
    failure: { code: 'session.locked' },
  });
  free?.();
  expect(await told('wanted.applied', 2)).toMatchObject({ outcome: 'done' });
  expect(of('wanted.givenUp')).toEqual([]);
  await end();
});
