import type { ProxyPort } from '../../machines/sessionPorts.js';
import type { World } from '../world.js';
import { nxproxy } from './nxproxy.js';
import { viewer } from './viewer.js';

/** What paints the sessions on the local screen: the app's own viewer where it brings one, else nxproxy. */
export const proxy = (world: World): ProxyPort =>
  world.viewer === undefined ? nxproxy(world) : viewer(world, world.viewer);
