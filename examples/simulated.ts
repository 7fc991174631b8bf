/** A test of an app without a network: the line drops while a session starts, and a minute passes in a moment. */
import { SimulatedWorld } from 'x2go-guardian/testing';

const world = new SimulatedWorld({ seed: 7 });
await world.guardian.start();
const started = world.guardian.startSession('office', { kind: 'application', command: 'xterm' });
await world.until('session.progress', ({ phase }) => phase === 'agent');
world.server().cut();
console.log('started all the same:', (await world.finish(started)).state);
await world.finish(world.guardian.stop());
console.log('left open:', world.guardian.open.length);
