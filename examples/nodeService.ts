/** A service that guards a server until SIGTERM or SIGINT, and tidies up before it goes. */
import { createGuardian } from 'x2go-guardian';
import { openOffice } from './office.js';

const { emulator, options, close } = await openOffice();
const guardian = createGuardian({
  ...options,
  autoUpdateListSessionsCache: true,
  autoRegisterSessions: true,
  handleSignals: true,
});

const ended = new Promise<void>((resolve) => guardian.on('guardian.terminated', () => resolve()));
guardian.on('session.registered', ({ profile, state }) => console.log('registered', profile, state));

await guardian.start();
await guardian.connect('office', { timeout: 10_000 });
console.log('guarding', emulator.user);
emulator.sessions.start({ kind: 'desktop', command: 'mate' });

await ended;
const report = await guardian.stop();
console.log(
  'stopped,',
  guardian.open.length,
  'left open,',
  report.length > 0 ? 'with a report' : 'no report',
);
await close();
