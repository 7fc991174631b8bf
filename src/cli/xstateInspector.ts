import { connectToInspector } from '../inspection/xstateLink.js';
import { openXStateServer } from '../inspection/xstateServer.js';
import { XStateWire } from '../inspection/xstateWire.js';
import type { GuardianOptions } from '../options.js';
import type { Context } from './command.js';
import type { WatchOptions } from './options.js';

/** What a guardian is to be made with, and how the inspector is closed. */
export interface Inspector {
  readonly options: GuardianOptions;
  close(): Promise<void> | void;
}

/** The XState inspector of a watch. It says on stderr where. Throws config.invalid when the port is taken. */
export async function xstateInspector(
  place: NonNullable<WatchOptions['xstateInspector']> | true,
  { printer }: Context,
): Promise<Inspector> {
  const wire = new XStateWire();
  const options = { inspect: wire.inspect };
  if (typeof place === 'string') return { options, ...connectToInspector(wire, place) };
  const server = await openXStateServer(wire, place === true ? 0 : place);
  printer.say(`XState inspector: ${server.page}`);
  return { options, close: server.close };
}
