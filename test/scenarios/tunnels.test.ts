import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectNothingShown, type Life, live, story } from '../support/life.js';
import { greetingOf } from '../support/pulseGreeting.js';
import { soon } from '../support/real/bounds.js';
import { type SoundServer, startSoundServer } from '../support/soundServer.js';
import { eventually, pause } from '../support/until.js';
import { warpedClock } from '../support/warpedClock.js';

let pulse: SoundServer;
beforeAll(async () => {
  pulse = await startSoundServer();
});
afterAll(() => pulse[Symbol.asyncDispose]());

const until = (what: string, holds: () => boolean) => eventually(what, holds, soon(15_000));
/** The emulator gives its first session the ports from 30_003 on. */
const firstSoundPort = 30_004;

/** A program of the session plays, with the cookie it finds in its folder. */
async function play(life: Life, session: string): Promise<Duplex> {
  const { files, record } = life.emulator.sessions.get(session);
  const channel = await life.emulator.connectTo(record.ports?.sound ?? 0);
  channel.write(greetingOf(files['.pulse-cookie'] ?? Buffer.alloc(256)));
  return channel;
}
/** Its picture lives: what is said to its agent comes back. */
async function expectShown(life: Life, session: string): Promise<void> {
  expect(life.viewer.shows).toEqual([session]);
  const before = life.viewer.received;
  life.viewer.send(session, Buffer.from('still there'));
  await until('its picture lives', () => life.viewer.received === before + 11);
}

// One after the other: they count what their sound server hears.
describe('the sound of a session', () => {
  test('is open before its command, and the user’s own cookie stays here', async () => {
    await using life = await live();
    const session = await life.start({ sound: true });
    expect(
      life.log
        .all('tunnel.opened')
        .map(({ tunnel }) => tunnel)
        .sort(),
    ).toEqual(['graphics', 'sound']);
    expect(life.emulator.forwards).toEqual([firstSoundPort]);
    const { files } = life.emulator.sessions.get(session.id);
    expect(Object.keys(files).sort()).toEqual(['.pulse-client.conf', '.pulse-cookie']);
    expect(files['.pulse-cookie']?.equals(pulse.cookie)).toBe(false);
    const heard = pulse.heard;
    const channel = await play(life, session.id);
    channel.write(Buffer.alloc(50_000));
    await until('it is heard', () => pulse.heard === heard + greetingOf(pulse.cookie).length + 50_000);
    await session.suspend();
    await expectNothingShown(life);
    await session.resume({ sound: true });
    expect(life.emulator.forwards).toEqual([firstSoundPort]);
  });

  test('FAULTS 50: whose port is taken fails by name, and the session lives', async () => {
    await using life = await live();
    life.emulator.faults.takePort(firstSoundPort);
    const session = await life.start({ sound: true });
    const failed = await life.log.until('tunnel.failed');
    expect(failed).toMatchObject({
      session: session.id,
      tunnel: 'sound',
      failure: { code: 'tunnel.portTaken' },
    });
    expect(life.log.names().indexOf('tunnel.failed')).toBeLessThan(
      life.log.names().indexOf('session.started'),
    );
    await expectShown(life, session.id);
    expect(life.emulator.forwards).toEqual([]);
    // A resume is given other ports, and follows them.
    await session.suspend();
    await session.resume({ sound: true });
    const [port] = life.emulator.forwards;
    expect(port).toBe(life.emulator.sessions.get(session.id).record.ports?.sound);
    expect(port).not.toBe(firstSoundPort);
  });

  test('that has nobody here to play it is missed, and said to be', async () => {
    const { PULSE_SERVER } = process.env;
    process.env.PULSE_SERVER = 'unix:/nowhere/native';
    try {
      await using life = await live();
      const session = await life.start({ sound: true });
      expect(life.log.all('tunnel.failed')).toMatchObject([
        { tunnel: 'sound', failure: { code: 'sound.missing' } },
      ]);
      await expectShown(life, session.id);
    } finally {
      process.env.PULSE_SERVER = PULSE_SERVER;
    }
  });

  test('FAULTS 54: that stalls is told of, and only that', async () => {
    const { clock, pace } = warpedClock();
    await using life = await live({ clock, timing: { degradedAfter: 1_000_000, lostAfter: 2_000_000 } });
    const session = await life.start({ sound: true });
    const heard = pulse.heard;
    const channel = await play(life, session.id);
    await until('it plays', () => pulse.heard > heard);
    pulse.deafen();
    channel.write(Buffer.alloc(3_000_000));
    pace(10);
    const stalled = await life.log.until('tunnel.stalled', undefined, { within: soon(10_000) });
    expect(stalled).toMatchObject({ tunnel: 'sound', session: session.id });
    expect(stalled.forMs).toBeGreaterThanOrEqual(10_000);
    pace(1);
    await expectShown(life, session.id);
    expect(life.log.all('tunnel.stalled')).toHaveLength(1);
    expect(life.log.all('proxy.stalled')).toEqual([]);
    expect(story(life, session.id)).toEqual(['registered', 'started']);
    await life.guardian.stop();
    expect(life.guardian.open).toEqual([]);
  });
});

describe('a server that opens channels', () => {
  test('FAULTS 51: 20,000 to a forward gets 32 at a time, and the session lives', async () => {
    await using life = await live();
    const session = await life.start({ sound: true });
    const port = life.emulator.forwards[0] ?? 0;
    let [granted, most, refused] = [0, 0, 0];
    // In waves: each answered before the next, as a server that keeps trying.
    for (let wave = 0; wave < 20; wave++) {
      const tries = Array.from({ length: 1_000 }, () =>
        life.emulator.connectTo(port).then(
          (channel) => {
            most = Math.max(most, ++granted);
            channel.on('close', () => granted--).resume();
          },
          () => refused++,
        ),
      );
      await Promise.all(tries);
    }
    expect(most).toBeLessThanOrEqual(32);
    expect(refused).toBeGreaterThan(19_000);
    await expectShown(life, session.id);
    expect(story(life, session.id)).toEqual(['registered', 'started']);
  });

  test.each(['forwarded-tcpip', 'x11', 'session', 'auth-agent'] as const)(
    'FAULTS 52: that nobody asked for (%s) has every one refused, and the session lives',
    async (kind) => {
      await using life = await live();
      const session = await life.start({ sound: true });
      expect(await life.emulator.faults.openChannels(500, kind)).toEqual({ accepted: 0, refused: 500 });
      await expectShown(life, session.id);
      expect(story(life, session.id)).toEqual(['registered', 'started']);
    },
  );
});

test('a viewer has ten seconds to come, then its tunnel closes and the start fails', async () => {
  const { clock, pace } = warpedClock();
  const timing = { degradedAfter: 1_000_000, lostAfter: 2_000_000 };
  const forever = new Promise<void>(() => undefined);
  let end = () => {};
  await using life = await live({
    clock,
    timing,
    viewer: () => ({ up: forever, ended: new Promise((resolve) => (end = resolve)), end: () => end() }),
  });
  const start = life.start();
  const failed = expect(start).rejects.toMatchObject({ code: 'tunnel.unused' });
  await life.log.until('tunnel.opened');
  pace(20);
  await failed;
  pace(1);
  await until('nothing of it lives', () => life.living().length === 0);
  await pause(0);
  await expectNothingShown(life);
});
