/** What proves to an X server that we may paint on it. */
export interface Authorization {
  readonly name: string;
  readonly data: Buffer;
}
export interface XauthorityEntry extends Authorization {
  readonly family: number;
  readonly address: Buffer;
  /** The display's number, or empty for any. */
  readonly number: string;
}

/** X11/Xauth.h */
const families = { internet: 0, internet6: 6, local: 256, wild: 65_535 };
const magicCookie = 'MIT-MAGIC-COOKIE-1';

/**
 * The format of Xau: records of a family and four counted strings, all numbers in network byte order. A record that is cut
 * short ends the reading; what came before it counts.
 */
export function parseXauthority(file: Buffer): readonly XauthorityEntry[] {
  const entries: XauthorityEntry[] = [];
  let at = 0;
  const counted = (): Buffer | undefined => {
    if (at + 2 > file.length) return undefined;
    const from = at + 2;
    const to = from + file.readUInt16BE(at);
    if (to > file.length) return undefined;
    at = to;
    return file.subarray(from, to);
  };
  while (at + 2 <= file.length) {
    const family = file.readUInt16BE(at);
    at += 2;
    const [address, number, name, data] = [counted(), counted(), counted(), counted()];
    if (!address || !number || !name || !data) break;
    entries.push({ family, address, number: number.toString('latin1'), name: name.toString('latin1'), data });
  }
  return entries;
}

/** Where the X server is, as its entry names it: this machine by its host name, another one by its address. */
export type ServerAddress = { readonly hostname: string } | { readonly ip: Buffer };

export function findAuthorization(
  entries: readonly XauthorityEntry[],
  server: ServerAddress,
  display: number,
): Authorization | undefined {
  return entries.find(
    ({ family, address, number, name }) =>
      name === magicCookie &&
      (number === '' || number === String(display)) &&
      (family === families.wild || matches(family, address, server)),
  );
}

function matches(family: number, address: Buffer, server: ServerAddress): boolean {
  if ('hostname' in server)
    return family === families.local && address.toString('latin1') === server.hostname;
  const wanted = server.ip.length === 4 ? families.internet : families.internet6;
  return family === wanted && address.equals(server.ip);
}
