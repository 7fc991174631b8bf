import { expect, test } from 'vitest';
import { failure } from '../support/rows.js';
import { about, anAttachment, type Shown } from '../support/shownParts.js';

const shown = (): Shown => {
  const attachment = anAttachment().painted();
  attachment.ready('sound');
  return attachment;
};
const lineGone = failure('ssh.closed', true);
/** The tunnels close when told to, and what a crash left is looked for. */
const closeTunnels = (attachment: Shown) => {
  for (const call of attachment.tunnels.live) {
    expect(call.heard.at(-1)).toEqual({ type: 'tunnel.close' });
    call.answer({});
  }
  attachment.release.last.answer([]);
};

test('told to close, the proxy ends first, then the tunnels, then what was left is released', () => {
  const attachment = shown();
  attachment.close();
  attachment.close();
  expect(attachment.tags()).toEqual(['terminating']);
  expect(attachment.proxy.last.heard).toEqual([{ type: 'proxy.close' }]);
  for (const call of attachment.tunnels.live) expect(call.heard).toEqual([]);
  attachment.gone({ how: 'ended' }, 9);
  attachment.over('graphics');
  attachment.close();
  expect(attachment.release.calls).toEqual([]);
  attachment.over('sound');
  attachment.close();
  expect(attachment.release.last.input).toEqual({ ...about, how: 'settle' });
  expect(attachment.end()).toBe(undefined);
  attachment.release.last.answer([]);
  expect(attachment.end()).toEqual({ output: { end: { how: 'ended' }, at: 9 } });
});

test('told to close before there is a proxy, it closes the tunnels', () => {
  const attachment = anAttachment();
  attachment.close();
  closeTunnels(attachment);
  expect(attachment.end()).toEqual({ output: { end: { how: 'ended' }, at: 0 } });
});

test.each(['hangs', 'crashes'] as const)('a release that %s does not hold it up', (how) => {
  const attachment = anAttachment({ sound: false });
  attachment.close();
  attachment.over('graphics');
  if (how === 'crashes') attachment.release.last.crash();
  else {
    attachment.pass(2_950);
    expect(attachment.end()).toBe(undefined);
    attachment.pass(50);
  }
  expect(attachment.end()).toMatchObject({ output: { end: { how: 'ended' } } });
});

test('a viewer that died takes its tunnels with it, and says how it ended', () => {
  const attachment = shown();
  const end = { how: 'killed', failure: failure('proxy.failed', true) } as const;
  attachment.gone(end, 60);
  closeTunnels(attachment);
  expect(attachment.end()).toEqual({ output: { end, at: 60 } });
});

test('a graphics tunnel that breaks is the cause, whatever the viewer says then', () => {
  const attachment = shown();
  attachment.over('graphics', lineGone);
  expect(attachment.tags()).toEqual(['terminating']);
  expect(attachment.proxy.last.heard).toEqual([]);
  attachment.gone({ how: 'failed', failure: failure('proxy.failed', true) });
  closeTunnels(attachment);
  expect(attachment.end()).toMatchObject({ output: { end: { how: 'cut', failure: lineGone } } });
});

test('one that ends with its connection is no cause: the viewer says why', () => {
  const attachment = shown();
  attachment.over('graphics');
  attachment.gone({ how: 'ended' });
  closeTunnels(attachment);
  expect(attachment.end()).toMatchObject({ output: { end: { how: 'ended' } } });
});

test('a viewer that does not notice the end of its tunnel is told a second later', () => {
  const attachment = shown();
  attachment.over('graphics');
  attachment.pass(950);
  expect(attachment.proxy.last.heard).toEqual([]);
  attachment.pass(50);
  expect(attachment.proxy.last.heard).toEqual([{ type: 'proxy.close' }]);
  attachment.gone({ how: 'ended' });
  closeTunnels(attachment);
  expect(attachment.end()).toMatchObject({ output: { end: { how: 'cut' } } });
});

test('a graphics tunnel that is denied ends it before there was a proxy', () => {
  const attachment = anAttachment();
  attachment.over('graphics', lineGone);
  closeTunnels(attachment);
  expect(attachment.proxy.calls).toEqual([]);
  expect(attachment.end()).toMatchObject({ output: { end: { how: 'cut', failure: lineGone } } });
});

test('a tunnel that breaks while the proxy is asked to end changes nothing', () => {
  const attachment = shown();
  attachment.close();
  attachment.over('graphics', lineGone);
  attachment.over('sound', lineGone);
  expect(attachment.tags()).toEqual(['terminating']);
  attachment.gone({ how: 'ended' });
  attachment.release.last.answer([]);
  expect(attachment.end()).toMatchObject({ output: { end: { how: 'ended' } } });
});

test.each(['proxy', 'graphics', 'sound'] as const)(
  'when the chart of the %s crashes the rest is closed',
  (which) => {
    const attachment = shown();
    if (which === 'proxy') attachment.proxy.last.crash();
    else attachment.tunnel(which).crash();
    if (which !== 'proxy') attachment.gone();
    closeTunnels(attachment);
    expect(attachment.end()).toMatchObject({ output: { end: { how: 'failed' } } });
  },
);
