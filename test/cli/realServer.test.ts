import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { complaints } from '../schema/support/eventSchema.js';
import { describeReal } from '../support/describeReal.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { eventually } from '../support/real/eventually.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { Cli, type Line, linesOf, Place, runCli } from './support/cli.js';

describeReal('the command on a real X2Go server', () => {
  let server: RealServer;
  let client: OtherClient;
  let place: Place;
  let there: readonly string[];

  beforeAll(async () => {
    server = await startRealServer();
    client = await startOtherClient(server);
    place = new Place();
    const target = `${server.user}@${server.host}:${server.port}`;
    there = [target, '-i', server.keyFile, '--known-hosts', server.writeKnownHosts()];
  });
  afterAll(async () => {
    await client?.stop();
    await server?.stop();
    place?.[Symbol.dispose]();
  });

  test('watches a session come, be suspended and end, lists it, and leaves no connection', async () => {
    const cli = new Cli(['watch', ...there, '--json'], place);
    await cli.event('profile.connected');
    const other = await client.startSession({ kind: 'application', command: 'xterm' });
    const isIt = (line: Line) => line.session === other.session;
    await cli.event('session.registered', isIt);
    await client.until(other, 'RUNNING');

    const listed = await runCli(['sessions', ...there, '--json'], place);
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(listed.stdout)).toMatchObject([{ session: other.session, state: 'running' }]);
    const table = await runCli(['sessions', ...there], place);
    expect(table.stdout).toMatch(new RegExp(`^${other.session}  running`, 'm'));
    const desktops = await runCli(['desktops', ...there, '--json'], place);
    expect(desktops).toMatchObject({ code: 0, stderr: '' });
    const mounts = await runCli(['mounts', ...there], place);
    expect(mounts).toMatchObject({ code: 0, stdout: `${there[0]}: no folders mounted\n` });

    await client.suspend(other);
    expect(await cli.event('session.suspended', isIt)).toMatchObject({ by: 'other' });
    await client.terminate(other);
    await cli.event('session.terminated', isIt);
    cli.child.kill('SIGINT');
    const { code, stdout, stderr } = await cli.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect([...linesOf(stdout), ...linesOf(listed.stdout)].flatMap(complaints)).toEqual([]);
    await eventually('no connection', () => ownConnections() === 0);
  });

  test('tells what the server can do, and how far one gets', async () => {
    const features = await runCli(['features', ...there, '--json'], place);
    expect(features.code).toBe(0);
    expect(linesOf(features.stdout).map(({ feature }) => feature)).toContain('X2GO_LIST_DESKTOPS');
    const { code, stdout } = await runCli(['doctor', ...there], place);
    expect(code).toBe(0);
    expect(stdout).toMatch(/X2Go 4\.\d.* features; connected in/);
  });

  test('a wrong password and a wrong host key are refused; the password never reaches the wrong host', async () => {
    const target = there[0] ?? '';
    const logins = () => readFileSync(server.sshdLogFile, 'utf8').match(/Failed password/g)?.length ?? 0;
    const wrong = await runCli(
      ['sessions', target, '--known-hosts', there[4] ?? '', '--password-stdin'],
      place,
      {
        input: 'wrong\n',
      },
    );
    expect(wrong.code).toBe(77);
    expect(logins()).toBe(1);
    const unknown = await runCli(
      ['sessions', target, '--known-hosts', place.file('none'), '--password-stdin'],
      place,
      {
        input: `${server.password}\n`,
      },
    );
    expect(unknown.code).toBe(76);
    expect(unknown.stderr).toContain(server.hostFingerprint);
    expect(logins()).toBe(1);
    const right = await runCli(
      ['sessions', target, '--known-hosts', there[4] ?? '', '--password-stdin'],
      place,
      {
        input: `${server.password}\n`,
      },
    );
    expect(right.code).toBe(0);
  });

  /** The other client keeps one. */
  const ownConnections = () => Math.max(0, server.connections().length - 1);
});
