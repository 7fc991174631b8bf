import type { Socket } from 'node:net';
import type { HttpHop, Profile } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';
import type { LoginAnswers } from './answers.js';
import { type Ask, answersOf } from './credentials.js';
import { connectOverHttp } from './httpProxy.js';
import { answersFor, explainAt, type Leg, type WayWorld } from './legs.js';

/** The HTTP proxy in front of the first leg, where there is one. */
export const proxyOf = ({ via = [] }: Profile): HttpHop | undefined =>
  via.flatMap((hop) => (hop.kind === 'http' ? [hop] : []))[0];

/**
 * A connection to the first leg through the profile's HTTP proxy. A password that the credentials do not have is asked for,
 * and remembered as any. Throws what connectOverHttp() throws, with the proxy's name.
 */
export async function openThroughProxy(
  world: WayWorld,
  profile: Profile,
  { host, port }: Leg,
  signal: AbortSignal,
  patiently: (ask: Ask) => Ask,
): Promise<Socket> {
  const proxy = proxyOf(profile);
  if (proxy === undefined) throw new Error('there is no proxy');
  const { user } = proxy;
  const place = { host: proxy.host, port: proxy.port ?? 8_080 };
  const where = `HTTP proxy ${place.host}:${place.port}`;
  if (user === undefined) return connectOverHttp({ proxy: place, host, port }, signal).catch(failed(where));
  const credentials = await world.credentialsOf(profile.id, proxy);
  const login = answersFor(world, profile)
    .of(`${where} ${user}`)
    .begin(credentials, () => !signal.aborted);
  const password =
    credentials.password ?? (await askFor(`Password for ${user} at the ${where}`, login, patiently));
  const wanted = {
    proxy: place,
    host,
    port,
    ...(password === undefined ? {} : { login: { user, password } }),
  };
  const socket = await connectOverHttp(wanted, signal).catch((cause) => {
    if (cause instanceof X2GoError && cause.code === 'auth.refused') login.refused('login');
    return failed(where)(cause);
  });
  login.accepted();
  return socket;
}

/** Undefined where nobody answers: the proxy is tried without. */
async function askFor(
  title: string,
  { ask }: LoginAnswers,
  patiently: (ask: Ask) => Ask,
): Promise<string | undefined> {
  if (ask === undefined) return undefined;
  const prompts = [{ text: 'Password: ', echo: false }];
  return (await answersOf(patiently(ask), { kind: 'password', title, instruction: '', prompts }))?.[0];
}

const failed =
  (where: string) =>
  (cause: unknown): never => {
    throw explainAt(where, cause);
  };
