import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { endChild, hasEnded, spawnTied } from './child.js';
import { eventually } from './eventually.js';
import { readXwd } from './screenshot.js';

export interface Xvfb {
  /** `:N`; the X server chose N itself. */
  readonly display: string;
  readonly pid: number;
  /** Writes what the screen shows as a PNG. */
  screenshot(path: string): void;
  /** How many different colours the screen shows: 1 is a blank screen. */
  colours(): number;
  stop(): Promise<void>;
}

/** A screen of our own, 1280x800. `-displayfd` lets parallel ones never fight for a number. */
export async function startXvfb(dir: string): Promise<Xvfb> {
  const frames = join(dir, 'screen');
  mkdirSync(frames);
  const args = '-displayfd 3 -screen 0 1280x800x24 -nolisten tcp -noreset -fbdir'.split(' ');
  const child = spawnTied('Xvfb', [...args, frames], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  let number = '';
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  (child.stdio[3] as Readable).on('data', (chunk: Buffer) => {
    number += chunk.toString();
  });
  await eventually(
    () => `Xvfb to say its display: ${said}`,
    () => number.endsWith('\n') || hasEnded(child),
  );
  if (hasEnded(child) || child.pid === undefined) throw new Error(`Xvfb ended at once: ${said}`);
  const image = () => readXwd(join(frames, 'Xvfb_screen0'));
  return {
    display: `:${number.trim()}`,
    pid: child.pid,
    screenshot: (path) => writeFileSync(path, image().toPng()),
    colours: () => image().colours(),
    stop: () => endChild(child),
  };
}
