import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { describeReal } from '../support/describeReal.js';
import { type Guarded, guard, id } from '../support/guarded.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { soon } from '../support/real/bounds.js';
import { startWitness, type Witness } from '../support/real/witness.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

const rounds = 20;
const command = 'xterm';

describeReal('sessions that other clients start, suspend, take over and end', () => {
  let server: RealServer;
  let client: OtherClient;
  let thief: OtherClient;
  let witness: Witness;
  let guarded: Guarded;

  beforeAll(async () => {
    server = await startRealServer();
    [client, thief] = await Promise.all([startOtherClient(server), startOtherClient(server)]);
    witness = await startWitness(server, client);
  });
  afterEach(async () => {
    await guarded?.guardian.stop();
  });
  afterAll(async () => {
    await witness?.stop();
    await Promise.all([client?.stop(), thief?.stop()]);
    await server?.stop();
  });

  /** What happens in one round: each step, when the server says so, and what the guardian says of it. */
  const round = async (allowed: { appears: number; changes: number }) => {
    const late: Record<string, number> = {};
    const expectEvent = async (
      session: string,
      name: 'registered' | 'suspended' | 'resumed' | 'terminated',
      words: readonly string[],
      after: number,
    ) => {
      const said = await witness.firstOf(session, words, after);
      const event = await guarded.until(`session.${name}`, {
        after,
        where: (record) => record.session === session,
        timeoutMs: allowed.appears + 5_000,
      });
      expect(event.record).toMatchObject({ profile: id, by: 'other' });
      late[name] = Math.max(late[name] ?? 0, Math.round(event.at - said));
      return said;
    };

    const begin = performance.now();
    const session = await client.startSession({ kind: 'application', command });
    await expectEvent(session.session, 'registered', ['R'], begin);
    await client.until(session, 'RUNNING');

    const suspending = performance.now();
    await client.suspend(session);
    await expectEvent(session.session, 'suspended', ['S', 'SUSPENDED'], suspending);
    await client.until(session, 'SUSPENDED');
    // One that still leaves would take the new agent's only connection.
    await client.proxyOf(session)?.ended();

    const resuming = performance.now();
    await client.resume(session);
    await expectEvent(session.session, 'resumed', ['R', 'RUNNING'], resuming);
    await client.until(session, 'RUNNING');

    const stealing = performance.now();
    const stolen = await thief.resume(session);
    const taken = await expectEvent(session.session, 'suspended', ['S', 'SUSPENDED'], stealing);
    await expectEvent(session.session, 'resumed', ['R', 'RESUMING', 'RUNNING'], taken);
    await thief.until(stolen, 'RUNNING');

    const ending = performance.now();
    await thief.terminate(stolen);
    // Off the list at once; its agent may take six seconds more (seen), and the session ends with it.
    await expectEvent(session.session, 'terminated', ['TERMINATED'], ending);

    const { registered: appeared = Infinity, ...changed } = late;
    expect(appeared).toBeLessThan(soon(allowed.appears));
    const told = guarded.seen.filter(({ at, record }) => at > begin && 'session' in record);
    const ours = told.map(({ at, record }) => `${Math.round(at - begin)} ${record.event}`).join(', ');
    const message = `${JSON.stringify(late)}; the server: ${witness.story(session.session, begin)}; we: ${ours}`;
    expect(Math.max(...Object.values(changed)), message).toBeLessThan(soon(allowed.changes));
    const [registered] = guarded.of('session.registered', begin);
    const started = registered?.record.state === 'starting' ? ['started'] : [];
    // A slow server wavers while a session changes hands: what it said more than once is told more than once, and no more.
    const wavers = Math.max(2, witness.timesSuspended(session.session, begin));
    const story = guarded.story(session.session);
    const turns = story.filter((name) => name === 'suspended').length;
    expect(turns, message).toBeLessThanOrEqual(wavers);
    const life = Array.from({ length: Math.max(2, turns) }, () => ['suspended', 'resumed']).flat();
    expect(story).toEqual(['registered', ...started, ...life, 'terminated']);
    return late;
  };

  test(`are told once each and within 2 s, in ${rounds} rounds`, { timeout: rounds * 60_000 }, async () => {
    guarded = guard(server);
    await guarded.guardian.start();
    await guarded.until('profile.connected');
    for (let count = 1; count <= rounds; count += 1) {
      const late = await round({ appears: 6_000, changes: 2_000 });
      console.info(`round ${count}: told after ${JSON.stringify(late)} ms`);
    }
    expect(guarded.story().filter((name) => name === 'registered')).toHaveLength(rounds);
    expect(guarded.of('profile.lost')).toEqual([]);
  });

  test('are told within an interval and a second without the state watch', async () => {
    guarded = guard(server, { stateWatch: false, refreshInterval: 2_000 });
    await guarded.guardian.start();
    await guarded.until('profile.connected');
    console.info(`without the watch: ${JSON.stringify(await round({ appears: 3_000, changes: 3_000 }))} ms`);
  });

  test('taken over between two listings are told as suspended and resumed', async () => {
    const session = await client.startSession({ kind: 'application', command });
    await client.until(session, 'RUNNING');
    guarded = guard(server, { stateWatch: false, refreshInterval: 300_000 });
    await guarded.guardian.start();
    await guarded.until('session.registered', { where: (record) => record.session === session.session });
    const stolen = await thief.resume(session);
    await thief.until(stolen, 'RUNNING');
    guarded.guardian.refresh(id);
    const { record } = await guarded.until('session.resumed');
    expect(record.session).toBe(session.session);
    expect(record).toMatchObject({ session: session.session, by: 'other', state: 'running' });
    expect(guarded.story(session.session)).toEqual(['registered', 'suspended', 'resumed']);
    await thief.terminate(stolen);
  });
});
