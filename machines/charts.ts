import type { AnyStateMachine } from 'xstate';
import { attachmentMachine } from './attachment.js';
import { guardianMachine } from './guardian.js';
import { profileMachine } from './profile.js';
import { proxyMachine } from './proxy.js';
import { sessionMachine } from './session.js';
import { tunnelMachine } from './tunnel.js';

/** Every chart by its id: what is drawn, recorded and replayed. */
export const charts: Readonly<
  Record<'guardian' | 'profile' | 'session' | 'attachment' | 'tunnel' | 'proxy', AnyStateMachine>
> = {
  guardian: guardianMachine,
  profile: profileMachine,
  session: sessionMachine,
  attachment: attachmentMachine,
  tunnel: tunnelMachine,
  proxy: proxyMachine,
};
