/** In a command under test: notes where something still held the process when it had come to its end. */
import { appendFileSync } from 'node:fs';

let isFree = false;
// Comes when nothing is left that could happen, and never with process.exit().
process.on('beforeExit', () => {
  isFree = true;
});
process.on('exit', (code) => {
  if (!isFree) appendFileSync(process.env.HELD_FILE, `${process.argv.slice(2).join(' ')}: ${code}\n`);
});
