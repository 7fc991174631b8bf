import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { editSessions, withValues } from '../../src/profiles/editSessions.js';
import { IniDocument } from '../../src/profiles/iniDocument.js';
import { openFiles } from '../support/aftermath.js';

class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'sessions-'));
  readonly file = join(this.path, 'sessions');
  get text(): string {
    return readFileSync(this.file, 'latin1');
  }
  [Symbol.dispose](): void {
    const open = openFiles().filter((path) => path.startsWith(this.path));
    rmSync(this.path, { recursive: true, force: true });
    expect(open).toEqual([]);
  }
}

const before = '; mine\r\n[one]\r\nhost = "a.example"\r\nx-own=@Variant(\\0)\r\n\r\n[two]\r\nhost=b\r\n';

/** The pid of a process that is over. */
async function deadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('a file of profiles is changed', () => {
  test('not at all by what it says already', async () => {
    using folder = new Folder();
    writeFileSync(folder.file, before, 'latin1');
    const edited = await editSessions(folder.file, (one) => withValues(one, 'one', { host: 'a.example' }));
    expect(edited).toEqual({ file: folder.file, changed: false });
    expect(folder.text).toBe(before);
    expect(readdirSync(folder.path)).toEqual(['sessions']);
  });

  test('in one value alone; the one before is kept, and nothing else is left', async () => {
    using folder = new Folder();
    writeFileSync(folder.file, before, { encoding: 'latin1', mode: 0o640 });
    const edited = await editSessions(folder.file, (one) => withValues(one, 'one', { host: 'c' }));
    expect(edited).toEqual({ file: folder.file, changed: true, backup: `${folder.file}.bak` });
    expect(folder.text).toBe(before.replace(' "a.example"', 'c'));
    expect(readFileSync(`${folder.file}.bak`, 'latin1')).toBe(before);
    expect(readdirSync(folder.path)).toEqual(['sessions', 'sessions.bak']);
  });

  test('behind a link, which stays one', async () => {
    using folder = new Folder();
    const real = join(folder.path, 'real');
    writeFileSync(real, before, 'latin1');
    symlinkSync(real, folder.file);
    await editSessions(folder.file, (one) => withValues(one, 'two', { user: 'u' }));
    expect(readFileSync(real, 'latin1')).toBe(`${before}user=u\r\n`);
    expect(readFileSync(folder.file, 'latin1')).toContain('user=u');
  });

  test('not where the value would be read as something else', async () => {
    using folder = new Folder();
    writeFileSync(folder.file, '[one]\nname="never closed\n');
    const edit = editSessions(folder.file, (one) => withValues(one, 'two', { host: 'h' }));
    await expect(edit).rejects.toMatchObject({ code: 'config.invalid' });
    expect(readdirSync(folder.path)).toEqual(['sessions']);
  });

  test('not where it cannot be written', async () => {
    const edit = editSessions('/proc/sessions/sessions', (one) => withValues(one, 'two', { host: 'h' }));
    await expect(edit).rejects.toMatchObject({ code: 'file.unwritable' });
  });

  test('not where the one before cannot be kept, and nothing half-written stays', async () => {
    using folder = new Folder();
    writeFileSync(folder.file, before, 'latin1');
    mkdirSync(`${folder.file}.bak`);
    await expect(
      editSessions(folder.file, (one) => withValues(one, 'one', { host: 'c' })),
    ).rejects.toMatchObject({ code: 'file.unwritable' });
    expect(folder.text).toBe(before);
    expect(readdirSync(folder.path)).toEqual(['sessions', 'sessions.bak']);
  });

  test('not where a folder has taken its place meanwhile, and nothing half-written stays', async () => {
    using folder = new Folder();
    const edited = editSessions(folder.file, (one) => {
      mkdirSync(folder.file);
      return withValues(one, 'one', { host: 'c' });
    });
    await expect(edited).rejects.toMatchObject({ code: 'file.unwritable' });
    expect(readdirSync(folder.path)).toEqual(['sessions']);
  });

  test('by many at once, and no change is lost', async () => {
    using folder = new Folder();
    const ids = Array.from({ length: 12 }, (_, at) => `p${at}`);
    await Promise.all(
      ids.map((id) => editSessions(folder.file, (one) => withValues(one, id, { host: id }), 30_000)),
    );
    const { sections } = IniDocument.parse(readFileSync(folder.file));
    expect([...sections].sort()).toEqual([...ids].sort());
    expect(readdirSync(folder.path)).toEqual(['sessions', 'sessions.bak']);
  });
});

describe('the lock of a file of profiles', () => {
  const edit = (file: string, patienceMs?: number) =>
    editSessions(file, (one) => withValues(one, 'two', { host: 'h' }), patienceMs);

  test('is waited for, and who holds it is told', async () => {
    using folder = new Folder();
    writeFileSync(`${folder.file}.lock`, `${process.pid}\nx2goclient\n${hostname()}\n`);
    await expect(edit(folder.file, 60)).rejects.toMatchObject({
      code: 'file.unwritable',
      message: expect.stringContaining(`process ${process.pid} (x2goclient)`),
    });
    expect(existsSync(folder.file)).toBe(false);
  });

  test('of a process that is gone is taken, and told', async () => {
    using folder = new Folder();
    writeFileSync(`${folder.file}.lock`, `${await deadPid()}\nx2goclient\n${hostname()}\n`);
    expect((await edit(folder.file)).stale).toMatch(/x2goclient.*which is gone/);
    expect(readdirSync(folder.path)).toEqual(['sessions']);
  });

  test('of another machine is nobody here to judge', async () => {
    using folder = new Folder();
    writeFileSync(`${folder.file}.lock`, `${await deadPid()}\nx2goclient\nelsewhere\n`);
    await expect(edit(folder.file, 60)).rejects.toMatchObject({ code: 'file.unwritable' });
  });
});
