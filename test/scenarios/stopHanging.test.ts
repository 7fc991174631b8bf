import { expect, test } from 'vitest';
import { moments } from '../support/moments.js';
import { stopAt } from '../support/stopAt.js';

test.each(Object.entries(moments))(
  'FAULTS 9: stop() while %s, with a server that hangs, ends within 5 s',
  async (_, moment) => {
    expect(await stopAt(moment, 'hanging')).toBeLessThan(5_000);
  },
);
