import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ending } from '../../src/cli/ending.js';
import { lifeView } from '../../src/cli/lifeView.js';
import { Printer } from '../../src/cli/printer.js';
import { Screen } from '../../src/cli/screen.js';
import { tableView } from '../../src/cli/tableView.js';
import { recordOf } from '../../src/records.js';
import { holding } from '../support/aftermath.js';
import { FakeIo } from './support/fakeIo.js';
import { ScreenModel } from './support/screenModel.js';

const shown = (model: ScreenModel) =>
  model.lines
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();

test('whatever is drawn after whatever, the terminal shows the last frame below what was there, and then nothing', () => {
  const line = fc.constantFrom('', 'title', 'profile one', 'profile two', 'session', 'news');
  const frames = fc.array(fc.array(line, { minLength: 1, maxLength: 7 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(frames, fc.nat(12), (all, above) => {
      const model = new ScreenModel(40, 8);
      const before = Array.from({ length: above }, (_, n) => `line ${n}`);
      model.write(before.map((text) => `${text}\n`).join(''));
      const screen = new Screen(model.output);
      for (const lines of all) {
        const frame = lines.join('\n');
        screen.draw(frame, frame);
        expect(shown(model)).toBe([...before, ...lines].join('\n').trimEnd());
      }
      screen.clear();
      expect(shown(model)).toBe(before.join('\n'));
    }),
    { numRuns: 2_000 },
  );
});

test('the line of one session goes with it: what the terminal does afterwards is no matter of it', () => {
  const io = new FakeIo({ TERM: 'xterm' });
  Object.assign(io.stdout, { isTTY: true });
  const ending = new Ending(io.events);
  const view = lifeView('starting it', { identity: [] }, { io, ending, printer: new Printer(io, ending) });
  view.open({} as never, [{ id: 'office', host: 'h', user: 'u' }]);
  view.show(
    recordOf({
      type: 'profile.connecting',
      profile: 'office',
      attempt: 1,
      retryInMs: 0,
      state: 'connecting',
      from: 'disconnected',
    }),
  );
  expect(io.out).toContain('connecting to office');
  view.close([]);
  const { length } = io.out;
  io.stdout.emit('resize');
  expect(io.out.slice(length)).toBe('');
  expect(io.stdout.listenerCount('resize')).toBe(0);
  ending.dispose();
});

test('a question that ends late draws no table below the report', () => {
  const io = new FakeIo();
  const ending = new Ending(io.events);
  const view = tableView(io, new Printer(io, ending), ending, { identity: [] });
  const timers = () => holding('Timeout');
  const before = timers();
  view.open({ sessions: () => undefined } as never, [{ id: 'office', host: 'h', user: 'u' }]);
  view.note({ v: 1, time: new Date().toISOString(), event: 'wanted.planned' }, 'news');
  view.stage.pause();
  expect(timers()).toBe(before + 2);
  view.close([]);
  view.stage.resume();
  expect(io.out.trimEnd()).toMatch(/Everything of ours is closed\.$/);
  expect([timers(), io.stdout.listenerCount('resize')]).toEqual([before, 0]);
  ending.dispose();
  expect(io.events.eventNames()).toEqual([]);
});
