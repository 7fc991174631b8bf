import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { nxproxy } from '../../src/proxy/nxproxy.js';
import { faultOf, makePrivateFolder, privatePath } from '../../src/proxy/privateFolder.js';
import { makeTempDir } from '../support/real/owner.js';
import { type StubNxproxy, stubNxproxy } from '../support/stubNxproxy/stubNxproxy.js';
import { type StubScreen, stubScreen } from '../support/stubNxproxy/stubScreen.js';
import { aWorld, run } from './support/aWorld.js';
import { fakeAgent } from './support/fakeAgent.js';

const isRoot = process.getuid?.() === 0;

describe('where the private folder is', () => {
  let dir: string;
  beforeEach(() => {
    dir = makeTempDir('places');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const made = (name: string, mode = 0o700) => {
    const path = join(dir, name);
    mkdirSync(path);
    chmodSync(path, mode);
    return path;
  };
  const baseFor = (XDG_RUNTIME_DIR?: string) => dirname(privatePath({ XDG_RUNTIME_DIR }));

  test('in the runtime folder, under a name that cannot be guessed', () => {
    const base = made('run');
    expect(baseFor(base)).toBe(base);
    expect(privatePath({ XDG_RUNTIME_DIR: base })).not.toBe(privatePath({ XDG_RUNTIME_DIR: base }));
  });

  test('not in one that is a link, open to others, absent, relative, no folder, or has a word that separates', () => {
    const link = join(dir, 'link');
    symlinkSync(made('target'), link);
    const file = join(dir, 'file');
    writeFileSync(file, '');
    const bad = ['a,b', 'a:b', 'a b', 'a=b'].map((name) => made(name));
    for (const base of [
      link,
      made('open', 0o777),
      made('group', 0o770),
      join(dir, 'no'),
      'run',
      file,
      ...bad,
    ])
      expect(baseFor(base)).toBe(tmpdir());
    expect(baseFor(undefined)).toBe(tmpdir());
  });

  test.runIf(isRoot)("not in one that is somebody else's, though we might", async () => {
    const { chownSync } = await import('node:fs');
    const base = made('theirs');
    chownSync(base, 12_345, 12_345);
    expect(baseFor(base)).toBe(tmpdir());
    expect(faultOf(base, false)).toBe('belongs to somebody else');
  });

  test('no place that is fit: a failure with a name, which says why for each', () => {
    const places = [made('wild', 0o777), join(dir, 'gone')];
    const run = made('run', 0o777);
    expect(() => privatePath({ XDG_RUNTIME_DIR: run }, places)).toThrow(
      expect.objectContaining({
        code: 'file.unwritable',
        message: expect.stringMatching(
          /run is open to others, .*wild is open to others, .*gone cannot be used \(ENOENT\)/,
        ),
      }),
    );
  });

  test('it is made for us alone, and whatever stands there already is refused', () => {
    const path = join(dir, 'ours');
    makePrivateFolder(path);
    expect(lstatSync(path).mode & 0o777).toBe(0o700);
    symlinkSync(made('elsewhere'), join(dir, 'planted'));
    for (const there of [path, join(dir, 'planted')])
      expect(() => makePrivateFolder(there)).toThrow(expect.objectContaining({ code: 'file.unwritable' }));
  });

  test('a folder that everybody may write, without the sticky bit, holds no secret', () => {
    expect(faultOf(made('wild', 0o777), false)).toBe('is open to others');
    expect(faultOf(made('sticky', 0o1777), false)).toBeUndefined();
  });
});

describe('what survives a run', () => {
  let stub: StubNxproxy;
  let screen: StubScreen;
  let agent: Awaited<ReturnType<typeof fakeAgent>>;
  beforeEach(async () => {
    [stub, screen, agent] = [stubNxproxy(), await stubScreen(), await fakeAgent()];
  });
  afterEach(async () => {
    await screen.stop();
    await agent.stop();
    stub.remove();
  });
  const depth24 = 'cache-unix-kde-depth_24';
  /** The root of the run, as it was while nxproxy ran. */
  async function show(more: Record<string, string>, look: (root: string) => void = () => {}) {
    const { world } = aWorld();
    const proxy = run(nxproxy(world, { env: stub.env({ DISPLAY: screen.display, ...more }) }), agent);
    await proxy.fact('proxy.up');
    look(stub.runs().at(-1)?.env.NX_ROOT ?? '');
    proxy.ask('proxy.end');
    expect((await proxy.fact('proxy.ended')).end).toEqual({ how: 'ended' });
    expect(readdirSync(stub.env().XDG_RUNTIME_DIR ?? '')).toEqual([]);
  }

  test('the cache: what one run wrote, the next one finds', async () => {
    await show({}, (root) => writeFileSync(join(root, depth24, 'S-1'), 'pictures'));
    const kept = join(stub.env().XDG_CACHE_HOME ?? '', 'x2go-guardian', 'nx', depth24);
    expect(lstatSync(kept).mode & 0o777).toBe(0o700);
    expect(readdirSync(kept)).toEqual(['S-1']);
    await show({}, (root) => expect(readdirSync(join(root, depth24))).toEqual(['S-1']));
  });

  test('without a home for it, nxproxy runs without', async () => {
    const file = join(stub.env().XDG_CACHE_HOME ?? '', 'file');
    writeFileSync(file, '');
    for (const XDG_CACHE_HOME of ['/proc/nowhere', file])
      await show({ XDG_CACHE_HOME }, (root) => expect(existsSync(join(root, depth24))).toBe(false));
  });

  test('not where a link leads elsewhere', async () => {
    const cache = stub.env().XDG_CACHE_HOME ?? '';
    const elsewhere = makeTempDir('elsewhere');
    onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }));
    symlinkSync(elsewhere, join(cache, 'x2go-guardian'));
    await show({}, (root) => expect(existsSync(join(root, depth24))).toBe(false));
  });

  test('removing the folder does not follow the link into the cache', async () => {
    await show({}, (root) => {
      expect(readlinkSync(join(root, depth24))).toContain('x2go-guardian');
      writeFileSync(join(root, depth24, 'S-2'), 'pictures');
    });
    const kept = join(stub.env().XDG_CACHE_HOME ?? '', 'x2go-guardian', 'nx', depth24);
    expect(readdirSync(kept)).toEqual(['S-2']);
  });
});
