import type { Presentation, SessionOrder } from '../machines/orders.js';
import type { Clock } from './clock.js';
import { X2GoError } from './errors.js';
import { translateUnsized } from './protocol/order.js';
import { localScreen } from './proxy/localScreen.js';
import { findNxproxy } from './proxy/programs.js';

/** Throws order.invalid for what no server is to be asked. */
export function checkOrder(order: SessionOrder): void {
  const translated = translateUnsized(order);
  if (!translated.ok) throw new X2GoError('order.invalid', translated.reason);
}

/**
 * What is wanted, in the words a server knows: `maximize` becomes the size of the local screen. Throws screen.missing,
 * proxy.missing: before anything is asked of a server.
 */
export async function presentable<Wish extends Presentation>(wish: Wish, clock: Clock): Promise<Wish> {
  const { env } = process;
  findNxproxy('nxproxy', env);
  const { width, height } = await localScreen(wish.screen ?? env.DISPLAY ?? '', { env, clock });
  return wish.geometry === 'maximize' ? { ...wish, geometry: `${width}x${height}` } : wish;
}
