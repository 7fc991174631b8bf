const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const dotted = `${octet}(?:\\.${octet}){3}`;
const ipv4 = new RegExp(`^${dotted}$`);
const trailingIpv4 = new RegExp(`:${dotted}$`);

// 45 characters: six groups of four and a dotted IPv4. sshd adds a zone to link-local addresses.
const ipv6Shape = /^([0-9A-Fa-f:.]{2,45})(?:%[0-9A-Za-z._-]{1,32})?$/;
const group = /^[0-9A-Fa-f]{1,4}$/;

function isIpv6(text: string): boolean {
  const address = ipv6Shape.exec(text)?.[1];
  if (address === undefined) return false;
  const halves = address.replace(trailingIpv4, ':0:0').split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const rightCount = halves.length === 2 ? groups.length <= 7 : groups.length === 8;
  return rightCount && groups.every((part) => group.test(part));
}

/** IPv4 or IPv6 text, with or without a zone. */
export function isAddress(text: string): boolean {
  return ipv4.test(text) || isIpv6(text);
}
