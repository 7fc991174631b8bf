import { readFile, stat } from 'node:fs/promises';
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { Clock } from '../clock.js';
import { X2GoError } from '../errors.js';
import { type PulseAddress, type PulseEntry, parsePulseServer } from '../protocol/pulse.js';
import type { Ride } from '../world.js';
import type { SoundSurroundings } from './soundSurroundings.js';

/** How long one address may take to let us in: it is on this machine, or at least near. */
const probeDeadline = 1_000;

export interface SoundServer {
  readonly to: Ride['to'];
  /** Whether it asks for the cookie: on a unix socket of our own it knows us by our uid. */
  readonly asksForCookie: boolean;
  /** As a server string. */
  readonly name: string;
}

/** The first sound server of this user that lets us connect. Throws sound.missing. */
export async function findSoundServer(surroundings: SoundSurroundings): Promise<SoundServer> {
  const looked: string[] = [];
  for (const entry of await placesToLook(surroundings)) {
    try {
      if (!entry.ok) throw new Error(entry.reason);
      return await reach(entry.text, entry.address, surroundings);
    } catch (cause) {
      looked.push(`${entry.text} (${explain(cause)})`);
    }
  }
  const asked = surroundings.variables.PULSE_SERVER?.trim() ? ' by $PULSE_SERVER' : '';
  throw new X2GoError(
    'sound.missing',
    `No sound server was found${asked}: ${looked.join(', ') || 'nothing in it is meant for this machine'}. ` +
      'Start PulseAudio or pipewire-pulse, or say in PULSE_SERVER where it is',
  );
}

async function placesToLook(surroundings: SoundSurroundings): Promise<readonly PulseEntry[]> {
  const { variables, uid, runtimeFolders, lastResort } = surroundings;
  const asked = parsePulseServer(variables.PULSE_SERVER ?? '');
  if (asked.length > 0) {
    const here = await machineName(surroundings);
    return asked.filter((entry) => !entry.ok || entry.machine === undefined || entry.machine === here);
  }
  const ofUser = uid === undefined ? undefined : `${runtimeFolders}/${uid}`;
  const runtime = variables.XDG_RUNTIME_DIR || ofUser;
  const path = `${runtime}/pulse/native`;
  const { host, port } = lastResort;
  return [
    ...(runtime ? [{ ok: true, text: `unix:${path}`, address: { kind: 'unix', path } } as const] : []),
    { ok: true, text: `tcp:${host}:${port}`, address: { kind: 'tcp', host, port, family: 0 } },
  ];
}

/** The machine's id, and only where there is none its name: as libpulse does (tried with 16.1). */
async function machineName({ machineIdFiles, hostName }: SoundSurroundings): Promise<string> {
  for (const file of machineIdFiles) {
    const id = await readFile(file, 'utf8').then(
      (text) => text.trim(),
      () => '',
    );
    if (id !== '') return id;
  }
  return hostName;
}

async function reach(name: string, address: PulseAddress, { uid, clock }: SoundSurroundings) {
  if (address.kind === 'unix') {
    const { path } = address;
    await probe({ path }, clock);
    const owner = (await stat(path)).uid;
    return { to: { path }, asksForCookie: uid === undefined || owner !== uid, name };
  }
  const { host, port, family } = address;
  const reached = await probe({ host, port, family }, clock);
  // A name may mean several addresses; each channel goes to the one that answered.
  return { to: { host: reached ?? host, port }, asksForCookie: true, name };
}

/** Connects and lets go. Gives the address that was reached, where there is one. */
function probe(target: { path: string } | TcpNetConnectOpts, clock: Clock): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(target);
    const late = clock.setTimeout(
      () => end(() => reject(new Error(`no answer within ${probeDeadline / 1_000} s`))),
      probeDeadline,
    );
    const end = (settle: () => void) => {
      clock.clearTimeout(late);
      settle();
      socket.destroy();
    };
    socket.on('connect', () => end(() => resolve(socket.remoteAddress)));
    socket.on('error', (cause) => end(() => reject(cause)));
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'nobody listens there',
  EACCES: 'access is denied',
  ENOTFOUND: 'there is no such host',
  ENOTSOCK: 'it is no socket',
};

function explain(cause: unknown): string {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return reasons[code] ?? message;
}
