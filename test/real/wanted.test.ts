import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Cli, type Line, linesOf, Place } from '../cli/support/cli.js';
import { complaints } from '../schema/support/eventSchema.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { eventually } from '../support/real/eventually.js';
import { startXvfb, type Xvfb } from '../support/real/xvfb.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { agentsOf } from '../support/showing.js';

/** The default of watch. */
const intervalMs = 5_000;

describeReal('declared sessions on real X2Go servers', () => {
  const servers: RealServer[] = [];
  const clients: OtherClient[] = [];
  const clis: Cli[] = [];
  let place: Place;
  let screen: Xvfb;

  beforeAll(async () => {
    place = new Place();
    mkdirSync(place.file('x'));
    screen = await startXvfb(place.file('x'));
    // The second one is for the long tests.
    for (const _ of process.env.LONG ? ['office', 'lab'] : ['office']) servers.push(await startRealServer());
    for (const server of servers) clients.push(await startOtherClient(server));
    const profiles = servers.map((server, at) => ({
      id: ['office', 'lab'][at],
      host: server.host,
      port: server.port,
      user: server.user,
      identity: server.keyFile,
      knownHosts: server.writeKnownHosts(),
    }));
    writeFileSync(place.file('config.json'), JSON.stringify({ profiles }));
  });
  afterAll(async () => {
    for (const client of clients) await client.stop();
    for (const server of servers) await server.stop();
    await screen?.stop();
    place?.[Symbol.dispose]();
  });
  afterEach(async () => {
    for (const { child } of clis.splice(0)) child.kill('SIGKILL');
    for (const client of clients)
      for (const row of await client.list()) await client.exec(`x2goterminate-session ${row.split('|')[1]}`);
    await eventually('no agent', () => servers.every(({ uid }) => agentsOf(uid).length === 0), {
      timeoutMs: 30_000,
    });
  });

  const run = (...words: readonly string[]) => {
    const args = [...words, '--config', place.file('config.json'), '--json'];
    const cli = new Cli(args, place, { env: place.env({ DISPLAY: screen.display }) });
    clis.push(cli);
    return cli;
  };
  const wants = (...sessions: readonly object[]) => {
    const file = place.file('sessions.json');
    const all = sessions.map((one) => ({ command: 'xterm', sound: false, ...one }));
    writeFileSync(file, JSON.stringify({ sessions: all }));
    return file;
  };
  const ended = async (cli: Cli): Promise<readonly Line[]> => {
    const { code, stdout, stderr } = await cli.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = linesOf(stdout);
    expect(lines.flatMap(complaints)).toEqual([]);
    return lines;
  };
  /** Session and status of each row. */
  const rows = async () =>
    (await Promise.all(clients.map((client) => client.list()))).flat().map((row) => {
      const [, session, , , status] = row.split('|');
      return `${session} ${status}`;
    });
  const actions = (lines: readonly Line[]) =>
    lines.filter(({ event }) => event === 'wanted.planned').map(({ name, action }) => `${name} ${action}`);
  const agents = () => servers.flatMap(({ uid }) => agentsOf(uid)).length;

  test('apply starts what is declared, and leaves it suspended; a second apply does nothing', async () => {
    const file = wants({ name: 'mail', profile: 'office' });
    const first = await ended(run('apply', file));
    expect(actions(first)).toEqual(['mail start']);
    const left = await rows();
    expect(left).toEqual([expect.stringMatching(/xterm_dp24 S$/)]);
    expect(actions(await ended(run('apply', file)))).toEqual(['mail none']);
    expect(await rows()).toEqual(left);
    expect(readdirSync(place.runtime)).toEqual([]);
  });

  longTest(
    'three on two profiles: one that is killed is back within two intervals; apply does nothing',
    async () => {
      const file = wants(
        { name: 'mail', profile: 'office' },
        { name: 'paint', profile: 'office', state: 'suspended' },
        { name: 'log', profile: 'lab' },
      );
      const applied = await ended(run('apply', file));
      expect(actions(applied).sort()).toEqual(['log start', 'mail start', 'paint start']);
      const left = await rows();
      expect(left.map((row) => row.slice(-1))).toEqual(['S', 'S', 'S']);
      expect(actions(await ended(run('apply', file))).sort()).toEqual([
        'log none',
        'mail none',
        'paint none',
      ]);
      expect(await rows()).toEqual(left);

      const watch = run('watch', '--apply', file);
      const shown = async (name: string) => {
        const isIt = (line: Line) => line.name === name && line.outcome === 'done';
        return String((await watch.event('wanted.applied', isIt)).session);
      };
      const [mail] = [await shown('mail'), await shown('log')];
      expect(
        watch.lines.filter(({ event }) => event === 'wanted.applied').map(({ action }) => action),
      ).toEqual(['resume', 'resume']);
      expect(actions(await ended(run('apply', file))).sort()).toEqual([
        'log none',
        'mail none',
        'paint none',
      ]);

      const [client] = clients;
      await client?.exec(`x2goterminate-session ${mail}`);
      const killedAt = Date.now();
      const back = await watch.event(
        'wanted.applied',
        ({ name, session }) => name === 'mail' && session !== mail,
      );
      const tookMs = Date.parse(String(back.time)) - killedAt;
      console.log(`back on the screen after ${tookMs} ms`);
      expect(tookMs).toBeLessThan(2 * intervalMs);
      await eventually('the killed one to be gone', () => agents() === 3);
      expect(await rows()).toHaveLength(3);
      expect(actions(await ended(run('apply', file))).sort()).toEqual([
        'log none',
        'mail none',
        'paint none',
      ]);

      watch.child.kill('SIGTERM');
      await ended(watch);
      expect((await rows()).map((row) => row.slice(-1))).toEqual(['S', 'S', 'S']);
      expect(readdirSync(place.runtime)).toEqual([]);
    },
    180_000,
  );

  longTest(
    'SIGTERM and SIGKILL in the middle of apply: the next one comes to what is declared, with no session too many',
    async () => {
      const file = wants({ name: 'mail', profile: 'office' }, { name: 'log', profile: 'lab' });
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        const cli = run('apply', file);
        await eventually('an agent', () => agents() > 0, { everyMs: 5, timeoutMs: 60_000 });
        cli.child.kill(signal);
        await cli.ended;
        if (signal === 'SIGTERM') await eventually('no agent', () => agents() === 0, { timeoutMs: 5_000 });
      }
      await eventually(
        'apply',
        async () => actions(await ended(run('apply', file))).every((one) => one.endsWith('none')),
        {
          timeoutMs: 120_000,
        },
      );
      expect((await rows()).map((row) => row.slice(-1))).toEqual(['S', 'S']);
      expect(agents()).toBe(2);
    },
    240_000,
  );
});
