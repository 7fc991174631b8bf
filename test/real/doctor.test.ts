import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linesOf, Place, runCli } from '../cli/support/cli.js';
import { complaints } from '../schema/support/eventSchema.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { makeHostKey } from '../support/real/hostKey.js';
import { type PlantedServer, plantedServer } from '../support/real/plantedServer.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

describeReal('doctor on a real X2Go server', () => {
  let place: Place;
  let good: RealServer;
  let bad: RealServer;
  let planted: PlantedServer;

  beforeAll(async () => {
    place = new Place();
    planted = plantedServer(7_230);
    good = await startRealServer();
    bad = await startRealServer({ sshdConfig: 'Match all\nAllowTcpForwarding no', inside: planted.inside });
    planted.limit(bad.user, 3);
  });
  afterAll(async () => {
    await good?.stop();
    await bad?.stop();
    planted?.remove();
    place?.[Symbol.dispose]();
  });
  const there = (
    { user, host, port, keyFile, writeKnownHosts }: RealServer,
    knownHosts = writeKnownHosts(),
  ) => [`${user}@${host}:${port}`, ...['-i', keyFile, '--known-hosts', knownHosts]];
  const doctor = async (words: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { code, stdout } = await runCli(['doctor', ...words, '--json'], place, { env });
    const lines = linesOf(stdout);
    expect(lines.flatMap(complaints)).toEqual([]);
    const findings = lines.filter(({ event }) => event === 'doctor.finding');
    const of = (profile?: string) =>
      Object.fromEntries(findings.filter((one) => one.profile === profile).map((one) => [one.check, one]));
    return { code, here: of(), there: of(words[0]), told: findings };
  };

  test('names what is right where all is right', async () => {
    const found = await doctor(there(good));
    expect(found.code).toBe(0);
    const checks = ['reachable', 'host-key', 'login', 'x2go', 'forwarding', 'sound', 'limit', 'clock'];
    for (const check of checks) expect(found.there[check]).toMatchObject({ verdict: 'ok' });
    expect(found.there.folders).toBeDefined();
    // On a busy machine it may be called slow.
    expect(found.there.listing).toMatchObject({ message: expect.stringMatching(/^0 sessions listed in /) });
  });

  longTest('names each planted fault with its remedy, here and there', async () => {
    const bin = place.file('bin');
    mkdirSync(bin, { recursive: true });
    const found = await doctor(there(bad), { PATH: bin });
    expect(found.there).toMatchObject({
      forwarding: { verdict: 'error', advice: expect.stringContaining('AllowTcpForwarding yes') },
      sound: { verdict: 'warning', advice: expect.stringContaining('AllowTcpForwarding yes') },
      limit: { verdict: 'warning', message: expect.stringContaining('(3)') },
      clock: { verdict: 'warning', message: expect.stringContaining('2 h 0 min ahead of ours') },
      listing: { message: expect.stringMatching(/^0 sessions listed in /) },
    });
    expect(found.here).toMatchObject({
      nxproxy: { verdict: 'warning', advice: expect.stringContaining('Install nxproxy') },
      screen: { verdict: 'warning', advice: expect.stringContaining('--display') },
      xauth: { verdict: 'warning', advice: 'Install xauth' },
    });
    expect(found.code).toBe(79);
  });

  longTest(
    'names a host key that changed, and a server that is down beside it, and judges the third all the same',
    async () => {
      const foreign = await makeHostKey(place.folder, 'ed25519');
      const file = place.file('changed');
      writeFileSync(file, `[${bad.host}]:${bad.port} ${foreign.publicKey}\n${good.knownHosts()}`);
      const [changed = '', ...how] = there(bad, file);
      const fine = `${good.user}@${good.host}:${good.port}`;
      const found = await doctor([changed, fine, `${good.user}@127.0.0.1:1`, ...how, '-i', good.keyFile]);
      expect(found.there['host-key']).toMatchObject({
        verdict: 'error',
        message: expect.stringMatching(/has changed.*ssh-keygen -f .* -R /),
      });
      const rest = found.told.filter(({ profile }) => profile !== changed);
      expect(rest).toContainEqual(expect.objectContaining({ profile: fine, check: 'listing' }));
      expect(rest).toContainEqual(expect.objectContaining({ check: 'reachable', verdict: 'error' }));
      expect([69, 76]).toContain(found.code);
    },
  );
});
