/** For the tests of apps: a server in process, a whole world that is simulated, and a way to wait for what a guardian tells. */
export * from '../emulator/index.js';
export { Random } from './random.js';
export { SimulatedServer } from './server.js';
export { SimulatedTime } from './time.js';
export { until } from './until.js';
export type { ViewerFault } from './viewers.js';
export { type SimulatedOptions, SimulatedWorld } from './world.js';
