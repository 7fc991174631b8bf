import { aProfile, type Office } from './aProfile.js';

const connecting = () => {
  const office = aProfile();
  office.send({ type: 'profile.connect' });
  return office;
};
const introducing = () => {
  const office = connecting();
  office.transport.last.tell({ type: 'ssh.ready' });
  return office;
};
const lost = () => {
  const office = aProfile().connect();
  office.lose();
  return office;
};

const placeList = [
  'disconnected',
  'connecting',
  'introducing',
  'identifying',
  'connected',
  'surveying',
  'degraded',
  'lost',
  'waitingToRetry',
  'failed',
] as const;
export type Place = (typeof placeList)[number];
export const placeNames: readonly Place[] = placeList;

/** A way to bring a profile into each of its states. */
export const places: Readonly<Record<Place, () => Office>> = {
  disconnected: () => aProfile(),
  connecting,
  introducing,
  identifying: () => {
    const office = introducing();
    office.survey.last.crash();
    return office;
  },
  connected: () => aProfile().connect(),
  surveying: () => {
    const office = aProfile().connect();
    office.tick();
    return office;
  },
  degraded: () => {
    const office = aProfile().connect();
    office.transport.last.tell({ type: 'ssh.silent', silentMs: 5_000 });
    return office;
  },
  lost,
  waitingToRetry: () => {
    const office = lost();
    office.release.last.answer([]);
    return office;
  },
  failed: () => {
    const office = connecting();
    office.lose(0.5, false);
    return office;
  },
};
