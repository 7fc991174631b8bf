import { type Context, done, type Outcome } from './command.js';
import type { DemoOptions } from './options.js';

export async function demo(_options: DemoOptions, _context: Context): Promise<Outcome> {
  return done;
}
