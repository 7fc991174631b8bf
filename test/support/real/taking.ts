import type { OtherClient, OtherSession } from '../otherClient.js';

/** A session of somebody else, as a client gets to know it from the server's list. */
export async function found(client: OtherClient, session: string): Promise<OtherSession> {
  const row = (await client.list()).find((line) => line.split('|')[1] === session);
  const [agentPid, , display, , , , cookie = '', , graphics, sound, , , , files] = row?.split('|') ?? [];
  if (row === undefined) throw new Error(`${session} is not listed`);
  const ports = { graphics: Number(graphics), sound: Number(sound), files: Number(files) };
  const kind = session.includes('_stD') ? 'desktop' : 'application';
  return { session, display: Number(display), cookie, agentPid: Number(agentPid), kind, ports };
}

export interface Overlap {
  /** The most viewers that were seen at one moment. */
  most(): number;
  stop(): void;
}

/** Counts every 100 ms what shows a session, on either side. */
export function watchOverlap(count: () => number): Overlap {
  let most = count();
  const look = setInterval(() => {
    most = Math.max(most, count());
  }, 100);
  return { most: () => most, stop: () => clearInterval(look) };
}
