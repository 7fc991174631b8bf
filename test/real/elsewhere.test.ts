import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Session, X2GoError } from '../../src/index.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { type Guarded, id } from '../support/guarded.js';
import { type OtherClient, type OtherSession, startOtherClient } from '../support/otherClient.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/real/eventually.js';
import { isAlive } from '../support/real/processes.js';
import { startPyhoca } from '../support/real/pyhoca.js';
import { found, watchOverlap } from '../support/real/taking.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { agentsOf, type Stage, setStage } from '../support/showing.js';

const xterm = { kind: 'application', command: 'xterm', sound: false } as const;
const rounds = 20;
/** How long a session that was taken from us is left alone. */
const peace = process.env.LONG ? 20_000 : 10_000;

describeReal('a session of ours that others have a hand in', () => {
  let server: RealServer;
  let stage: Stage;
  let client: OtherClient;
  let guarded: Guarded;
  let session: Session;
  let theirs: OtherSession;
  let taken = 0;

  beforeAll(async () => {
    server = await startRealServer();
    stage = await setStage(server);
    client = await startOtherClient(server);
    guarded = stage.guard();
    await guarded.guardian.start();
    session = await guarded.guardian.startSession(id, xterm);
    theirs = await found(client, session.id);
  });
  afterAll(async () => {
    await stage?.stop();
    await client?.stop();
    await server?.stop();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') guarded?.tell();
  });

  const ours = ({ display }: OtherSession = theirs) =>
    stage.proxies().filter(({ cmdline }) => cmdline.endsWith(`:${display}`));
  const others = (its: OtherSession = theirs) => (client.proxyOf(its)?.hasEnded() === false ? 1 : 0);
  const overlapping = (more = () => 0) => watchOverlap(() => ours().length + others() + more());
  /** A slow listing may mark a session suspended that has just been resumed: then x2gosuspend-session does nothing. The next listing corrects it. */
  const settle = () => client.list();
  const nothingOfOurs = () => {
    expect(ours()).toEqual([]);
    const open = guarded.guardian.open.map((entry) => `${entry.kind} ${entry.id}`);
    expect(open.filter((entry) => entry.includes(session.id))).toEqual([]);
  };

  test('FAULTS 45: another client takes it: told as its doing, our viewer gone, never two of them', async () => {
    const overlap = overlapping();
    taken = performance.now();
    theirs = await client.resume(theirs);
    const suspended = await guarded.until('session.suspended', { after: taken });
    expect(suspended.record).toMatchObject({ session: session.id, by: 'other' });
    const resumed = await guarded.until('session.resumed', { after: taken });
    expect(resumed.record).toMatchObject({ session: session.id, by: 'other', from: 'suspended' });
    overlap.stop();
    expect(overlap.most()).toBe(1);
    expect(others()).toBe(1);
    expect(session.state).toBe('running');
    expect(session.inspect().ours).toBe(false);
    nothingOfOurs();
  });

  longTest('one that is ended by its application: told as its end, and its viewer is gone', async () => {
    const brief = await guarded.guardian.startSession(id, { ...xterm, command: 'xterm -e sleep 3' });
    const began = performance.now();
    const ended = await guarded.until('session.terminated', {
      where: (record) => record.session === brief.id,
    });
    expect(ended.record).toMatchObject({ by: 'other', reason: 'ended' });
    expect(ended.at - began).toBeLessThan(3_000 + soon(5_000));
    expect(brief.state).toBe('terminated');
    expect(guarded.story(brief.id)).toEqual(['registered', 'started', 'terminated']);
    await eventually('its viewer to leave', () => stage.proxies().length === 0, { timeoutMs: 2_000 });
  });

  longTest(
    'FAULTS 46: two guardians resume one session at the same moment: one has it, the other is told',
    async () => {
      const second = stage.guard();
      await second.guardian.start();
      const shared = await guarded.guardian.startSession(id, xterm);
      await shared.suspend();
      const its = await found(client, shared.id);
      const overlap = watchOverlap(() => ours(its).length);
      const began = performance.now();
      const outcomes = await Promise.allSettled([
        shared.resume(),
        second.guardian.resumeSession(id, shared.id),
      ]);
      const settled = performance.now();
      const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      if (refused.length !== 1) second.tell();
      expect(refused).toHaveLength(1);
      expect(refused[0]).toBeInstanceOf(X2GoError);
      expect(['session.locked', 'session.takenOver', 'session.notAllowed']).toContain(refused[0].code);
      const [winner, loser] = outcomes[0].status === 'fulfilled' ? [guarded, second] : [second, guarded];
      const isHad = () => winner.guardian.session(id, shared.id).inspect().ours;
      expect(isHad()).toBe(true);
      await eventually(
        'the other to see that it runs',
        () => loser.guardian.session(id, shared.id).state === 'running',
      );
      // Longer than whoever lost would wait before it had it suspended.
      await eventually('the winner to be left alone', () => performance.now() - settled > 6_000);
      expect(isHad()).toBe(true);
      expect(client.stateFile(its)).toBe('RUNNING');
      expect(winner.story(shared.id, began)).toEqual(['resumed']);
      expect(loser.story(shared.id, began)).toEqual(['resumed']);
      expect(loser.of('session.resumed', began)[0]?.record.by).toBe('other');
      overlap.stop();
      expect(overlap.most()).toBe(1);
      expect(ours(its)).toHaveLength(1);
      await winner.guardian.terminateSession(id, shared.id);
      await second.guardian.stop();
    },
  );

  test('FAULTS 45: what was taken is not fought for', async () => {
    await eventually('time to pass', () => performance.now() - taken > peace, { timeoutMs: peace });
    expect(guarded.story(session.id, taken)).toEqual(['suspended', 'resumed']);
    await client.until(theirs, 'RUNNING');
    expect(others()).toBe(1);
    nothingOfOurs();
  });

  longTest('ours takes it back: only once the server says that nobody shows it', async () => {
    const overlap = overlapping();
    const began = performance.now();
    await session.resume();
    overlap.stop();
    expect(overlap.most()).toBe(1);
    expect(guarded.story(session.id, began)).toEqual(['suspended', 'resumed']);
    const [let_go] = guarded.of('session.suspended', began);
    expect(guarded.of('proxy.started', began)[0]?.at).toBeGreaterThan(let_go?.at ?? Number.NaN);
    expect(guarded.of('session.resumed', began)[0]?.record.by).toBe('me');
    expect(session.inspect()).toMatchObject({ state: 'running', ours: true });
    await client.proxyOf(theirs)?.ended();
    expect(ours()).toHaveLength(1);
  });

  longTest('pyhoca-cli takes it, and ours takes it back', async () => {
    const began = performance.now();
    const pyhoca = startPyhoca(server, client.display, ['-R', session.id]);
    const overlap = overlapping(() => pyhoca.proxies().length);
    try {
      const resumed = await guarded.until('session.resumed', { after: began, timeoutMs: 60_000 });
      expect(resumed.record).toMatchObject({ session: session.id, by: 'other' });
      expect(guarded.story(session.id, began)).toEqual(['suspended', 'resumed']);
      nothingOfOurs();
      await eventually('its viewer', () => pyhoca.proxies().length === 1, { timeoutMs: 30_000 });
      const back = performance.now();
      await session.resume();
      expect(guarded.story(session.id, back)).toEqual(['suspended', 'resumed']);
      expect(ours()).toHaveLength(1);
      expect(await pyhoca.ended()).toBe(0);
      expect(overlap.most()).toBe(1);
    } catch (cause) {
      console.log(pyhoca.log());
      throw cause;
    } finally {
      overlap.stop();
      await pyhoca.stop();
    }
  });

  longTest('FAULTS 45: it is suspended elsewhere: so it is here', async () => {
    await client.until(theirs, 'RUNNING');
    await settle();
    const asked = performance.now();
    await client.suspend(theirs);
    await client.until(theirs, 'SUSPENDED');
    const so = performance.now();
    const suspended = await guarded.until('session.suspended', { after: asked });
    expect(suspended.at - so).toBeLessThan(soon(5_000));
    expect(suspended.record).toMatchObject({ session: session.id, by: 'other' });
    expect(session.state).toBe('suspended');
    nothingOfOurs();
    expect(guarded.story(session.id, asked)).toEqual(['suspended']);
  });

  longTest(
    `${rounds} rounds of ours and the other in turn`,
    {
      timeout: 30_000 + rounds * 60_000,
    },
    async () => {
      const overlap = overlapping();
      for (let round = 1; round <= rounds; round += 1) {
        const began = performance.now();
        await session.resume();
        await session.suspend();
        theirs = await client.resume(theirs);
        await guarded.until('session.resumed', { after: began, where: ({ by }) => by === 'other' });
        await client.suspend(theirs);
        await guarded.until('session.suspended', { after: began, where: ({ by }) => by === 'other' });
        const told = guarded.story(session.id, began);
        expect(told, `round ${round}`).toEqual(['resumed', 'suspended', 'resumed', 'suspended']);
      }
      overlap.stop();
      expect(overlap.most()).toBe(1);
      nothingOfOurs();
    },
  );

  test('FAULTS 45: it is terminated elsewhere: so it is here, and nothing of ours is left', async () => {
    await session.resume();
    expect(ours()).toHaveLength(1);
    const asked = performance.now();
    await client.exec(`x2goterminate-session ${session.id}`);
    await eventually('its agent to end', () => !isAlive(theirs.agentPid));
    const so = performance.now();
    const ended = await guarded.until('session.terminated', { after: asked });
    expect(ended.at - so).toBeLessThan(soon(5_000));
    expect(ended.record).toMatchObject({ session: session.id, by: 'other', reason: 'ended' });
    expect(session.state).toBe('terminated');
    nothingOfOurs();
    expect(agentsOf(server.uid)).toEqual([]);
  });
});
