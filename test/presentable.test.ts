import { afterEach, beforeEach, expect, test } from 'vitest';
import { monotonicClock } from '../src/clock.js';
import { presentable } from '../src/presentable.js';
import { type StubNxproxy, stubNxproxy } from './support/stubNxproxy/stubNxproxy.js';
import { type StubScreen, stubScreen } from './support/stubNxproxy/stubScreen.js';

let stub: StubNxproxy;
let screen: StubScreen;
const { PATH, DISPLAY } = process.env;
beforeEach(async () => {
  stub = stubNxproxy();
  screen = await stubScreen([{ width: 1366, height: 768, depth: 24 }]);
  Object.assign(process.env, { PATH: stub.env().PATH, DISPLAY: screen.display });
});
afterEach(async () => {
  Object.assign(process.env, { PATH });
  delete process.env.DISPLAY;
  if (DISPLAY !== undefined) process.env.DISPLAY = DISPLAY;
  await screen.stop();
  stub.remove();
});

test('maximize is the size of the screen that is meant; every other geometry stays as it is', async () => {
  const wish = { geometry: 'maximize', title: 'mine' };
  expect(await presentable(wish, monotonicClock)).toEqual({ geometry: '1366x768', title: 'mine' });
  expect(await presentable({ geometry: 'fullscreen' }, monotonicClock)).toEqual({ geometry: 'fullscreen' });
  const other = await stubScreen([{ width: 800, height: 600, depth: 24 }]);
  expect(await presentable({ ...wish, screen: other.display }, monotonicClock)).toMatchObject({
    geometry: '800x600',
  });
  await other.stop();
});

test('without a screen, or without nxproxy, nothing is asked of a server', async () => {
  delete process.env.DISPLAY;
  await expect(presentable({}, monotonicClock)).rejects.toMatchObject({ code: 'screen.missing' });
  await expect(presentable({ screen: '/nonexistent/x:0' }, monotonicClock)).rejects.toMatchObject({
    code: 'screen.missing',
  });
  Object.assign(process.env, { PATH: '/nonexistent' });
  await expect(presentable({ screen: screen.display }, monotonicClock)).rejects.toMatchObject({
    code: 'proxy.missing',
  });
});
