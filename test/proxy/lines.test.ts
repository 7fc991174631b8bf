import { expect, test } from 'vitest';
import { lineReader } from '../../src/proxy/lines.js';

test('lines come whole, however they are cut; of one without end 4,096 characters are kept', () => {
  const lines: string[] = [];
  const reader = lineReader((line) => lines.push(line));
  const text = Buffer.from('grün\n\nzwei\n');
  for (const byte of text) reader.read(Buffer.from([byte]));
  for (let n = 0; n < 100; n += 1) reader.read(Buffer.alloc(1_000, 'x'));
  reader.read(Buffer.from('\nrest'));
  reader.end();
  reader.end();
  expect(lines).toEqual(['grün', '', 'zwei', 'x'.repeat(4_096), 'rest']);
});
