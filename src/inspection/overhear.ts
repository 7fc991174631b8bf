import type { AnyActorRef, InspectionEvent } from 'xstate';

type Hear = (event: InspectionEvent) => void;

/** The part of an actor system that XState keeps to itself. */
interface Announcing {
  _sendInspectionEvent?: Hear;
}

/**
 * Hears of everything below a root that has not been started. XState copies every event for those who inspect, which costs
 * more than all that we do with it: so we listen where it is about to, and whoever inspects gets the same events after us.
 */
export function overhear(root: AnyActorRef, hear: Hear): void {
  const system = root.system as unknown as Announcing;
  const announce = system._sendInspectionEvent;
  if (announce === undefined) {
    root.system.inspect(hear);
    return;
  }
  system._sendInspectionEvent = (event) => {
    hear(event);
    announce(event);
  };
}
