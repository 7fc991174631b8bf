import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Cli, linesOf, Place } from '../cli/support/cli.js';
import { complaints } from '../schema/support/eventSchema.js';

const run = (place: Place, ...words: string[]) => new Cli(words, place).ended;

test('demo --record writes what replay tells, replay --check confirms and why explains', async () => {
  using place = new Place();
  const file = place.file('run.ndjson');
  const demo = await run(place, 'demo', '--duration', '12000', '--json', '--record', file);
  expect(demo.code).toBe(0);

  const told = await run(place, 'replay', file);
  expect(told).toMatchObject({ code: 0, stderr: '' });
  expect(told.stdout).toMatch(/session\.started .*gimp|session\.started/);
  const json = await run(place, 'replay', file, '--json');
  expect(linesOf(json.stdout)).toEqual(linesOf(demo.stdout));
  expect(linesOf(json.stdout).flatMap(complaints)).toEqual([]);

  const same = await run(place, 'replay', file, '--check');
  expect(same.stdout).toMatch(/^The same: \d+ charts came by \d+ events to the \d+ states recorded\.\n$/);
  expect(same.code).toBe(0);

  const started = linesOf(demo.stdout).find(({ event }) => event === 'session.started');
  const why = await run(place, 'why', String(started?.session), '--recording', file);
  expect(why.stdout).toContain(`${started?.session} (`);
  expect(why.stdout).toContain('How it came to that:');
  const explained = await run(place, 'why', String(started?.session), '--recording', file, '--json');
  expect(linesOf(explained.stdout).flatMap(complaints)).toEqual([]);
  expect(linesOf(explained.stdout)).toEqual([
    expect.objectContaining({
      event: 'session.explained',
      session: started?.session,
      story: expect.any(Array),
    }),
  ]);
  expect(await run(place, 'why', 'nobody-99', '--recording', file)).toMatchObject({ code: 66 });

  const lines = readFileSync(file, 'utf8').split('\n');
  const place0 = lines.findIndex((line) => line.includes('"t":"state"') && line.includes('"running"'));
  writeFileSync(
    file,
    lines.map((line, at) => (at === place0 ? line.replaceAll('running', 'elsewhere') : line)).join('\n'),
  );
  const differs = await run(place, 'replay', file, '--check', '--json');
  expect(differs.code).toBe(65);
  expect(linesOf(differs.stdout).at(-1)).toMatchObject({
    event: 'command.failed',
    failure: { code: 'recording.differs', message: expect.stringContaining(`Line ${place0 + 1}: `) },
  });
  expect(await run(place, 'replay', place.file('missing'))).toMatchObject({ code: 74 });
  writeFileSync(file, 'nothing of the kind\n');
  expect(await run(place, 'replay', file)).toMatchObject({
    code: 65,
    stderr: expect.stringContaining('line 1 is left out'),
  });
  expect(await run(place, 'why', 'alice-50')).toMatchObject({ code: 66 });
}, 40_000);
