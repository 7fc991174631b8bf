import { expect, test } from 'vitest';
import { aProfile, everything } from '../support/aProfile.js';
import { failure, listed, row, sid } from '../support/rows.js';

const changed = (states: Record<string, string>, gone: readonly number[] = []) => ({
  type: 'watch.changed',
  states,
  gone,
});

test('a watch is opened at the wanted pace and told which agents to look after', () => {
  const office = aProfile().watching([row(1)]);
  expect(office.watch.last.input).toEqual({ profile: 'office', idlePaceMs: 1_000, busyPaceMs: 250 });
  expect(office.watch.last.heard).toEqual([{ type: 'watch.agents', agents: [1_001] }]);
  office.send({ type: 'refresh.wanted' });
  office.survey.last.answer(listed([row(1), row(2)]));
  expect(office.watch.last.heard.at(-1)).toEqual({ type: 'watch.agents', agents: [1_001, 1_002] });
});

test('a change seen by the watch is told at once and listed at once', () => {
  const office = aProfile().watching([row(1)]);
  office.watch.last.tell(changed({ [sid(1)]: 'SUSPENDED', [sid(9)]: 'RUNNING' }));
  expect(office.told()).toEqual(['session.suspended running>suspended other']);
  expect(office.survey.calls).toHaveLength(2);
  office.survey.last.answer(listed([row(1, { status: 'S' })], { states: { [sid(1)]: 'SUSPENDED' } }));
  expect(office.told()).toEqual(['cache.refreshed']);
});

test('a listing overtaken by the watch neither invents nor doubles a change', () => {
  const office = aProfile().watching([row(1)]);
  office.send({ type: 'refresh.wanted' });
  office.watch.last.tell(changed({ [sid(1)]: 'SUSPENDED' }));
  office.news();
  office.survey.last.answer(listed([row(1), row(2)], { states: { [sid(1)]: 'RUNNING' } }));
  expect(office.told()).toEqual(['cache.refreshed', 'session.registered virgin>running other']);
  office.survey.last.answer(listed([row(1, { status: 'S' }), row(2)], { states: { [sid(1)]: 'SUSPENDED' } }));
  expect(office.told()).toEqual(['cache.refreshed']);
  office.send({ type: 'refresh.wanted' });
  office.survey.last.answer(listed([row(1), row(2)]));
  expect(office.told()).toEqual(['cache.refreshed', 'session.resumed suspended>running other']);
});

test('a departure is believed although the watch spoke meanwhile', () => {
  const office = aProfile().watching([row(1)]);
  office.send({ type: 'refresh.wanted' });
  office.watch.last.tell(changed({ [sid(1)]: 'SUSPENDING' }));
  office.news();
  office.survey.last.answer(listed([], { gone: [1_001] }));
  expect(office.told()).toEqual(['cache.refreshed', 'session.terminated suspending>terminated other']);
});

test('an agent that lives on without its session is not brought back by its own state file', () => {
  const office = aProfile({ timing: { orphanAfter: 3_000 } }).watching([row(1)]);
  office.send({ type: 'refresh.wanted' });
  office.survey.last.answer(listed([], { alive: [1_001] }));
  office.news();
  for (let n = 0; n < 3; n += 1) {
    office.watch.last.tell(changed({ [sid(1)]: 'RESUMING' }));
    office.survey.last.answer(listed([], { alive: [1_001] }));
    office.pass(1_000);
    if (office.tags().includes('refreshing')) office.survey.last.answer(listed([], { alive: [1_001] }));
  }
  expect(office.changes()).toEqual(['session.failed terminating>faulty other']);
});

test('a state file that ends a session only asks for a listing', () => {
  const office = aProfile().watching([row(1)]);
  office.watch.last.tell(changed({ [sid(1)]: 'TERMINATED' }, [1_001]));
  expect(office.told()).toEqual([]);
  office.survey.last.answer(
    listed([row(1)], { states: { [sid(1)]: 'TERMINATED' }, alive: [], gone: [1_001] }),
  );
  expect(office.changes()).toEqual(['session.terminated running>terminated other']);
});

test.each(['failed', 'crashed'])(
  'a watch that %s rests, every tick lists meanwhile, and it returns',
  (how) => {
    const office = aProfile().watching([row(1)]);
    if (how === 'failed')
      office.watch.last.tell({ type: 'watch.failed', failure: failure('channel.refused', true) });
    else office.watch.last.crash();
    expect(office.watch.live).toEqual([]);
    expect(office.state()).toBe('connected');
    office.tick();
    expect(office.survey.calls).toHaveLength(2);
    office.survey.last.answer(listed([row(1)]));
    office.pass(4_950);
    expect(office.watch.calls).toHaveLength(1);
    office.pass(50);
    expect(office.watch.live).toHaveLength(1);
    office.tick();
    expect(office.survey.calls).toHaveLength(3);
    office.survey.last.answer(listed([row(1)]));
    office.watch.last.tell({ type: 'watch.opened' });
    office.tick();
    expect(office.survey.calls).toHaveLength(3);
  },
);

test('turned off, or with nothing to list, there is no watch', () => {
  expect(aProfile({ watch: false, flags: everything }).connect().watch.calls).toEqual([]);
  expect(aProfile({ flags: { autoUpdateListDesktopsCache: true } }).connect().watch.calls).toEqual([]);
});

test('a watch ends with its line', () => {
  const office = aProfile().watching();
  office.lose();
  expect(office.watch.live).toEqual([]);
  expect(office.context().watchLive).toBe(false);
});
