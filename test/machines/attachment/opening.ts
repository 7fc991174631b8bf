import { expect, test } from 'vitest';
import { failure } from '../support/rows.js';
import { agentPorts } from '../support/sessionPorts.js';
import { about, anAttachment } from '../support/shownParts.js';

const phases = (attachment: ReturnType<typeof anAttachment>) =>
  attachment.heard().map(({ type, phase, sound }) => phase ?? `${type} ${sound}`);

test('both tunnels at once, then the proxy, then the picture, then it is shown', () => {
  const attachment = anAttachment({ geometry: '800x600' });
  expect(attachment.tunnels.calls.map(({ input }) => input)).toEqual([
    { ...about, tunnel: 'graphics', serverPort: agentPorts.graphics },
    { ...about, tunnel: 'sound', serverPort: agentPorts.sound },
  ]);
  expect(attachment.proxy.calls).toEqual([]);
  expect(attachment.tags()).toEqual(['opening']);
  attachment.ready('sound');
  attachment.ready('graphics', 3);
  expect(attachment.proxy.last.input).toEqual({
    ...about,
    display: 51,
    port: 40_001,
    presentation: { geometry: '800x600' },
  });
  expect(attachment.heard()).toEqual([
    { type: 'attachment.sounded', sound: true },
    { type: 'attachment.progress', phase: 'tunnel', at: 3 },
  ]);
  attachment.proxy.last.tell({ type: 'proxy.running', at: 5 });
  attachment.proxy.last.tell({ type: 'proxy.shown', at: 6 });
  expect(attachment.heard()).toEqual([
    { type: 'attachment.progress', phase: 'proxy', at: 5 },
    { type: 'attachment.progress', phase: 'picture', at: 6 },
    { type: 'attachment.shown', sound: true, at: 6 },
  ]);
  expect(attachment.tags()).toEqual(['shown']);
});

test('without sound nothing waits for it', () => {
  const attachment = anAttachment({ sound: false }).painted();
  expect(attachment.tunnels.calls).toHaveLength(1);
  expect(phases(attachment)).toEqual([
    'attachment.sounded false',
    'tunnel',
    'proxy',
    'picture',
    'attachment.shown false',
  ]);
});

test('that there is sound, or none, is told once', () => {
  const attachment = anAttachment().painted();
  attachment.ready('sound');
  attachment.ready('sound');
  attachment.over('sound', failure('tunnel.denied', false));
  const denied = anAttachment();
  denied.over('sound', failure('tunnel.denied', false));
  for (const [one, sound] of [
    [attachment, true],
    [denied, false],
  ] as const)
    expect(one.heard().filter(({ type }) => type === 'attachment.sounded')).toEqual([
      { type: 'attachment.sounded', sound },
    ]);
});

test('the picture waits for the sound, but for three seconds only', () => {
  const soon = anAttachment().painted();
  expect(soon.tags()).toEqual(['opening']);
  soon.ready('sound');
  expect(soon.heard().at(-1)).toMatchObject({ type: 'attachment.shown', sound: true });
  const never = anAttachment().painted();
  never.pass(2_950);
  expect(never.tags()).toEqual(['opening']);
  never.pass(50);
  expect(never.heard().at(-1)).toMatchObject({ type: 'attachment.shown', sound: false });
  never.ready('sound');
  expect(never.context().sound).toBe('open');
});

test.each(['tunnel', 'picture'] as const)(
  'a sound tunnel that is denied costs only the sound (before the %s)',
  (when) => {
    const attachment = anAttachment();
    if (when === 'picture') attachment.painted();
    attachment.over('sound', failure('tunnel.denied', false));
    if (when === 'tunnel') attachment.painted();
    expect(attachment.tags()).toEqual(['shown']);
    expect(attachment.heard().at(-1)).toMatchObject({ type: 'attachment.shown', sound: false });
    expect(attachment.tunnels.live).toHaveLength(1);
  },
);

test('what a tunnel finds unread, and read again, the proxy is told; of the sound it is not', () => {
  const attachment = anAttachment();
  const graphics = attachment.tunnel('graphics');
  graphics.tell({ type: 'tunnel.unread', tunnel: 'graphics', forMs: 10_000 });
  attachment.painted();
  graphics.tell({ type: 'tunnel.unread', tunnel: 'graphics', forMs: 10_000 });
  graphics.tell({ type: 'tunnel.read', tunnel: 'graphics' });
  attachment.tunnel('sound').tell({ type: 'tunnel.unread', tunnel: 'sound', forMs: 10_000 });
  expect(attachment.proxy.last.heard).toEqual([
    { type: 'proxy.unread', forMs: 10_000 },
    { type: 'proxy.read' },
  ]);
});

test('a feature is paused and resumed by its tunnel; one that is not there is not', () => {
  const attachment = anAttachment();
  for (const type of ['tunnel.pause', 'tunnel.resume'])
    attachment.send({ type, tunnel: 'sound' } as { type: string });
  expect(attachment.tunnel('sound').heard).toEqual([{ type: 'tunnel.pause' }, { type: 'tunnel.resume' }]);
  const silent = anAttachment({ sound: false });
  silent.send({ type: 'tunnel.pause', tunnel: 'sound' } as { type: string });
  expect(silent.tags()).toEqual(['opening']);
});

test('a fact of a tunnel or of the proxy goes on as it is', () => {
  const attachment = anAttachment();
  const fact = { ...about, type: 'tunnel.opened', tunnel: 'sound', port: 5 } as const;
  attachment.tunnel('sound').tell({ type: 'fact.reported', fact });
  expect(attachment.news()).toEqual([fact]);
});
