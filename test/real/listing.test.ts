import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeReal, longTest } from '../support/describeReal.js';
import { type Guarded, guard, id } from '../support/guarded.js';
import { type OtherClient, type OtherSession, startOtherClient } from '../support/otherClient.js';
import { soon } from '../support/real/bounds.js';
import { type FakeListing, fakeListing } from '../support/real/fakeListing.js';
import { processesOf } from '../support/real/processes.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

describeReal('an x2golistsessions that misbehaves', () => {
  let listing: FakeListing;
  let server: RealServer;
  let client: OtherClient;
  let session: OtherSession;
  let guarded: Guarded;

  beforeAll(async () => {
    listing = fakeListing();
    server = await startRealServer({ inside: listing.inside });
    client = await startOtherClient(server);
    session = await client.startSession({ kind: 'application', command: 'xterm' });
    await client.until(session, 'RUNNING');
  });
  beforeEach(async () => {
    listing.become();
    await begin();
  });
  const begin = async (options: Parameters<typeof guard>[1] = {}) => {
    guarded = guard(server, options);
    await guarded.guardian.start();
    await guarded.until('profile.connected');
    await guarded.until('session.registered');
  };
  afterEach(async () => {
    await guarded?.guardian.stop();
  });
  afterAll(async () => {
    await client?.stop();
    await server?.stop();
    listing?.remove();
  });

  /** Asks for a listing that fails; then for one that does not. */
  const expectFailure = async (script: string, timeoutMs = 15_000) => {
    await guarded.until('cache.refreshed', { where: ({ source }) => source === 'watch' }); // all is quiet
    const before = new Set(processesOf(server.uid).map(({ pid }) => pid));
    listing.become(script);
    const asked = performance.now();
    guarded.guardian.refresh(id);
    const failed = await guarded.until('cache.failed', { after: asked, timeoutMs });
    expect(guarded.guardian.sessions(id)).toBeUndefined();
    listing.become();
    const news = () => processesOf(server.uid).filter(({ pid }) => !before.has(pid));
    await expect.poll(() => news().map(({ cmdline }) => cmdline), { timeout: 3_000 }).toEqual([]);
    await expectHealed(failed.at);
    return { ...failed.record.failure, tookMs: failed.at - asked };
  };
  const expectHealed = async (after: number) => {
    const refreshed = await guarded.until('cache.refreshed', { after });
    expect(refreshed.record).toMatchObject({ counts: { sessions: 1 }, skippedRows: 0 });
    expect(guarded.guardian.sessions(id)?.value).toMatchObject([
      { session: session.session, state: 'running' },
    ]);
    expect(guarded.story()).toEqual(['registered']);
    expect(guarded.of('profile.lost')).toEqual([]);
  };

  longTest.each([
    ['hangs', 'exec sleep 1000'],
    ['hangs, deaf to TERM, with a child', 'trap "" TERM\nsleep 1000 &\nwhile :; do sleep 1; done'],
  ])('FAULTS 36: and %s is given up after 10 s; nothing of it stays there', async (_, script) => {
    const { code, tookMs } = await expectFailure(script);
    expect(code).toBe('command.timedOut');
    expect(tookMs).toBeGreaterThan(9_900);
    expect(tookMs).toBeLessThan(11_000);
  });

  test('and hangs while we stop is ended with us', async () => {
    await guarded.until('cache.refreshed', { where: ({ source }) => source === 'watch' });
    const before = new Set(processesOf(server.uid).map(({ pid }) => pid));
    const left = () => processesOf(server.uid).filter(({ pid, comm }) => !before.has(pid) && comm !== 'sshd');
    listing.become('exec sleep 1000');
    guarded.guardian.refresh(id);
    const hangs = () => left().some(({ cmdline }) => cmdline === 'sleep 1000');
    await expect.poll(hangs, { timeout: 5_000 }).toBe(true);
    await guarded.guardian.stop();
    await expect.poll(() => left().map(({ cmdline }) => cmdline), { timeout: 3_000 }).toEqual([]);
  });

  longTest('FAULTS 39: and exits with 1 says nothing about sessions', async () => {
    const { code, message } = await expectFailure('echo "no data base" >&2; exit 1');
    expect(code).toBe('command.failed');
    expect(message).toContain('no data base');
  });

  test('and exits with 0 without a word about a session whose agent lives does not end it', async () => {
    listing.become('exit 0');
    guarded.guardian.refresh(id);
    await guarded.until('cache.refreshed', { where: ({ counts }) => counts.sessions === 0 });
    listing.become();
    const after = performance.now();
    guarded.guardian.refresh(id);
    await expectHealed(after);
  });

  longTest.each([
    ['garbage beside its rows', '"$REAL"; echo "one|two"; echo garbage'],
    ['bad UTF-8 beside its rows', '"$REAL"; printf "\\377\\376|\\300|\\n\\302\\n"'],
    ['garbage instead of its rows', 'echo garbage; printf "\\377\\n"'],
  ])('FAULTS 37: and prints %s has rows skipped and counted, and no session departed', async (_, script) => {
    await guarded.guardian.stop();
    // A session that had departed would be an orphan at once.
    await begin({ timing: { orphanAfter: 1 } });
    listing.become(script);
    const asked = performance.now();
    guarded.guardian.refresh(id);
    const refreshed = await guarded.until('cache.refreshed', {
      after: asked,
      where: ({ source }) => source === 'listing',
    });
    expect(refreshed.at - asked).toBeLessThan(soon(2_000));
    expect(refreshed.record).toMatchObject({ skippedRows: 2 });
    expect(guarded.guardian.sessions(id)?.value).toHaveLength(script.includes('REAL') ? 1 : 0);
    guarded.guardian.refresh(id);
    await guarded.until('cache.refreshed', { after: refreshed.at });
    listing.become();
    const after = performance.now();
    guarded.guardian.refresh(id);
    await expectHealed(after);
  });
});
