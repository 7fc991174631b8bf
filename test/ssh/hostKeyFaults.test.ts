import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { X2GoError } from '../../src/errors.js';
import { compileHostKeys, privileged } from './support/compiled.js';
import { codeOf, open, openHostKeyWorkshop } from './support/hostKeyFiles.js';

const workshop = openHostKeyWorkshop();
const { knownHosts } = workshop;
const mine = workshop.makeKey('ed25519');
afterAll(() => workshop.close());

describe('a file that cannot be read refuses', () => {
  const unreadable: [string, () => string][] = [
    ['a directory', () => dirname(knownHosts())],
    ['a file where its directory should be', () => `${knownHosts('')}/known_hosts`],
    [
      'a loop of links',
      () => {
        const file = knownHosts();
        symlinkSync(file, file);
        return file;
      },
    ],
    [
      'a named pipe',
      () => {
        const file = knownHosts();
        execFileSync('mkfifo', [file]);
        return file;
      },
    ],
    ['a device', () => '/dev/zero'],
  ];
  test.each(unreadable)('%s', async (_, make) => {
    for (const mode of ['strict', 'accept-new'] as const) {
      const failure = open(make(), { mode });
      await expect(failure).rejects.toBeInstanceOf(X2GoError);
      await expect(failure).rejects.toMatchObject({ code: 'hostKey.unchecked', retryable: false });
    }
  });

  test('it came to be unreadable in the meantime', async () => {
    const file = knownHosts();
    const hostKeys = await open(file, { mode: 'accept-new' });
    mkdirSync(file);
    expect(codeOf(hostKeys.verify(mine.blob))).toBe('hostKey.unchecked');
  });
});

describe.skipIf(!privileged)('FAULTS 44: a disk that is full, a user who may not', () => {
  const run = compileHostKeys(workshop.dir);
  const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

  test('the harness works', () => {
    const file = knownHosts('# one');
    expect(run([], file, 'accept-new', mine.blob)).toMatchObject({
      verdict: 'accepted',
      names: ['known_hosts'],
    });
    expect(readFileSync(file, 'utf8')).toBe(`# one\nh.example ${mine.line}\n`);
  });

  test.each([
    ['a file with a line', '# one\\n'],
    ['an empty file', ''],
  ])('full, %s: refused, nothing truncated, nothing left', (_, content) => {
    const dir = dirname(knownHosts());
    // 2 pages: the file that is there, and a filler for the rest; the temporary file gets a name but no page.
    const fill = `mount -t tmpfs -o size=8k tmpfs ${dir} && printf '${content}' > ${dir}/known_hosts && cat /dev/zero > ${dir}/filler 2>/dev/null;`;
    const meeting = run(
      ['unshare', '-m', 'sh', '-c', `${fill} exec "$@"`, 'sh'],
      `${dir}/known_hosts`,
      'accept-new',
      mine.blob,
    );
    expect(meeting.verdict).toBe('hostKey.unchecked');
    expect(meeting.message).toContain('ENOSPC');
    expect(meeting.after).toBe(meeting.before);
    expect([...meeting.names].sort()).toEqual(['filler', 'known_hosts']);
  });

  test('not readable', () => {
    const file = knownHosts(`h.example ${mine.line}\n`, 0o600);
    const meeting = run(asNobody, file, 'strict', mine.blob);
    expect(meeting).toMatchObject({ verdict: 'hostKey.unchecked' });
    expect(meeting.message).toContain('EACCES');
  });

  test('not writable: the directory, or a directory that is not there', () => {
    const file = knownHosts('# one\n', 0o666);
    const meeting = run(asNobody, file, 'accept-new', mine.blob);
    expect(meeting).toMatchObject({ verdict: 'hostKey.unchecked', names: ['known_hosts'] });
    expect(meeting.after).toBe(meeting.before);
    expect(run(asNobody, `${dirname(file)}/new/known_hosts`, 'accept-new', mine.blob).verdict).toBe(
      'hostKey.unchecked',
    );
  });

  test('read-only', () => {
    const file = knownHosts('# one\n');
    const bind = `mount --bind ${dirname(file)} ${dirname(file)} && mount -o remount,bind,ro ${dirname(file)} && exec "$@"`;
    const meeting = run(['unshare', '-m', 'sh', '-c', bind, 'sh'], file, 'accept-new', mine.blob);
    expect(meeting.verdict).toBe('hostKey.unchecked');
    expect(meeting.message).toContain('EROFS');
  });
});
