import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Ending } from '../../src/cli/ending.js';
import { Printer } from '../../src/cli/printer.js';
import { commandFailed, worst } from '../../src/cli/records.js';
import { run } from '../../src/cli/run.js';
import { failure } from './support/aBoard.js';
import { FakeIo } from './support/fakeIo.js';

describe('an ending', () => {
  test('the first signal asks, the second forces, and none is left behind', () => {
    const events = new EventEmitter();
    const ending = new Ending(events);
    events.emit('SIGHUP', 'SIGHUP');
    expect([ending.asked.aborted, ending.forced.aborted, ending.reason]).toEqual([true, false, 'SIGHUP']);
    events.emit('SIGTERM', 'SIGTERM');
    expect([ending.forced.aborted, ending.reason]).toEqual([true, 'SIGHUP']);
    ending.dispose();
    expect(events.eventNames()).toEqual([]);
  });

  test('a terminal that goes away may say so twice: that forces nothing', () => {
    const events = new EventEmitter();
    const ending = new Ending(events);
    events.emit('SIGHUP', 'SIGHUP');
    events.emit('SIGHUP', 'SIGHUP');
    expect([ending.asked.aborted, ending.forced.aborted]).toEqual([true, false]);
    ending.dispose();
  });

  test('an error after a signal forces nothing, and is not forgotten', () => {
    const events = new EventEmitter();
    const ending = new Ending(events);
    events.emit('SIGTERM', 'SIGTERM');
    events.emit('uncaughtException', new Error('planted'));
    events.emit('unhandledRejection', 'no error at all');
    expect(ending.forced.aborted).toBe(false);
    expect(ending.failure).toMatchObject({ code: 'unexpected', message: 'planted' });
  });
});

describe('a printer', () => {
  const aPrinter = () => {
    const io = new FakeIo();
    const ending = new Ending(io.events);
    return { io, ending, printer: new Printer(io, ending) };
  };

  test.each(['EPIPE', 'EIO', 'ECONNRESET'])('%s on stdout is the end, and no failure', (code) => {
    const { io, ending, printer } = aPrinter();
    io.stdout.emit('error', Object.assign(new Error(code), { code }));
    io.stdout.emit('error', Object.assign(new Error(code), { code }));
    expect([ending.asked.aborted, ending.forced.aborted, ending.failure]).toEqual([true, false, undefined]);
    printer.print('more');
    expect(io.out).toBe('');
  });

  test('any other error on stdout is a failure', () => {
    const { io, ending } = aPrinter();
    io.stdout.emit('error', Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }));
    expect(ending.failure?.code).toBe('file.unreadable');
  });

  test('a write that throws is an error on stdout', () => {
    const { io, ending, printer } = aPrinter();
    io.stdout.write = () => {
      throw Object.assign(new Error('EPIPE'), { code: 'EPIPE' });
    };
    printer.print('text');
    expect(ending.isStdoutClosed).toBe(true);
  });

  test('stderr may do what it likes', () => {
    const { io, ending, printer } = aPrinter();
    io.stderr.emit('error', new Error('EPIPE'));
    io.stderr.write = () => {
      throw new Error('EPIPE');
    };
    printer.say('text');
    expect(ending.asked.aborted).toBe(false);
  });

  test('holds lines back while a question stands on the same terminal, and nowhere else', () => {
    const { io, printer } = aPrinter();
    printer.stage.pause();
    printer.print('one');
    expect(io.out).toBe('one\n');
    printer.stage.resume();
    Object.assign(io.stdout, { isTTY: true });
    printer.stage.pause();
    printer.stage.pause();
    printer.print('two');
    printer.stage.resume();
    expect(io.out).toBe('one\n');
    printer.stage.resume();
    expect(io.out).toBe('one\ntwo\n');
  });

  test('waits until all is out', async () => {
    const { io, printer } = aPrinter();
    io.stdout.pause();
    for (let n = 0; n < 100; n++) printer.print('x'.repeat(1_000));
    let flushed = false;
    const flushing = printer.flush().then(() => {
      flushed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(flushed).toBe(false);
    io.stdout.resume();
    await flushing;
    expect(io.out).toHaveLength(100_100);
  });

  test('waits for nobody after a second signal', async () => {
    const { io, printer } = aPrinter();
    io.stdout.pause();
    for (let n = 0; n < 100; n++) printer.print('x'.repeat(1_000));
    const flushing = printer.flush();
    io.events.emit('SIGINT', 'SIGINT');
    io.events.emit('SIGINT', 'SIGINT');
    await flushing;
  });
});

describe('several failures', () => {
  const [refused, forced, broken] = [
    { profile: 'a', failure: failure('ssh.refused') },
    { profile: 'b', failure: failure('session.orphaned') },
    { failure: failure('unexpected') },
  ];
  test('1 outweighs 70, which outweighs the rest; among equals the first', () => {
    expect(worst([refused, forced, broken])).toBe(broken);
    expect(worst([refused, forced])).toBe(forced);
    expect(worst([refused, { failure: failure('auth.refused') }])).toBe(refused);
  });
  test('are all in the last line', () => {
    expect(commandFailed([refused, forced], 70)).toMatchObject({
      profile: 'b',
      exitCode: 70,
      failures: [refused, forced],
    });
    expect(commandFailed([refused], 69)).not.toHaveProperty('failures');
  });
});

test('two commands in one process share nothing and leave no listener', async () => {
  const [one, two] = [new FakeIo(), new FakeIo()];
  const codes = await Promise.all([run(['--version'], one), run(['nothing'], two)]);
  expect(codes).toEqual([0, 2]);
  expect([one.err, two.out]).toEqual(['', '']);
  expect([...one.events.eventNames(), ...two.events.eventNames()]).toEqual([]);
});
