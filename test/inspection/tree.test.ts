import { expect, test } from 'vitest';
import type { FeedLine } from '../../src/inspection/feed.js';
import { Past } from '../../src/inspection/past.js';
import type { ActorNode, GuardianTree } from '../../src/inspection/tree.js';
import { everyFlag } from '../support/guard.js';
import { live } from '../support/life.js';
import { eventually } from '../support/until.js';

const all = (node: ActorNode): ActorNode[] => [node, ...node.children.flatMap(all)];
const of = (tree: GuardianTree, chart: string, kind: ActorNode['kind'] = 'chart') =>
  all(tree.root).filter((node) => node.chart === chart && node.kind === kind);

/** Ages are as old as the moment they were looked at. */
const ageless = (tree: GuardianTree | undefined) =>
  JSON.parse(
    JSON.stringify(tree, (key, value) =>
      ['time', 'ageMs', 'ageSeconds'].includes(key) || (key === 'at' && typeof value === 'string')
        ? undefined
        : value,
    ),
  );

test('the tree shows every actor, its state and what there is to know of it', async () => {
  await using life = await live(everyFlag);
  const { guardian } = life;
  await life.log.until('profile.connected');
  await life.log.until('cache.refreshed');
  const session = await life.start({ sound: true });
  const tree = guardian.inspect();

  expect(tree.root).toMatchObject({
    id: 'guardian',
    chart: 'guardian',
    tags: ['guarding'],
    status: 'active',
  });
  const [profile] = of(tree, 'profile');
  expect(profile).toMatchObject({
    id: 'guardian/profile:office',
    tags: expect.arrayContaining(['connected']),
    about: {
      profile: 'office',
      host: life.emulator.host,
      user: 'alice',
      own: 1,
      caches: { sessions: { source: expect.stringMatching(/listing|watch/), ageMs: expect.any(Number) } },
    },
  });
  expect(of(tree, 'transport', 'leaf')).toHaveLength(1);
  expect(of(tree, 'watch', 'leaf')[0]).toMatchObject({ value: null, tags: [], status: 'active' });
  expect(of(tree, 'session')[0]).toMatchObject({
    tags: ['running'],
    about: {
      profile: 'office',
      session: session.id,
      ours: true,
      by: 'me',
      state: 'running',

      kind: 'application',
    },
  });
  expect(of(tree, 'tunnel').find(({ name }) => name === 'graphics')).toMatchObject({
    tags: ['open'],
    about: {
      name: 'graphics',
      sent: expect.any(Number),
      received: expect.any(Number),
      channels: expect.any(Number),
    },
  });
  expect(of(tree, 'proxy')[0]).toMatchObject({
    tags: ['up'],
    about: { pid: expect.any(Number), display: expect.any(Number), session: session.id },
  });
  for (const { id, children } of all(tree.root))
    for (const child of children) expect(child.id.startsWith(`${id}/`)).toBe(true);
});

test('what a feed adds up to is what the guardian shows, through a cut line and to the end', async () => {
  await using life = await live({ ...everyFlag, start: false, refreshInterval: 200 });
  const { guardian, log } = life;
  const lines: FeedLine[] = [];
  guardian.feed((line) => lines.push(line));
  const past = () => {
    const folded = new Past();
    for (const line of lines) folded.add(JSON.parse(JSON.stringify(line)));
    return folded;
  };
  const expectSame = () => expect(ageless(past().tree)).toEqual(ageless(guardian.inspect()));

  await guardian.start();
  const session = await life.start();
  expectSame();
  const before = lines.length;
  await life.emulator.faults.reset();
  await log.until('session.recovering');
  await log.until('session.resumed');
  expectSame();
  expect(lines.slice(before).some((line) => line.t === 'state' && line.error?.code === 'ssh.closed')).toBe(
    true,
  );
  await session.suspend();
  expectSame();
  const address = of(guardian.inspect(), 'session')[0]?.id ?? '';
  expect(
    past()
      .history(address)
      .map(({ to }) => to),
  ).toEqual(guardian.history(address).map(({ to }) => to));
  await guardian.stop();
  expectSame();

  expect(lines[0]?.t).toBe('tree');
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, place) => place));
  const names = new Set(lines.map(({ t }) => t));
  expect([...names].sort()).toEqual(['actor', 'event', 'fact', 'gone', 'state', 'tree']);
  const edges = lines.flatMap((line) => (line.t === 'state' ? (line.edge ?? []) : []));
  expect(edges).toContainEqual(expect.objectContaining({ event: 'line.lost' }));
});

test('an actor that is there again has another address', async () => {
  await using life = await live();
  const session = await life.start();
  await session.suspend();
  await session.resume();
  const ids = all(life.guardian.inspect().root).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.some((id) => id.endsWith('/attachment~2'))).toBe(true);
});

test('one that listens late is told everything there is, and no line less than the others', async () => {
  await using life = await live(everyFlag);
  const [early, late]: [FeedLine[], FeedLine[]] = [[], []];
  life.guardian.feed((line) => early.push(line));
  await life.log.until('profile.connected');
  const stop = life.guardian.feed((line) => late.push(line));
  await life.start();
  expect(late.slice(1)).toEqual(early.filter(({ seq }) => seq > (late[0]?.seq ?? 0)));
  stop();
  const { length } = late;
  const before = early.length;
  await eventually('more to happen', () => early.length > before);
  expect(late).toHaveLength(length);
});

test('what a listener throws hurts nobody', async () => {
  await using life = await live({ start: false });
  life.guardian.feed(() => {
    throw new Error('thrown by a listener');
  });
  await life.guardian.start();
  await life.start();
  expect(life.guardian.profiles()[0]?.state).toBe('connected');
});
