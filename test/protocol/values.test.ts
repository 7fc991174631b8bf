import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAddress } from '../../src/protocol/address.js';
import { isDisplay, isHome, isPid, isPort } from '../../src/protocol/values.js';

const unfit = [-1, -0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e21];

test.each<[string, (value: number) => boolean, accepted: number[], refused: number[]]>([
  ['pid', isPid, [1, 22847, 9_999_999_999], [0, -22847, 10_000_000_000]],
  ['port', isPort, [1024, 65_535], [0, 1023, 65_536]],
  ['display', isDisplay, [0, 50, 59_535], [59_536]],
])('a %s that may go out is in its range and whole', (_, holds, accepted, refused) => {
  for (const value of accepted) expect([value, holds(value)]).toEqual([value, true]);
  for (const value of [...refused, ...unfit]) expect([value, holds(value)]).toEqual([value, false]);
});

test('a home folder holds nothing a shell would act on', () => {
  for (const home of ['/', '/home/alice', '/home/CORP/anna maria', '/home/ü'])
    expect(isHome(home)).toBe(true);
  for (const home of ['', 'home', ' /home', '/a\n', '/a\0', "/a'", '/a"', '/$HOME', '/`id`', '/a\\']) {
    expect([home, isHome(home)]).toEqual([home, false]);
  }
});

test('an address is what node takes for one', () => {
  const shapes = fc.oneof(
    fc.ipV4(),
    fc.ipV4Extended(),
    fc.ipV6(),
    fc.ipV6().map((address) => `${address}%eth0`),
    fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF:::::....g'), maxLength: 48 }),
    fc
      .tuple(fc.ipV6(), fc.nat(45), fc.constantFrom(':', '::', '.', 'f', '1.2.3.4', '/', ' '))
      .map(([address, at, extra]) => address.slice(0, at) + extra + address.slice(at)),
  );
  let accepted = 0;
  fc.assert(
    fc.property(shapes, (text) => {
      if (isAddress(text)) accepted += 1;
      expect(isAddress(text)).toBe(isIP(text) !== 0);
    }),
    { numRuns: 20_000 },
  );
  expect(accepted).toBeGreaterThan(5_000);
});

test.each([
  '::',
  '::1',
  '1::',
  'fe80::1%eth0',
  '::ffff:10.0.0.1',
  '1:2:3:4:5:6:7::',
  '2001:db8:1:2:3:4:5:6',
  '255.255.255.255',
])('%s is an address', (text) => {
  expect(isAddress(text)).toBe(true);
});

test.each([
  '',
  ':',
  ':::',
  '1:2:3:4:5:6:7:8::',
  '1::2::3',
  '1:2',
  '1.2.3.4::',
  '::1.2.3',
  '::1.2.3.4.5',
  '01.2.3.4',
  '1.2.3.4%eth0',
  'fe80::1%',
  'fe80::1%a b',
])('%j is no address', (text) => {
  expect(isAddress(text)).toBe(false);
});
