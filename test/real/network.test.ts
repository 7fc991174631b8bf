import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { describeReal } from '../support/describeReal.js';
import { type Guarded, guard, id } from '../support/guarded.js';
import { type Loss, makeNetns, type Netns } from '../support/real/netns.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

describeReal('a network that loses every packet without a word', () => {
  let netns: Netns;
  let server: RealServer;
  let guarded: Guarded;

  beforeAll(async () => {
    netns = await makeNetns();
    server = await startRealServer({ address: netns.address, inside: netns.inside });
  });
  afterEach(async () => {
    await netns?.heal();
    await guarded?.guardian.stop();
  });
  afterAll(async () => {
    await server?.stop();
    await netns?.remove();
  });

  const losses: Loss[] = process.env.LONG ? ['both', 'there', 'back'] : ['both', 'there'];
  test.each(losses)(
    'FAULTS 19, 21: (%s) is a line degraded at 5 s and lost by 15 s; healed, it is back',
    async (loss) => {
      guarded = guard(server);
      await guarded.guardian.start();
      await guarded.until('profile.connected');
      await guarded.until('cache.refreshed');
      await netns.drop(loss);
      const cut = performance.now();
      const degraded = await guarded.until('profile.degraded');
      expect(degraded.at - cut).toBeGreaterThan(3_900); // the last word may be a second old
      expect(degraded.at - cut).toBeLessThan(5_500);
      const lost = await guarded.until('profile.lost');
      expect(lost.at - cut).toBeGreaterThan(degraded.at - cut);
      expect(lost.at - cut).toBeLessThan(15_000);
      expect(lost.record.failure).toMatchObject({ code: 'ssh.silent', retryable: true });
      expect(guarded.guardian.sessions(id)).toBeUndefined();
      await guarded.until('profile.connecting', { after: lost.at });
      expect(guarded.guardian.open.filter(({ kind }) => kind === 'transport')).toHaveLength(1);
      await netns.heal();
      const back = await guarded.until('profile.connected', { after: lost.at, timeoutMs: 20_000 });
      await guarded.until('cache.refreshed', { after: back.at });
      expect(guarded.of('profile.connected')).toHaveLength(2);
      expect(guarded.story()).toEqual([]);
    },
  );

  // Longer, and TCP's own back-off (0.2, 0.4 ... 6.4 s) outlasts the 12 s of the keepalive.
  test('for 5 s only is a line degraded and recovered, never lost', async () => {
    guarded = guard(server);
    await guarded.guardian.start();
    await guarded.until('profile.connected');
    await netns.drop('both');
    await guarded.until('profile.degraded');
    await netns.heal();
    const { at } = await guarded.until('profile.recovered');
    await guarded.until('cache.refreshed', { after: at });
    expect(guarded.of('profile.lost')).toEqual([]);
    expect(guarded.of('profile.connecting')).toHaveLength(1);
    expect(guarded.guardian.open.filter(({ kind }) => kind === 'transport')).toHaveLength(1);
  });
});
