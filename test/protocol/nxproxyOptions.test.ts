import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNxPath, nxArguments, nxOptionsLine } from '../../src/protocol/nxOptions.js';

const cookie = '0123456789abcdef0123456789ABCDEF';
const good = {
  display: 50,
  cookie,
  port: 4_000,
  root: '/run/user/1000/a-b_c.d',
  errors: '/run/user/1000/a-b_c.d/errors',
  stats: '/run/user/1000/a-b_c.d/stats',
  clipboard: 'both',
} as const;

test('the options are one line, and the cookie is in it and not in the arguments', () => {
  expect(nxOptionsLine(good)).toBe(
    'nx/nx,retry=5,composite=1,root=/run/user/1000/a-b_c.d,connect=127.0.0.1,clipboard=both,' +
      `cookie=${cookie},port=4000,errors=/run/user/1000/a-b_c.d/errors,stats=/run/user/1000/a-b_c.d/stats:50`,
  );
  expect(nxArguments('/run/x/options', 50)).toEqual(['-S', 'nx/nx,options=/run/x/options:50']);
});

test.each([
  ['a cookie that is longer', { cookie: `${cookie}0` }],
  ['a cookie with an option in it', { cookie: `${cookie.slice(2)},a` }],
  ['a cookie with a newline', { cookie: `${cookie}\n` }],
  ['a port that is none', { port: 70_000 }],
  ['a port with a fraction', { port: 4_000.5 }],
  ['a display that is none', { display: -1 }],
  ['a path with a comma', { root: '/run/a,composite=0' }],
  ['a path with a colon', { errors: '/run/a:7' }],
  ['a path with a blank', { stats: '/run/my files' }],
  ['a relative path', { root: 'run' }],
])('%s is refused, and the cookie is not in what is said', (_, bad) => {
  let message = '';
  try {
    nxOptionsLine({ ...good, ...bad });
  } catch (cause) {
    message = (cause as Error).message;
  }
  expect(message).not.toBe('');
  expect(message).not.toContain(cookie.slice(4));
});

test('whatever the path, it is refused or stands in the line as one value', () => {
  const property = fc.property(fc.string({ unit: 'binary' }), (tail) => {
    const root = `/run/${tail}`;
    if (!isNxPath(root)) {
      expect(() => nxOptionsLine({ ...good, root })).toThrow();
      return;
    }
    const line = nxOptionsLine({ ...good, root });
    const words = line.slice(0, line.lastIndexOf(':')).split(',');
    expect(words).toHaveLength(10);
    expect(words).toContain(`root=${root}`);
    expect(line.split(':')).toHaveLength(2);
  });
  fc.assert(property, { numRuns: 2_000 });
});
