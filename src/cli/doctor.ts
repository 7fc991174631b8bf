import type { Invocation } from './arguments.js';
import { type Context, done, type Outcome } from './command.js';

export async function doctor(_invocation: Invocation, _context: Context): Promise<Outcome> {
  return done;
}
