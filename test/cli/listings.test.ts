import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { complaints } from '../schema/support/eventSchema.js';
import { eventually } from '../support/real/eventually.js';
import { Cli, linesOf, runCli } from './support/cli.js';
import { startServer } from './support/server.js';

describe.concurrent('one listing', () => {
  test('of sessions: a line a session with the fields of the contract', async () => {
    await using server = await startServer();
    const session = server.emulator.sessions.start({ kind: 'desktop' });
    await eventually('its agent', () => server.emulator.sessions.get(session).state === 'RUNNING');
    const { code, stdout, stderr } = await runCli(['sessions', ...server.there, '--json'], server.place);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = linesOf(stdout);
    expect(lines.flatMap(complaints)).toEqual([]);
    expect(lines).toMatchObject([{ event: 'session.listed', session, state: 'running', kind: 'desktop' }]);
    expect(Object.keys(lines[0] ?? {})).toEqual(
      'v time event profile session state kind display server client createdAt changedAt ageSeconds user unchangedSeconds'.split(
        ' ',
      ),
    );
    expect(server.emulator.commandsServed).not.toContain('watch');
    await eventually('its lines to be closed', () => server.emulator.connections === 0);
  });

  test('of desktops, mounts and features', async () => {
    await using server = await startServer({ desktops: [{ user: 'bob', display: 61 }] });
    const session = server.emulator.sessions.start();
    await eventually('its agent', () => server.emulator.sessions.get(session).state === 'RUNNING');
    const mountpoint = server.emulator.sessions.addMount(session, '/home/me/Documents');
    const wanted = {
      desktops: { event: 'desktop.listed', user: 'bob', display: 61 },
      mounts: { event: 'mount.listed', session, mountpoint },
      features: { event: 'feature.listed', feature: 'X2GO_LIST_DESKTOPS' },
    };
    for (const [what, row] of Object.entries(wanted)) {
      const { code, stdout } = await runCli([what, ...server.there, '--json'], server.place);
      expect(code).toBe(0);
      expect(linesOf(stdout).flatMap(complaints)).toEqual([]);
      expect(linesOf(stdout)).toContainEqual(expect.objectContaining({ ...row, profile: server.target }));
    }
  });

  test('for people: a table, and words where there is nothing', async () => {
    await using server = await startServer();
    expect((await runCli(['sessions', ...server.there], server.place)).stdout).toBe(
      `${server.target}: no sessions\n`,
    );
    const session = server.emulator.sessions.start();
    await eventually('its agent', () => server.emulator.sessions.get(session).state === 'RUNNING');
    const { stdout } = await runCli(['sessions', ...server.there], server.place);
    expect(stdout).toMatch(/^SESSION +STATE +SINCE +AGE +KIND +CLIENT +SERVER +CREATED\n/);
    expect(stdout).toMatch(
      new RegExp(`^${session}  running  \\d+s +\\d+s +application  127.0.0.1  emulator`, 'm'),
    );
    expect(stdout).not.toContain('\x1b');
  });

  test('of several targets: those that answer are listed, the others are not hidden', async () => {
    await using good = await startServer();
    await using bad = await startServer({ user: 'bob' });
    const session = good.emulator.sessions.start();
    await bad.emulator.faults.refuse();
    const args = ['sessions', bad.target, good.target, '-i', good.keyFile, '--known-hosts', good.knownHosts];
    const json = await runCli([...args, '--json'], good.place);
    expect(json.code).toBe(69);
    expect(linesOf(json.stdout)).toMatchObject([
      { event: 'session.listed', profile: good.target, session },
      { event: 'command.failed', profile: bad.target, exitCode: 69 },
    ]);
    const text = await runCli(args, good.place);
    expect(text.code).toBe(69);
    expect(text.stdout).toMatch(new RegExp(`^PROFILE.*\\n${good.target}  ${session}`));
    expect(text.stderr).toContain(`${bad.target}: Could not reach`);
  });

  test('of several targets that all fail: the last line has them all', async () => {
    await using one = await startServer();
    await using two = await startServer();
    for (const { emulator } of [one, two]) await emulator.faults.refuse();
    const args = ['desktops', one.target, two.target, '--known-hosts', one.knownHosts, '--json'];
    const { code, stdout } = await runCli(args, one.place);
    expect(code).toBe(69);
    const [line] = linesOf(stdout);
    expect(line && complaints(line)).toEqual([]);
    expect(line?.failures).toMatchObject([{ profile: one.target }, { profile: two.target }]);
  });

  test('that the server cannot give fails, and is not tried again', async () => {
    await using server = await startServer();
    server.emulator.faults.fail('x2golistsessions');
    const { code, stdout } = await runCli(['sessions', ...server.there, '--json'], server.place);
    expect(code).toBe(65);
    expect(linesOf(stdout)).toMatchObject([{ event: 'command.failed', failure: { code: 'command.failed' } }]);
    expect(server.emulator.connectionsAccepted).toBe(1);
  });

  test('of several targets asks none twice while it waits for another', async () => {
    await using slow = await startServer();
    await using busy = await startServer();
    slow.emulator.faults.slow('survey', 2_500);
    busy.emulator.faults.throttle();
    const args = ['sessions', busy.target, slow.target, '-i', slow.keyFile, '--known-hosts', slow.knownHosts];
    expect((await runCli(args, slow.place)).code).toBe(69);
    expect(busy.emulator.connectionsAccepted).toBe(1);
  });

  test('that has rows nobody understands says so', async () => {
    await using server = await startServer();
    server.emulator.faults.garbage('x2golistsessions', 'not a row\n');
    const { code, stdout, stderr } = await runCli(['sessions', ...server.there, '--json'], server.place);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('rows that were not understood and left out: 1');
  });

  test('is whole although its reader takes its time', async () => {
    await using server = await startServer();
    for (let n = 0; n < 1_000; n++) server.emulator.sessions.start();
    const cli = new Cli(['sessions', ...server.there, '--json'], server.place);
    await cli.until(() => cli.stdout !== '');
    cli.child.stdout?.pause();
    await eventually('the end of its connection', () => server.emulator.connections === 0);
    // Longer than it may wait for anything that is not to be printed.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(cli.child.exitCode).toBe(null);
    cli.child.stdout?.resume();
    const { code, stdout } = await cli.ended;
    expect(code).toBe(0);
    expect(linesOf(stdout)).toHaveLength(1_000);
  });

  test('of the profiles of a configuration, by name and all of them', async () => {
    await using one = await startServer();
    await using two = await startServer({ user: 'bob' });
    writeFileSync(one.knownHosts, `${one.emulator.knownHostsLine}\n${two.emulator.knownHostsLine}\n`);
    const profile = (id: string, { emulator, keyFile }: typeof one) => {
      const { host, port, user } = emulator;
      return { id, host, port, user, identity: keyFile, knownHosts: 'known_hosts' };
    };
    writeFileSync(
      one.place.file('c.json'),
      JSON.stringify({ refreshInterval: 9_000, profiles: [profile('office', one), profile('lab', two)] }),
    );
    for (const { emulator } of [one, two]) emulator.sessions.start();
    const listed = async (...targets: string[]) => {
      const args = ['sessions', ...targets, '--config', one.place.file('c.json'), '--json'];
      const { stdout } = await runCli(args, one.place);
      return linesOf(stdout).map(({ profile }) => profile);
    };
    expect(await listed('lab')).toEqual(['lab']);
    expect((await listed()).sort()).toEqual(['lab', 'office']);
    expect((await listed('lab', 'office', 'lab')).sort()).toEqual(['lab', 'office']);
  });
});
