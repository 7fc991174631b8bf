/** A test of an app: a server in process that goes silent, and a clock that the test moves. */
import { createGuardian } from 'x2go-guardian';
import { SimulatedClock } from 'xstate';
import { openOffice } from './office.js';

const clock = new SimulatedClock();
const { emulator, options, close } = await openOffice({ clock });
const guardian = createGuardian({ ...options, clock });
// Ten times as fast as the clock on the wall, and it stands still while nothing can run.
const time = setInterval(() => clock.increment(50), 5);

await guardian.start();
await guardian.connect('office');
console.log('connected');

const lost = new Promise<number>((resolve) => guardian.on('profile.lost', () => resolve(clock.now())));
emulator.faults.silence();
const cut = clock.now();
console.log('lost within 15 s:', (await lost) - cut <= 15_500);

await guardian.stop();
await close();
clearInterval(time);
console.log('left open:', guardian.open.length);
