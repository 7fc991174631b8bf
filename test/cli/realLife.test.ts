import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { complaints } from '../schema/support/eventSchema.js';
import { describeReal } from '../support/describeReal.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { eventually } from '../support/real/eventually.js';
import { startXvfb, type Xvfb } from '../support/real/xvfb.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { Cli, linesOf, Place } from './support/cli.js';

describeReal('the command runs sessions on a real X2Go server', () => {
  let server: RealServer;
  let client: OtherClient;
  let screen: Xvfb;
  let place: Place;
  let there: readonly string[];

  beforeAll(async () => {
    server = await startRealServer();
    client = await startOtherClient(server);
    place = new Place();
    mkdirSync(place.file('x'));
    screen = await startXvfb(place.file('x'));
    const target = `${server.user}@${server.host}:${server.port}`;
    there = [target, '-i', server.keyFile, '--known-hosts', server.writeKnownHosts()];
  });
  afterAll(async () => {
    await screen?.stop();
    await client?.stop();
    await server?.stop();
    place?.[Symbol.dispose]();
  });

  const onScreen = () => ({ env: place.env({ DISPLAY: screen.display }) });
  const listed = async () => (await client.list()).map((row) => row.split('|'));
  const statusOf = async (session: string) => (await listed()).find(([, name]) => name === session)?.[4];
  const started = async (cli: Cli) => {
    const { session } = await cli.event('session.started');
    return String(session);
  };

  test('start puts an xterm on the screen; SIGTERM suspends it, says so, and leaves nothing', async () => {
    const words = ['start', ...there, '--command', 'xterm', '--no-sound', '--json'];
    const cli = new Cli(words, place, onScreen());
    const session = await started(cli);
    await eventually('the xterm on the screen', () => screen.colours() > 1);
    expect(await statusOf(session)).toBe('R');
    cli.child.kill('SIGTERM');
    const { code, stdout, stderr } = await cli.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = linesOf(stdout);
    expect(lines.flatMap(complaints)).toEqual([]);
    expect(lines.slice(-1)).toMatchObject([{ event: 'guardian.terminated' }]);
    expect(await statusOf(session)).toBe('S');
    console.log(stdout);
  });
});
