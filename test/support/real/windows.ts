import { run } from './run.js';

export interface SeenWindow {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** Every window of a screen that has a name and a class, as X itself says. */
export async function windowsOn(display: string): Promise<SeenWindow[]> {
  const { stdout } = await run('xwininfo', ['-root', '-tree', '-display', display]);
  const form = /^\s*0x[0-9a-f]+ "(.*)": \(".*"\) +([0-9]+)x([0-9]+)[+-]/gm;
  return [...stdout.matchAll(form)].map(([, name = '', width, height]) => ({
    name,
    width: Number(width),
    height: Number(height),
  }));
}

/** Whether a window manager has taken the screen. */
export async function isManaged(display: string): Promise<boolean> {
  const { stdout } = await run('xprop', ['-root', '-display', display, '_NET_SUPPORTING_WM_CHECK']);
  return stdout.includes('window id #');
}
