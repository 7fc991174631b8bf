import type { Presentation, SessionOrder, Work } from '../../machines/orders.js';
import { translateUnsized } from '../protocol/order.js';
import { type ExportedFolder, exportedFolders } from './exportList.js';
import { presentationOf } from './profilePresentation.js';
import type { Settings } from './sessionKeys.js';
import type { SessionProfile } from './sessionProfile.js';

/** A hop before the server, as the profile has it. */
export interface ProxyHop {
  readonly type: 'ssh' | 'http';
  readonly host: string;
  readonly port: number;
  /** Absent: as on the server, when `sameUser`. */
  readonly user?: string;
  readonly keyFile?: string;
  readonly sameUser: boolean;
  readonly samePassword: boolean;
  readonly sameKey: boolean;
}

/** What a profile asks for when it is guarded. */
export interface AtConnect {
  readonly connect: boolean;
  readonly resume: 'none' | 'newest' | 'oldest' | 'all';
  /** Start a session where there was none to resume. */
  readonly start: boolean;
}

/** What a profile of x2goclient's files comes to. */
export interface ResolvedProfile {
  readonly host: string;
  readonly port: number;
  /** Absent: the local user's name. */
  readonly user?: string;
  readonly keyFile?: string;
  readonly presentation: Presentation;
  /** Absent: why is in `noOrder`. */
  readonly order?: SessionOrder;
  readonly noOrder?: string;
  readonly folders: readonly ExportedFolder[];
  readonly proxy?: ProxyHop;
  readonly atConnect: AtConnect;
  /** What the profile wants and this client does not do, or what was not understood. */
  readonly notices: readonly string[];
}

export type Resolution =
  | { readonly ok: true; readonly profile: ResolvedProfile }
  | { readonly ok: false; readonly reason: string };

/** From keys to what a session needs. Total; what cannot be used is told, never guessed. */
export function resolve({ settings, troubles }: SessionProfile): Resolution {
  const { host: hosts, sshport: port, user, key, usesshproxy } = settings;
  const [host = ''] = hosts;
  if (!isHost(host))
    return { ok: false, reason: host === '' ? 'it names no host' : 'its host is no host name' };
  if (user !== '' && !/^[^\s:@-][^\s:]*$/.test(user))
    return { ok: false, reason: 'its user is no user name' };
  const proxy = usesshproxy ? proxyOf(settings) : undefined;
  if (proxy !== undefined && !isHost(proxy.host))
    return { ok: false, reason: 'it is reached by an SSH proxy whose host is no host name' };
  const shown = presentationOf(settings);
  const work = workOf(settings);
  const ordered = work.ok ? checked(orderOf(work.work, shown.presentation, settings)) : work;
  return {
    ok: true,
    profile: {
      host,
      port,
      ...(user === '' ? {} : { user }),
      ...(key === '' ? {} : { keyFile: key }),
      presentation: shown.presentation,
      ...(ordered.ok ? { order: ordered.order } : { noOrder: ordered.reason }),
      folders: settings.useexports ? exportedFolders(settings.export) : [],
      ...(proxy === undefined ? {} : { proxy }),
      atConnect: {
        connect: settings.autoconnect || settings.autostart || settings.autoresume !== 'none',
        // As python-x2go: the latest one there is, else a new one.
        resume: settings.autoresume === 'none' && settings.autostart ? 'newest' : settings.autoresume,
        start: settings.autostart,
      },
      notices: [...troubles, ...shown.notices, ...notDone(settings)],
    },
  };
}

const isHost = (text: string) => /^[^\s/@\x00-\x1f-][^\s/@\x00-\x1f]*$/.test(text) && text.length <= 255;

function proxyOf(settings: Settings): ProxyHop {
  const { sshproxytype, sshproxyhost, sshproxyport, sshproxyuser, sshproxykeyfile } = settings;
  // x2goclient takes host:port in the one field, too.
  const [, host = sshproxyhost, port] = /^([^:]+):(\d{1,5})$/.exec(sshproxyhost) ?? [];
  return {
    type: sshproxytype === 'SSH' ? 'ssh' : 'http',
    host,
    port: port === undefined ? sshproxyport : Number(port),
    ...(sshproxyuser === '' || settings.sshproxysameuser ? {} : { user: sshproxyuser }),
    ...(sshproxykeyfile === '' || settings.sshproxysamekey ? {} : { keyFile: sshproxykeyfile }),
    sameUser: settings.sshproxysameuser,
    samePassword: settings.sshproxysamepass,
    sameKey: settings.sshproxysamekey,
  };
}

type WorkFound = { readonly ok: true; readonly work: Work } | { readonly ok: false; readonly reason: string };

function workOf(settings: Settings): WorkFound {
  const { command, published, rootless, rdpserver, rdpport, rdpoptions } = settings;
  if (published) return { ok: true, work: { kind: 'published' } };
  if (command === 'SHADOW') return shadowOf(settings);
  if (command === 'XDMCP')
    return settings.directxdmcp
      ? { ok: false, reason: 'direct XDMCP is a local program without X2Go' }
      : { ok: true, work: { kind: 'xdmcp', host: settings.xdmcpserver } };
  if (command !== 'RDP') return { ok: true, work: { kind: rootless ? 'application' : 'desktop', command } };
  if (settings.directrdp) return { ok: false, reason: 'direct RDP is a local program without X2Go' };
  const options = rdpoptions === '' ? {} : { options: rdpoptions };
  // rdesktop's own port is not said.
  const port = rdpport === 3389 ? {} : { port: rdpport };
  return { ok: true, work: { kind: 'rdp', host: rdpserver, ...port, ...options } };
}

function shadowOf({ shadowuser, shadowdisplay, shadowfullaccess }: Settings): WorkFound {
  const display = /^:?(\d{1,5})$/.exec(shadowdisplay)?.[1];
  if (shadowuser === '' || display === undefined)
    return { ok: false, reason: 'it shares a desktop and does not say which: name it with --share USER@:N' };
  const desktop = { user: shadowuser, display: Number(display) };
  return { ok: true, work: { kind: 'shadow', desktop, mode: shadowfullaccess ? 'full' : 'view' } };
}

function orderOf(work: Work, presentation: Presentation, { setdpi, dpi }: Settings): SessionOrder {
  return { ...work, ...presentation, ...(setdpi ? { dpi } : {}) };
}

function checked(order: SessionOrder) {
  const translated = translateUnsized(order);
  return translated.ok ? ({ ok: true, order } as const) : translated;
}

function notDone(settings: Settings): readonly string[] {
  const { sound, soundsystem, krblogin, kdrive, host } = settings;
  return [
    ...(host.length > 1 ? [`of its ${host.length} hosts the first is used`] : []),
    ...(krblogin ? ['Kerberos is not supported: keys, the agent and passwords are tried'] : []),
    ...(kdrive ? ['X2Go KDrive is not supported: the session is an NX one'] : []),
    ...(sound && soundsystem !== 'pulse' ? [`sound by ${soundsystem} is not supported: it is left out`] : []),
  ];
}
