import { expect, test } from 'vitest';
import type { Office } from '../support/aProfile.js';
import { suspendedAt, withOurs } from '../support/leaving.js';
import { places } from '../support/places.js';

const connectIn = (office: Office) => office.send({ type: 'profile.connect' });
const disconnectIn = (office: Office) => office.send({ type: 'profile.disconnect' });

const closing: Readonly<Record<string, () => Office>> = {
  disconnected: () => {
    const office = places.connected();
    disconnectIn(office);
    return office;
  },
  failed: places.failed,
};

test.each(Object.entries(closing))(
  '%s: another line is opened when the one before is closed',
  (place, at) => {
    for (const how of ['answers', 'crashes', 'hangs'] as const) {
      const office = at();
      connectIn(office);
      connectIn(office);
      expect(office.state()).toBe(place);
      expect(office.transport.live).toEqual([]);
      // What refused the one before is no answer to whoever connects now.
      expect(office.context().failure).toBe(undefined);
      if (how === 'answers') office.release.last.answer([]);
      else if (how === 'crashes') office.release.last.crash();
      else office.pass(3_500);
      expect(office.state()).toBe('connecting');
      expect(office.transport.live).toHaveLength(1);
    }
  },
);

test.each(Object.entries(closing))(
  '%s: who disconnects again before that gets no other line',
  (_place, at) => {
    const office = at();
    connectIn(office);
    disconnectIn(office);
    office.release.last.answer([]);
    office.pass(300_000);
    expect(office.state()).toBe('disconnected');
    expect(office.transport.live).toEqual([]);
    connectIn(office);
    expect(office.state()).toBe('connecting');
  },
);

test('a line that was closed once is no reason to wait', () => {
  const office = places.failed();
  office.release.last.answer([]);
  connectIn(office);
  expect(office.state()).toBe('connecting');
});

test('who connects while it is on its way to disconnect is connected anew after that', () => {
  const office = withOurs();
  office.disconnect();
  connectIn(office);
  office.changes();
  suspendedAt(office, 500);
  expect(office.state()).toBe('disconnected');
  office.release.last.answer([]);
  expect(office.changes()).toEqual([
    'session.suspended suspending>suspended me',
    'profile.disconnected connected>disconnected',
    'profile.connecting disconnected>connecting',
  ]);
  expect(office.transport.live).toHaveLength(1);
});

test('the last word counts: disconnect, connect, disconnect ends without a line', () => {
  const office = withOurs();
  office.disconnect();
  connectIn(office);
  office.disconnect();
  suspendedAt(office, 500);
  office.release.last.answer([]);
  office.pass(300_000);
  expect(office.state()).toBe('disconnected');
  expect(office.transport.live).toEqual([]);
});
