import { createAgentSupply } from './agents.js';
import type { Emulator, EmulatorOptions } from './api.js';
import { type AuthAttempt, createDoor } from './authentication.js';
import { Births } from './births.js';
import { defaultFeatures, defaultVersions } from './defaults.js';
import { noFaults } from './faultPlan.js';
import { EmulatorFaults } from './faults.js';
import { Forwards } from './forwards.js';
import { Graphics } from './graphics.js';
import { hostKeyOf, newKeyPair } from './identity.js';
import { Listener } from './listener.js';
import { Processes } from './processes.js';
import { SshServer } from './server.js';
import { SessionStore } from './sessionStore.js';
import { EmulatedSessions } from './sessions.js';
import { runShell } from './shell.js';
import { createSteps } from './steps.js';
import { createTimers } from './timers.js';
import { Walker } from './walker.js';

/** Starts an X2Go server in this process, on 127.0.0.1. It runs no program and touches no file. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { user = 'alice', hostName = 'emulator', now = Date.now, pace = 0 } = options;
  const plan = noFaults();
  const timers = createTimers(options.clock);
  const clientKey = newKeyPair();
  const hostKey = hostKeyOf(options.hostKey);
  const store = new SessionStore({ user, hostName, now });
  const supply = createAgentSupply(user);
  const births = new Births(store, supply);
  const steps = createSteps(store, supply, timers);
  const walker = new Walker(timers, pace);
  const sessions = new EmulatedSessions({ store, births, steps, walker });
  const graphics = new Graphics({ store, steps, walker, plan });
  const forwards = new Forwards(plan, store);
  const desktops = [...(options.desktops ?? [])];
  const commandsServed: string[] = [];
  const authAttempts: AuthAttempt[] = [];

  const keysOnly = options.password === undefined && options.keyboardInteractive === undefined;
  const authorizedKeys = options.authorizedKeys ?? (keysOnly ? [] : undefined);
  const door = createDoor(
    {
      user,
      password: options.password,
      authorizedKeys: authorizedKeys === undefined ? [] : [...authorizedKeys, clientKey.public],
      keyboardInteractive: options.keyboardInteractive,
    },
    plan,
    (attempt) => authAttempts.push(attempt),
  );
  const world = {
    sessions,
    store,
    births,
    steps,
    walker,
    timers,
    plan,
    processes: new Processes(supply.pid),
    missingCommands: options.missingCommands ?? [],
    features: options.features ?? defaultFeatures,
    versions: options.versions ?? defaultVersions,
    desktops,
    served: (verb: string) => commandsServed.push(verb),
  };
  const server = new SshServer(
    {
      plan,
      door,
      shell: (channel, command, cut) => runShell(channel, command, cut, world),
      graphics,
      forwards,
    },
    hostKey.privateKey,
  );
  const listener = new Listener(plan, (line) => server.serve(line));
  await listener.open(options.port ?? 0);

  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      store.clear();
      timers.clear();
      await listener.retire();
    })();
    return stopping;
  };
  return {
    host: '127.0.0.1',
    port: listener.port,
    user,
    clientKey: clientKey.private,
    hostKey: hostKey.publicKey,
    fingerprint: hostKey.fingerprint,
    knownHostsLine: `[127.0.0.1]:${listener.port} ${hostKey.publicKey}`,
    sessions,
    faults: new EmulatorFaults({ plan, listener, server, graphics, hostKey: hostKey.privateKey }),
    desktops,
    get connections() {
      return listener.lines.size;
    },
    get channels() {
      return server.channels;
    },
    get tunnels() {
      return server.tunnels.size;
    },
    get forwards() {
      return forwards.ports;
    },
    connectTo: (port) => forwards.connect(port),
    get connectionsAccepted() {
      return listener.accepted;
    },
    get pendingTimers() {
      return timers.pending;
    },
    commandsServed,
    authAttempts,
    rekey: () => {
      for (const client of server.clients) client.rekey();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
