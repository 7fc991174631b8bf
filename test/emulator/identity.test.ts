import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { newKeyPair } from '../../src/emulator/index.js';

test('a thousand key pairs can all be read back', () => {
  for (let n = 0; n < 1_000; n++) {
    const pair = newKeyPair();
    expect(ssh2.utils.parseKey(pair.private)).not.toBeInstanceOf(Error);
    expect(ssh2.utils.parseKey(pair.public)).not.toBeInstanceOf(Error);
  }
});
