import type { Greeting } from './faultPlan.js';
import type { Line } from './line.js';

const chunk = Buffer.alloc(16 * 1024, 'x');

/** What a client meets on the port when it is not SSH. */
export function greet(line: Line, greeting: Greeting): void {
  line.on('error', () => {});
  line.resume();
  switch (greeting.kind) {
    case 'throttled':
      // The words of OpenSSH's MaxStartups.
      line.end('Exceeded MaxStartups\r\n');
      return;
    case 'garbage':
      line.write(greeting.text);
      return;
    case 'flood':
      pour(line, greeting.bytes);
  }
}

/** Never a newline, and no faster than it is taken. */
function pour(line: Line, bytes: number): void {
  if (line.destroyed || bytes <= 0) return;
  if (line.write(chunk.subarray(0, bytes))) pour(line, bytes - chunk.length);
  else line.once('drain', () => pour(line, bytes - chunk.length));
}
