#!/usr/bin/env node
import { Ending } from './ending.js';
import { processIo } from './io.js';
import { keepCompiled } from './keepCompiled.js';
import { giveUpLost, terminals } from './terminals.js';

const before = terminals();
const io = processIo();
// Before the rest is loaded: a signal that comes meanwhile is a polite one too.
const ending = new Ending(io.events);
keepCompiled(io.env);
const { run } = await import('./run.js');
process.exitCode = await run(process.argv.slice(2), io, ending);
giveUpLost(before);
// Everything of ours is closed and written out by now. Should something foreign hold the process, it holds in vain.
setTimeout(() => process.exit(), 1_000).unref();
