import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { soundOf } from '../../src/channels/sound.js';
import type { SoundSurroundings } from '../../src/channels/soundSurroundings.js';
import { greetingLength } from '../../src/protocol/pulseGreeting.js';
import type { Ride } from '../../src/world.js';
import { openFiles } from '../support/aftermath.js';
import { openDeafListener } from '../support/deafListener.js';
import { freePort } from '../support/freePort.js';
import { census, expectNothingLeft } from '../support/leaks.js';
import { manualClock } from '../support/manualClock.js';
import { cookieIn, greetingOf } from '../support/pulseGreeting.js';

const place = { serverPort: 30_003, folder: '/home/alice/.x2go/C-alice-50-1_stRxterm_dp24' };
const machine = '3d1219c7c4c5404aaa1f6d2a48adfda4';
const secret = Buffer.from(Array.from({ length: 256 }, (_, n) => n));

let root: string;
let cleanUp: (() => unknown)[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'x2go-sound-'));
  cleanUp = [() => rmSync(root, { recursive: true, force: true })];
});
afterEach(async () => {
  for (const clean of cleanUp.reverse()) await clean();
});

/** A user whose machine has nothing but what a test puts there. */
async function surroundings(given: Partial<SoundSurroundings> = {}): Promise<Partial<SoundSurroundings>> {
  return {
    variables: { XDG_RUNTIME_DIR: join(root, 'run') },
    home: join(root, 'home'),
    uid: process.getuid?.(),
    runtimeFolders: join(root, 'nowhere'),
    machineIdFiles: [write('machine-id', `${machine}\n`)],
    hostName: 'desk',
    lastResort: { host: '127.0.0.1', port: await freePort() },
    ...given,
  };
}
const prepare = async (given: Partial<SoundSurroundings> = {}) =>
  soundOf(await surroundings(given)).prepare(place);

function write(name: string, content: string | Buffer, mode = 0o600): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
  return path;
}
const writeCookie = (name = 'home/.config/pulse/cookie', content = secret) => write(name, content);

async function listening(where: { path: string } | { host: string; port: number }): Promise<AddressInfo> {
  if ('path' in where) mkdirSync(dirname(where.path), { recursive: true });
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => sockets.add(socket.on('error', () => {})));
  server.listen(where);
  await once(server, 'listening');
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server.address() as AddressInfo;
}
const socketPath = (name = 'run/pulse/native') => join(root, name);

describe('the local sound server', () => {
  beforeEach(() => void writeCookie());

  test('is the socket in the runtime folder', async () => {
    await listening({ path: socketPath() });
    expect((await prepare()).to).toEqual({ path: socketPath() });
  });

  test('is in the runtime folder of the user number, where the environment names none', async () => {
    const path = socketPath(`runtime/${process.getuid?.()}/pulse/native`);
    await listening({ path });
    const given = { variables: {}, runtimeFolders: join(root, 'runtime') };
    expect((await prepare(given)).to).toEqual({ path });
  });

  test('is what listens for the network, where there is no socket', async () => {
    const { port } = await listening({ host: '127.0.0.1', port: 0 });
    const to = { host: '127.0.0.1', port };
    expect((await prepare({ lastResort: to })).to).toEqual(to);
  });

  test('is what PULSE_SERVER says, though there is one in the runtime folder', async () => {
    await listening({ path: socketPath() });
    await listening({ path: socketPath('other') });
    const variables = { XDG_RUNTIME_DIR: join(root, 'run'), PULSE_SERVER: `unix:${socketPath('other')}` };
    expect((await prepare({ variables })).to).toEqual({ path: socketPath('other') });
  });

  test('is the first of PULSE_SERVER that can be reached', async () => {
    writeFileSync(socketPath('file'), '');
    const { port } = await listening({ host: '127.0.0.1', port: 0 });
    const PULSE_SERVER = `sound:x /nowhere ${socketPath('file')} tcp:127.0.0.1:${await freePort()} tcp:127.0.0.1:${port} /never`;
    expect((await prepare({ variables: { PULSE_SERVER } })).to).toEqual({ host: '127.0.0.1', port });
  });

  test('is named by the address that answered, not by a name that may mean others', async () => {
    const { port } = await listening({ host: '127.0.0.1', port: 0 });
    const variables = { PULSE_SERVER: `tcp:localhost:${port}` };
    expect((await prepare({ variables })).to).toEqual({ host: '127.0.0.1', port });
  });

  test('is on this machine, when PULSE_SERVER names machines', async () => {
    await listening({ path: socketPath('theirs') });
    await listening({ path: socketPath('ours') });
    const PULSE_SERVER = `{0000}unix:${socketPath('theirs')} {desk}unix:${socketPath('theirs')} {${machine}}unix:${socketPath('ours')}`;
    expect((await prepare({ variables: { PULSE_SERVER } })).to).toEqual({ path: socketPath('ours') });
  });

  test('is on the machine of that name, when it has no id', async () => {
    await listening({ path: socketPath('ours') });
    const variables = { PULSE_SERVER: `{desk}unix:${socketPath('ours')}` };
    const given = { variables, machineIdFiles: [join(root, 'none')] };
    expect((await prepare(given)).to).toEqual({ path: socketPath('ours') });
  });

  test('is missing: the message says where it was looked for and what to do', async () => {
    const lastResort = { host: '127.0.0.1', port: await freePort() };
    await expect(prepare({ lastResort })).rejects.toMatchObject({
      code: 'sound.missing',
      message:
        `No sound server was found: unix:${socketPath()} (there is no such socket), ` +
        `tcp:127.0.0.1:${lastResort.port} (nobody listens there). ` +
        'Start PulseAudio or pipewire-pulse, or say in PULSE_SERVER where it is',
    });
  });

  test('is missing where its daemon died and left the socket', async () => {
    const path = socketPath('dead');
    const code = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    expect(() => execFileSync(process.execPath, ['-e', code, path], { stdio: 'ignore' })).toThrow();
    await expect(prepare({ variables: { PULSE_SERVER: path } })).rejects.toMatchObject({
      code: 'sound.missing',
      message: expect.stringContaining(`by $PULSE_SERVER: ${path} (nobody listens there)`),
    });
  });

  test('is missing where PULSE_SERVER means other machines only', async () => {
    await listening({ path: socketPath() });
    const variables = { XDG_RUNTIME_DIR: join(root, 'run'), PULSE_SERVER: `{0000}unix:${socketPath()}` };
    await expect(prepare({ variables })).rejects.toMatchObject({
      code: 'sound.missing',
      message: expect.stringContaining('nothing in it is meant for this machine'),
    });
  });

  test('is passed over when it does not answer in time', async () => {
    const { port, deafen, close } = await openDeafListener();
    cleanUp.push(close);
    await deafen();
    const time = manualClock();
    const before = census();
    const variables = { PULSE_SERVER: `tcp:127.0.0.1:${port}` };
    const asked = prepare({ variables, clock: time.clock });
    const refused = expect(asked).rejects.toMatchObject({
      code: 'sound.missing',
      message: expect.stringContaining(`tcp:127.0.0.1:${port} (no answer within 1 s)`),
    });
    await expect.poll(() => time.armed()).toBe(1);
    time.pass(999);
    expect(time.armed()).toBe(1);
    time.pass(1);
    await refused;
    await expectNothingLeft({ before });
  });

  test('is left alone once it was found, and no timer stays', async () => {
    await listening({ path: socketPath() });
    const time = manualClock();
    const given = await surroundings({ clock: time.clock });
    await soundOf(given).prepare(place);
    expect(time.armed()).toBe(0);
  });
});

const lentBy = ({ files }: Ride): Buffer => {
  const lent = files.find(({ name }) => name === '.pulse-cookie')?.content;
  if (lent === undefined) throw new Error('no cookie was lent');
  return lent;
};
const opening = (ride: Ride) => {
  if (ride.opening === undefined) throw new Error('everybody is let in');
  return ride.opening;
};
/** What the local sound server hears of a program that shows this cookie. */
const admitted = (ride: Ride, cookie: Buffer) => opening(ride).admit(greetingOf(cookie));

describe('what the session gets', () => {
  test('a client configuration and a cookie that is not the user’s own', async () => {
    writeCookie();
    await listening({ path: socketPath() });
    const { files } = await prepare();
    const [configuration, cookie] = files;
    expect(files.map(({ name }) => name)).toEqual(['.pulse-client.conf', '.pulse-cookie']);
    expect(String(configuration?.content)).toContain('default-server=127.0.0.1:30003\n');
    expect(String(configuration?.content)).toContain(`cookie-file=${place.folder}/.pulse-cookie\n`);
    expect(cookie?.content).toHaveLength(256);
    const pieces = Array.from({ length: 256 - 15 }, (_, at) => secret.subarray(at, at + 16));
    for (const { content } of files) expect(pieces.some((piece) => content.includes(piece))).toBe(false);
  });

  test('a cookie of its own each time it is prepared', async () => {
    writeCookie();
    await listening({ path: socketPath() });
    const [one, two] = [await prepare(), await prepare()];
    expect(lentBy(one)).not.toEqual(lentBy(two));
    // What another session was lent lets nobody in.
    expect(admitted(one, lentBy(two))).toBeUndefined();
    expect(admitted(one, lentBy(one))).toBeDefined();
  });

  test('no sound where its folder cannot be written into a client configuration', async () => {
    const rider = soundOf(await surroundings());
    await expect(rider.prepare({ ...place, folder: '/home/a#b' })).rejects.toMatchObject({
      code: 'sound.missing',
      message: expect.stringContaining('/home/a#b'),
    });
  });
});

describe('the cookie', () => {
  let port: number;
  beforeEach(async () => {
    ({ port } = await listening({ host: '127.0.0.1', port: 0 }));
  });
  afterEach(() => expect(openFiles().filter((path) => path.startsWith(root))).toEqual([]));
  /** The one that is shown to the local sound server. */
  const cookieOf = async (variables: Record<string, string> = {}) => {
    const ride = await prepare({ variables: { PULSE_SERVER: `tcp:127.0.0.1:${port}`, ...variables } });
    return cookieIn(admitted(ride, lentBy(ride)));
  };
  const other = Buffer.alloc(256, 7);

  test.each([
    ['PULSE_COOKIE', 'mine', { PULSE_COOKIE: 'mine' }],
    ['XDG_CONFIG_HOME', 'conf/pulse/cookie', { XDG_CONFIG_HOME: 'conf' }],
    ['the configuration folder', 'home/.config/pulse/cookie', {}],
  ])('is found by %s, before the older place', async (_, file, variables) => {
    writeCookie('home/.pulse-cookie', other);
    writeCookie(file);
    const absolute = Object.fromEntries(
      Object.entries(variables).map(([name, path]) => [name, join(root, path)]),
    );
    expect(await cookieOf(absolute)).toEqual(secret);
  });

  test('is found in the older place', async () => {
    writeCookie('home/.pulse-cookie');
    expect(await cookieOf()).toEqual(secret);
  });

  test.each<[string, RegExp, (path: string) => unknown]>([
    ['missing', /there is none/, () => {}],
    ['short', /it does not hold 256 bytes/, (path) => write(path, secret.subarray(0, 255))],
    ['empty', /it does not hold 256 bytes/, (path) => write(path, '')],
    ['long', /it does not hold 256 bytes/, (path) => write(path, Buffer.alloc(257, 1))],
    ['a folder', /it is no regular file/, (path) => mkdirSync(join(root, path), { recursive: true })],
    ['a pipe', /it is no regular file/, (path) => execFileSync('mkfifo', [join(root, path)])],
    ['a link', /it is a link/, (path) => symlinkSync(write('elsewhere', secret), join(root, path))],
  ])('that is %s is none: the message says so, the next place counts', async (_, reason, make) => {
    make('mine');
    const variables = { PULSE_COOKIE: join(root, 'mine') };
    const failure = await cookieOf(variables).catch((cause) => cause);
    expect(failure).toMatchObject({ code: 'sound.missing' });
    expect(failure.message).toContain(`The sound server tcp:127.0.0.1:${port} asks for a cookie`);
    expect(failure.message).toMatch(new RegExp(`${root}/mine \\(${reason.source}`));
    expect(failure.message).toContain(`${root}/home/.config/pulse/cookie (there is none)`);
    expect(failure.message).toContain(`${root}/home/.pulse-cookie (there is none). Copy the cookie`);
    writeCookie('home/.pulse-cookie', other);
    expect(await cookieOf(variables)).toEqual(other);
  });

  test('is made up where the sound server is a socket of ours, which asks for none', async () => {
    await listening({ path: socketPath() });
    const made = async () => {
      const ride = await prepare();
      return { lent: lentBy(ride), shown: cookieIn(admitted(ride, lentBy(ride))) };
    };
    const [one, two] = [await made(), await made()];
    expect(one.shown).toHaveLength(256);
    expect(one.shown).not.toEqual(two.shown);
    expect(one.shown).not.toEqual(one.lent);
  });

  test('is needed where the socket is somebody else’s', async () => {
    await listening({ path: socketPath() });
    chmodSync(socketPath(), 0o777);
    const uid = (process.getuid?.() ?? 0) + 1;
    await expect(prepare({ uid })).rejects.toMatchObject({
      code: 'sound.missing',
      message: expect.stringContaining(`unix:${socketPath()} asks for a cookie`),
    });
  });
});

describe('whoever connects from the server', () => {
  let ride: Ride;
  beforeEach(async () => {
    writeCookie();
    await listening({ path: socketPath() });
    ride = await prepare();
  });

  test('is let in with the lent cookie, and the user’s own stands in its place', () => {
    const greeting = greetingOf(lentBy(ride));
    expect(opening(ride).length).toBe(greeting.length);
    expect(opening(ride).admit(greeting)).toEqual(greetingOf(secret));
  });

  test.each<[string, (lent: Buffer) => Buffer]>([
    ['another cookie', () => greetingOf(Buffer.alloc(256, 1))],
    ['no cookie', () => greetingOf(Buffer.alloc(256))],
    ['the user’s own cookie', () => greetingOf(secret)],
    ['a cookie that begins as the lent one', (lent) => greetingOf(changed(lent, 255))],
    ['a cookie that ends as the lent one', (lent) => greetingOf(changed(lent, 0))],
    ['the lent cookie alone', (lent) => Buffer.concat([lent, Buffer.alloc(greetingLength - 256)])],
    ['the lent cookie in another packet', (lent) => changed(greetingOf(lent), 24)],
    ['nothing', () => Buffer.alloc(0)],
  ])('is not let in with %s', (_, greeting) => {
    expect(opening(ride).admit(greeting(lentBy(ride)))).toBeUndefined();
  });
});

function changed(bytes: Buffer, at: number): Buffer {
  const other = Buffer.from(bytes);
  other[at] = (other[at] ?? 0) ^ 1;
  return other;
}
