import type { Presentation } from '../../machines/orders.js';
import { type Looking, localScreen } from './localScreen.js';

/** `maximize` is a word of clients, which no server knows: it becomes the local screen's size. Throws screen.missing. */
export async function fitToScreen<Wish extends Presentation>(wish: Wish, looking: Looking): Promise<Wish> {
  if (wish.geometry !== 'maximize') return wish;
  const { width, height } = await localScreen(wish.screen ?? looking.env.DISPLAY ?? '', looking);
  return { ...wish, geometry: `${width}x${height}` };
}
