import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { X2GoError } from '../errors.js';
import { type Config, checkConfig } from './configSchema.js';

/** Reads the file of --config. Throws file.unreadable or config.invalid. */
export async function readConfig(file: string): Promise<Config> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new X2GoError('file.unreadable', `Cannot read the configuration: ${why}. Check the path`, {
      cause,
    });
  });
  const checked = checkConfig(text, (path) => pathFrom(dirname(file), path));
  if (checked.ok) return checked.config;
  throw new X2GoError('config.invalid', `${file}: ${checked.reason}`);
}

/** A path as people write it: `~/` is the home directory, the rest is relative to the file it stands in. */
const pathFrom = (folder: string, path: string): string =>
  path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(folder, path);
