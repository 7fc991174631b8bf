/** In a browser: every actor of the guardian in the XState inspector. */
import { createBrowserInspector } from '@statelyai/inspect';
import type { Guardian } from 'x2go-guardian';

export const inspected = ({ actor }: Guardian) => actor.system.inspect(createBrowserInspector().inspect);
